"""Zero-shot labels: chosen at index time, filtered by, and chosen anew when the vocabulary changes."""

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest

from orchestrator.application import predict_labels as prediction
from orchestrator.application import vocabularies
from orchestrator.application.collections import (
    collection_statistics,
    create_collection,
    get_collection,
    update_collection,
)
from orchestrator.application.images import get_image, list_images, update_image
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Kind, Ports
from orchestrator.application.predict_anew import keep_predicting_anew, predict_anew_once
from orchestrator.application.query import TextQuery
from orchestrator.application.rebuild_index import rebuild_indexes
from orchestrator.application.regions import create_region, list_regions
from orchestrator.application.relabel import Labeller
from orchestrator.application.search import SearchQuery, Target, search
from orchestrator.domain.collection import Segmentation
from orchestrator.domain.embedding import Calibration, EmbeddingSpace
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, Unavailable
from orchestrator.domain.filter import Comparison, Operator
from orchestrator.domain.image import Description, Image, Label
from orchestrator.domain.labels import Labelling, vocabulary
from orchestrator.domain.names import CollectionName, ImageName
from orchestrator.domain.region import Box
from tests.fakes.models import BLIND, PACK, ColourModels
from tests.fixtures.crash import Death, Killed, mortal, recovered
from tests.fixtures.pictures import png

PARENT = CollectionName("shop")
COLOURS = ("red", "green", "blue", "white")
SCENE = png("white", {"red": (8, 8, 31, 31), "blue": (40, 8, 60, 30)})


async def make(ports: Ports, *words: str) -> None:
    await create_collection(
        ports,
        collection_id="shop",
        segmenter=PACK,
        segmentation=Segmentation.FULL,
        labels_vocabulary=words,
    )


async def add(ports: Ports, name: str, content: bytes, **description: object) -> Image:
    said = Description(**description)  # type: ignore[arg-type]
    request = CreateImage(parent=PARENT, image_id=name, content=content, description=said)
    return await create_image(ports, request)


def fake(ports: Ports) -> ColourModels:
    assert isinstance(ports.models, ColourModels)
    return ports.models


async def relabel_once(ports: Ports) -> int:
    return await predict_anew_once(ports, Labeller())


def words(labels: tuple[Label, ...]) -> list[str]:
    return [label.label for label in labels]


async def found(ports: Ports, filter: str) -> list[str]:
    """The images that a filter finds: in the catalog and, the same, in the index."""
    listed, _, _ = await list_images(ports, parent=PARENT, filter=filter)
    hits = await search(
        ports, SearchQuery(parent=PARENT, query=TextQuery("red"), filter=filter, page_size=99)
    )
    names = sorted(image.name.image for image in listed)
    assert sorted(hit.image.name.image for hit in hits.hits) == names
    return names


async def test_an_image_and_its_regions_are_labelled_when_they_come(ports: Ports) -> None:
    await make(ports, *COLOURS)
    made = await add(ports, "red", png("red"))
    assert words(made.predicted_labels) == ["red"]
    assert made.predicted_labels[0].score > 0.9
    assert await get_image(ports, made.name) == made
    scene = await add(ports, "scene", SCENE)
    regions, _ = await list_regions(ports, parent=scene.name)
    assert sorted(words(region.predicted_labels)[0] for region in regions) == ["blue", "red"]
    assert all(region.labels == () for region in regions)
    assert fake(ports).embedded_texts == len(COLOURS)  # once, not once an image
    drawn = await create_region(ports, parent=made.name, box=Box(x_min=0, y_min=0, x_max=9, y_max=9))
    assert words(drawn.predicted_labels) == ["red"]
    assert (await collection_statistics(ports, PARENT)).unlabelled_images == 0


async def test_labels_are_filtered_by(ports: Ports) -> None:
    await make(ports, *COLOURS)
    for colour in ("red", "green"):
        await add(ports, colour, png(colour))
    await add(ports, "said", png("green"), labels=(Label(label="red"), Label(label="holiday")))
    assert await found(ports, 'labels: "red"') == ["red", "said"]
    assert await found(ports, 'predicted_labels = "red"') == ["red"]
    assert await found(ports, 'predicted_labels: "green" AND NOT labels: "holiday"') == ["green"]
    assert await found(ports, "predicted_labels:*") == ["green", "red", "said"]


async def test_of_a_region_its_own_labels_are_filtered_by(ports: Ports) -> None:
    await make(ports, *COLOURS)
    await add(ports, "scene", SCENE, labels=(Label(label="holiday"),))
    for filter, number in (
        ('predicted_labels: "blue"', 1),
        ('labels: "blue" AND labels: "holiday"', 1),
        ('labels: "holiday"', 2),
        ('labels: "green"', 0),
    ):
        query = SearchQuery(parent=PARENT, query=TextQuery("red"), target=Target.REGIONS, filter=filter)
        hits = (await search(ports, query)).hits
        assert len(hits) == number, filter
    collection = await get_collection(ports, PARENT)
    await ports.index.delete_namespace(collection.namespace)
    await rebuild_indexes(ports)
    blue = Comparison("predicted_labels", Operator.EQ, "blue")
    assert await ports.index.count(collection.namespace, Kind.REGION, blue) == 1


async def test_the_packs_own_vocabulary_is_for_collections_without_one(ports: Ports) -> None:
    fake(ports).labelling = Labelling(words=("red", "blue"), prompt="a {} picture", most=1)
    await make(ports)
    assert words((await add(ports, "one", png("red"))).predicted_labels) == ["red"]
    assert (await add(ports, "two", png("green"))).predicted_labels == ()
    await update_collection(ports, name=PARENT, changes={"labels_vocabulary": ("green",)})
    assert await relabel_once(ports) == 2
    assert [
        words((await get_image(ports, ImageName("shop", name))).predicted_labels) for name in ("one", "two")
    ] == [
        [],
        ["green"],
    ]
    await update_collection(ports, name=PARENT, changes={"labels_vocabulary": ()})
    assert await relabel_once(ports) == 2
    assert await found(ports, "predicted_labels:*") == ["one"]


async def test_a_change_relabels_what_is_there_without_a_picture(ports: Ports) -> None:
    await make(ports, "red", "blue")
    for number in range(20):  # more than are relabelled together
        await add(ports, f"i{number}", png("red" if number % 2 else "green", size=(9, 9 + number)))
    before = await get_image(ports, ImageName("shop", "i1"))
    embedded = fake(ports).embedded_pictures
    await update_collection(ports, name=PARENT, changes={"labels_vocabulary": ("green",)})
    assert (await collection_statistics(ports, PARENT)).unlabelled_images == 20
    assert await relabel_once(ports) == 20
    assert (await collection_statistics(ports, PARENT)).unlabelled_images == 0
    assert fake(ports).embedded_pictures == embedded
    assert await found(ports, 'labels: "green"') == sorted(f"i{number}" for number in range(0, 20, 2))
    assert await found(ports, 'labels: "red"') == []
    after = await get_image(ports, before.name)
    assert after.predicted_labels == ()
    assert (after.update_time, after.etag) == (before.update_time, before.etag)  # no caller changed it
    assert await relabel_once(ports) == 0


async def test_another_calibration_of_the_pack_relabels_too(
    ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(ports, *COLOURS)
    before = (await add(ports, "red", png("red"))).predicted_labels[0].score
    embedder = ports.models.embedder(PACK)
    embedder.calibration = Calibration(scale=6.0, bias=-3.0)  # type: ignore[misc]
    monkeypatch.setattr(ports.models, "embedder", lambda pack: embedder)
    assert await relabel_once(ports) == 1
    after = (await get_image(ports, ImageName("shop", "red"))).predicted_labels[0].score
    assert 0.5 < after < before


@pytest.mark.parametrize("after", [False, True])
async def test_a_death_while_relabelling_leaves_each_image_whole(ports: Ports, after: bool) -> None:
    await make(ports, "red")
    for number in range(3):
        await add(
            ports, f"i{number}", png("white", {"red": (8, 8, 31, 31 + number), "blue": (40, 8, 90, 60)})
        )
    collection = await get_collection(ports, PARENT)
    for step in count(1):
        await update_collection(ports, name=PARENT, changes={"labels_vocabulary": ("red",)})
        await relabel_once(ports)
        await update_collection(ports, name=PARENT, changes={"labels_vocabulary": ("blue",)})
        death = Death(step, after=after)
        with suppress(Killed, BaseExceptionGroup):
            await relabel_once(mortal(ports, death))
        await asyncio.sleep(0.01)
        states = set()
        for name, image in (await recovered(ports)).items():
            regions, _ = await list_regions(ports, parent=image.name)
            of_regions = {word for region in regions for word in words(region.predicted_labels)}
            (state,) = of_regions
            states.add(state)
            for word in ("red", "blue"):
                here = Comparison("predicted_labels", Operator.EQ, word)
                held = await ports.index.search(
                    collection.namespace, np.ones(8, np.float32), Kind.REGION, limit=99, filter=here
                )
                own = [each for each in held if each.name.startswith(f"{name}/")]
                assert len(own) == (word == state), (step, name, word)
        await relabel_once(ports)
        assert (await collection_statistics(ports, PARENT)).unlabelled_images == 0
        blue = Comparison("predicted_labels", Operator.EQ, "blue")
        assert await ports.index.count(collection.namespace, Kind.REGION, blue) == 3
        if not death.struck:
            assert (step > 2, states) == (True, {"blue"})
            return


async def test_an_image_that_changes_meanwhile_keeps_both_changes(ports: Ports) -> None:
    await make(ports, "red")
    await add(ports, "one", png("green"))
    await update_collection(ports, name=PARENT, changes={"labels_vocabulary": ("green",)})
    name = ImageName("shop", "one")
    await asyncio.gather(
        *(update_image(ports, name=name, changes={"folder": f"f{number}"}) for number in range(5)),
        relabel_once(ports),
    )
    await relabel_once(ports)
    image = await get_image(ports, name)
    assert words(image.predicted_labels) == ["green"]
    assert await found(ports, f'labels: "green" AND folder = "{image.description.folder}"') == ["one"]


async def test_a_region_of_another_vocabulary_has_its_image_relabelled(
    ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(ports, "green")
    made = await add(ports, "one", png("red"))
    old = await get_collection(ports, PARENT)
    await update_collection(ports, name=PARENT, changes={"labels_vocabulary": ("red",)})
    await relabel_once(ports)
    with monkeypatch.context() as patched:  # as if the region had been begun before the change

        async def before(_: CollectionName) -> object:
            return old

        patched.setattr(ports.catalog, "get_collection", before)
        region = await create_region(ports, parent=made.name, box=Box(x_min=0, y_min=0, x_max=9, y_max=9))
    assert region.predicted_labels == ()
    assert (await collection_statistics(ports, PARENT)).unlabelled_images == 1
    assert await relabel_once(ports) == 1
    assert words((await ports.catalog.get_region(region.name)).predicted_labels) == ["red"]


async def test_words_that_take_long_to_embed_hold_no_image_up(
    ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(ports, *COLOURS)
    monkeypatch.setattr(prediction, "PATIENCE", 0.2)
    slow = asyncio.Event()
    embed = type(ports.models.embedder(PACK)).embed_texts

    async def wait(self: object, texts: list[str]) -> object:
        await slow.wait()
        return await embed(self, texts)  # type: ignore[arg-type]

    monkeypatch.setattr("tests.fakes.models.ColourEmbedder.embed_texts", wait)
    assert (await add(ports, "one", png("red"))).predicted_labels == ()
    monkeypatch.setattr(prediction, "PATIENCE", 3600)
    monkeypatch.setattr(vocabularies, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 3600))
    for number in range(10):  # were each to wait, it would be for an hour
        await add(ports, f"i{number}", png("red", size=(5, 5 + number)))
    assert (await collection_statistics(ports, PARENT)).unlabelled_images == 11
    relabelling = asyncio.create_task(keep_predicting_anew(ports, Labeller(), every=0.01))
    slow.set()
    async with asyncio.timeout(10):
        while (await collection_statistics(ports, PARENT)).unlabelled_images:
            await asyncio.sleep(0.02)
    relabelling.cancel()
    assert fake(ports).embedded_texts == len(COLOURS)
    assert len(await found(ports, 'labels: "red"')) == 11


async def test_a_text_tower_that_is_gone_holds_no_image_up(
    ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(ports, *COLOURS)

    async def gone(*_: object) -> None:
        raise Unavailable("gone")

    with monkeypatch.context() as patched:
        patched.setattr("tests.fakes.models.ColourEmbedder.embed_texts", gone)
        made = await add(ports, "one", png("red"))
        with pytest.raises(Unavailable):
            await relabel_once(ports)
    assert await relabel_once(ports) == 1
    assert words((await get_image(ports, made.name)).predicted_labels) == ["red"]


async def test_a_pack_that_went_leaves_labels_as_they_are(
    ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(ports, "red")
    await add(ports, "one", png("red"))
    await update_collection(ports, name=PARENT, changes={"labels_vocabulary": ("blue",)})
    embedder = ports.models.embedder(PACK)
    embedder.space = replace(embedder.space, revision="2")  # type: ignore[misc]
    monkeypatch.setattr(ports.models, "embedder", lambda pack: embedder)
    assert await relabel_once(ports) == 0
    assert (await collection_statistics(ports, PARENT)).unlabelled_images == 0
    assert await ports.catalog.count_images(PARENT, Comparison("labels", Operator.EQ, "red")) == 1


@pytest.mark.parametrize(
    "bad", [("",), (" red",), ("red", "red"), ("a\nb",), ("a\0b",), ("x" * 201,), ("w",) * 10_001]
)
async def test_words_that_are_no_labels_are_refused(ports: Ports, bad: tuple[str, ...]) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await create_collection(ports, collection_id="other", labels_vocabulary=bad)
    assert caught.value.violations[0].field.startswith("collection.labels_vocabulary")


async def test_a_pack_without_words_labels_nothing(ports: Ports) -> None:
    with pytest.raises(FailedPrecondition) as caught:
        await create_collection(ports, collection_id="other", embedder=BLIND, labels_vocabulary=("red",))
    assert caught.value.reason == "NO_TEXT_TOWER"
    await create_collection(ports, collection_id="shop", embedder=BLIND)
    assert (await add(ports, "one", png("red"))).predicted_labels == ()
    assert await relabel_once(ports) == 0


def test_the_most_relevant_words_are_chosen() -> None:
    space = EmbeddingSpace(pack="p", revision="1", preprocessing="x", dimension=3)
    of_images, of_regions = Calibration(scale=10, bias=-5), Calibration(scale=10, bias=-8, threshold=0.7)
    embedded = np.eye(3, dtype=np.float32)
    vectors = np.array([[0.9, 0.6, 0.1], [0.0, 0.0, 1.0]], np.float32)
    choose = vocabulary(("a", "b", "c"), Labelling(most=2), space, of_images, of_regions).choose
    assert [words(labels) for labels in choose(vectors, embedded)] == [["a", "b"], ["c"]]
    assert choose(vectors, embedded)[0][0].score == pytest.approx(of_images.relevance(0.9), abs=1e-4)
    assert [words(labels) for labels in choose(vectors, embedded, regions=True)] == [["a"], ["c"]]
    strict = vocabulary(("a", "b", "c"), Labelling(threshold=0.99), space, of_images, of_regions)
    assert [words(labels) for labels in strict.choose(vectors, embedded)] == [[], ["c"]]
    assert strict.choose(vectors[:0], embedded) == []
    none = vocabulary((), Labelling(), space, of_images, of_regions)
    assert (none.stamp, none.choose(vectors, embedded[:0])) == ("", [(), ()])
    prompted = vocabulary(("a",), Labelling(prompt="a photo of a {}"), space, of_images, of_regions)
    assert prompted.texts == ["a photo of a a"]
    assert len({each.stamp for each in (strict, none, prompted)}) == 3

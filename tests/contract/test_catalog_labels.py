"""What every catalog does with predicted labels: they change whole, and only where nothing else did."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.application.ports import Catalog, LabelChange, Prediction
from orchestrator.domain.errors import Aborted, NotFound
from orchestrator.domain.filter import Comparison, Operator
from orchestrator.domain.image import Image, Label
from orchestrator.domain.names import CollectionName, EmbeddedName
from orchestrator.domain.region import Region
from tests.fixtures.catalogs import downgrade
from tests.fixtures.images import collection, image, region, vectors_of

THINGS = CollectionName("things")
LATER = datetime(2100, 1, 1, tzinfo=UTC)
CAT, DOG = Label(label="cat", score=0.75), Label(label="dog", score=0.5)


@pytest.fixture
async def catalog(catalog_url: str) -> AsyncIterator[Catalog]:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    await catalog.add_collection(collection(labels_vocabulary=("cat", "dog", "a b")))
    yield catalog
    await catalog.close()


async def shown(catalog: Catalog, image: Image, *regions: Region) -> Image:
    image = replace(image, region_count=len(regions))
    work = await catalog.begin_image(image, regions, vectors_of(image, regions))
    assert work.region_labels == {each.name: each.predicted_labels for each in regions}
    assert await catalog.finish(work, work.entry)
    return await catalog.get_image(image.name)


def change(image: Image, *regions: Region, revision: int = 1) -> LabelChange:
    labels: dict[EmbeddedName, tuple[Label, ...]] = {image.name: (DOG,)}
    labels |= {each.name: (DOG, CAT) for each in regions}
    return LabelChange(image=image.name, revision=revision, vocabulary="new", labels=labels)


async def test_labels_are_kept_with_what_they_are_of(catalog: Catalog) -> None:
    assert (await catalog.get_collection(THINGS)).labels_vocabulary == ("cat", "dog", "a b")
    one = replace(image(), predicted_labels=(CAT,), vocabulary="old")
    part = replace(region(one), predicted_labels=(DOG,))
    found = await shown(catalog, one, part)
    assert (found.predicted_labels, found.vocabulary) == ((CAT,), "old")
    assert await catalog.get_region(part.name) == part
    for name in ("labels", "predicted_labels"):
        assert await catalog.count_images(THINGS, Comparison(name, Operator.EQ, "cat")) == 1
        assert await catalog.count_images(THINGS, Comparison(name, Operator.EQ, "dog")) == 0


async def test_labels_change_whole_and_leave_an_entry(catalog: Catalog) -> None:
    one = replace(image(), predicted_labels=(CAT,), vocabulary="old")
    parts = [region(one, "1"), region(one, "2")]
    before = await shown(catalog, one, *parts)
    assert await catalog.outdated(THINGS, Prediction.LABELS, "old", limit=9) == []
    (work,) = await catalog.outdated(THINGS, Prediction.LABELS, "new", limit=9)
    assert (work.record, work.revision, len(work.vectors)) == (before, 1, 3)
    held = await catalog.get_collection(THINGS)
    assert (await catalog.collection_totals(THINGS, vocabulary="new")).labelled_otherwise == 1
    (entry,) = await catalog.change_predictions(held, [change(one, *parts)])
    assert [each.id for each in await catalog.owed(before=LATER, limit=9)] == [entry.id]
    after = await catalog.get_image(one.name)
    assert (after.predicted_labels, after.vocabulary) == ((DOG,), "new")
    assert after == replace(before, predicted_labels=(DOG,), vocabulary="new")
    assert [each.predicted_labels for each in await catalog.list_regions(one.name, limit=9)] == [
        (DOG, CAT)
    ] * 2
    assert await catalog.count_images(THINGS, Comparison("labels", Operator.EQ, "dog")) == 1
    assert await catalog.count_images(THINGS, Comparison("labels", Operator.EQ, "cat")) == 0
    again = await catalog.read_work(one.name)
    assert again is not None
    assert again.revision == 2
    assert again.region_labels == {each.name: (DOG, CAT) for each in parts}
    assert (await catalog.collection_totals(THINGS, vocabulary="new")).labelled_otherwise == 1
    assert await catalog.finish(again, entry)
    assert (await catalog.collection_totals(THINGS, vocabulary="new")).labelled_otherwise == 0
    assert (await catalog.collection_totals(THINGS)).labelled_otherwise == 0


async def test_what_changed_or_went_meanwhile_is_left_out(catalog: Catalog) -> None:
    changed, gone, same = [await shown(catalog, image(name)) for name in ("changed", "gone", "same")]
    await catalog.change_image(changed, etag=changed.etag)
    await catalog.begin_image_deletion(gone.name)
    held = await catalog.get_collection(THINGS)
    entries = await catalog.change_predictions(held, [change(each) for each in (changed, gone, same)])
    assert [entry.name for entry in entries] == [same.name]
    assert (await catalog.get_image(changed.name)).predicted_labels == ()
    (left,) = await catalog.outdated(THINGS, Prediction.LABELS, "new", limit=9)
    assert left.record.name == changed.name  # one that is being deleted needs no labels


async def test_a_caller_who_knows_the_old_labels_changes_the_rest(catalog: Catalog) -> None:
    one = await shown(catalog, replace(image(), predicted_labels=(CAT,), vocabulary="old"))
    await catalog.change_predictions(await catalog.get_collection(THINGS), [change(one)])
    said = replace(one, description=replace(one.description, folder="new"), etag="other")
    await catalog.change_image(said, etag=one.etag)
    assert await catalog.get_image(one.name) == replace(said, predicted_labels=(DOG,), vocabulary="new")
    for label, found in (("dog", 1), ("cat", 0)):
        assert await catalog.count_images(THINGS, Comparison("labels", Operator.EQ, label)) == found


async def test_a_collection_that_changed_meanwhile_is_not_relabelled(catalog: Catalog) -> None:
    one = await shown(catalog, image())
    held = await catalog.get_collection(THINGS)
    await catalog.change_collection(replace(held, labels_vocabulary=("x",), etag="other"), etag=held.etag)
    with pytest.raises(Aborted):
        await catalog.change_predictions(held, [change(one)])
    with pytest.raises(NotFound):
        await catalog.change_predictions(collection("nowhere"), [change(one)])
    assert (await catalog.get_image(one.name)).predicted_labels == ()


@pytest.mark.parametrize(("of_region", "left"), [("old", "old"), ("new", "?")])
async def test_an_image_with_a_region_of_another_vocabulary_is_of_neither(
    catalog: Catalog, of_region: str, left: str
) -> None:
    one = await shown(catalog, replace(image(), vocabulary="old"))
    part = replace(region(one), predicted_labels=(CAT,))
    await catalog.begin_regions(one.name, [part], vectors_of(one, [part])[1:], vocabulary=of_region)
    assert (await catalog.get_image(one.name)).vocabulary == left


async def test_what_was_there_before_labels_were_is_labelled_later(catalog_url: str) -> None:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    await catalog.add_collection(collection())
    before = await shown(catalog, image(), region(image()))
    await catalog.close()
    downgrade(catalog_url, "0001")  # to the tables of the first version, and what they held
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    assert await catalog.get_image(before.name) == before
    assert (await catalog.get_collection(THINGS)).labels_vocabulary == ()
    assert len(await catalog.outdated(THINGS, Prediction.LABELS, "new", limit=9)) == 1
    await catalog.close()

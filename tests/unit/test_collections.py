"""Collections: their packs, their defaults and their end."""

from dataclasses import replace

import pytest

from orchestrator.application.collections import (
    collection_statistics,
    create_collection,
    delete_collection,
    ensure_default_collection,
    finish_deletion,
    get_collection,
    list_collections,
    update_collection,
)
from orchestrator.application.embed import embedder_of
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Ports
from orchestrator.domain.collection import DEFAULT_COLLECTION, Segmentation
from orchestrator.domain.errors import Aborted, AlreadyExists, FailedPrecondition, InvalidArgument, NotFound
from orchestrator.domain.names import CollectionName
from tests.fakes.models import BLIND, PACK
from tests.fixtures.pictures import png


async def test_a_collection_takes_the_servers_packs_and_segments(ports: Ports) -> None:
    made = await create_collection(ports, collection_id="things", display_name="Things")
    assert (made.embedder, made.segmenter, made.segmentation) == (PACK, PACK, Segmentation.QUICK)
    assert await get_collection(ports, made.name) == made
    other = await create_collection(ports, collection_id="other", embedder=BLIND)
    assert other.space != made.space
    with pytest.raises(AlreadyExists):
        await create_collection(ports, collection_id="things")


async def test_a_server_without_a_segmenter_does_not_segment(ports: Ports) -> None:
    bare = replace(ports, default_segmenter="none")
    made = await create_collection(bare, collection_id="things")
    assert (made.segmenter, made.segmentation) == ("", Segmentation.OFF)
    with pytest.raises(InvalidArgument):
        await update_collection(bare, name=made.name, changes={"segmentation": Segmentation.FULL})


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"collection_id": "Upper"}, "collection_id"),
        ({"collection_id": "-a"}, "collection_id"),
        ({"collection_id": "a" * 64}, "collection_id"),
        ({"collection_id": "a", "embedder": "unknown"}, "embedder"),
        ({"collection_id": "a", "segmenter": "unknown"}, "segmenter"),
    ],
)
async def test_what_cannot_be_a_collection(ports: Ports, options: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await create_collection(ports, **options)  # type: ignore[arg-type]
    assert caught.value.violations[0].field == field


async def test_the_default_collection_is_made_once_and_stays(ports: Ports) -> None:
    for _ in range(2):
        await ensure_default_collection(ports)
    with pytest.raises(FailedPrecondition):
        await delete_collection(ports, name=DEFAULT_COLLECTION, force=True)


async def test_the_default_collection_segments_as_it_is_told(ports: Ports) -> None:
    await ensure_default_collection(replace(ports, default_segmenter="none"), Segmentation.FULL)
    made = await get_collection(ports, DEFAULT_COLLECTION)
    assert (made.segmenter, made.segmentation) == ("", Segmentation.OFF)
    await ports.catalog.begin_collection_deletion(made.name, force=False, etag="")
    await finish_deletion(ports, made)
    await ensure_default_collection(ports, Segmentation.FULL)
    assert (await get_collection(ports, DEFAULT_COLLECTION)).segmentation is Segmentation.FULL


async def test_an_empty_default_collection_moves_into_the_installed_space(ports: Ports) -> None:
    await ensure_default_collection(ports)
    old = await get_collection(ports, DEFAULT_COLLECTION)
    await ensure_default_collection(replace(ports, default_embedder="gone"))
    assert await get_collection(ports, DEFAULT_COLLECTION) == old
    changed = replace(ports, default_embedder=BLIND)
    await ensure_default_collection(changed)
    assert (await get_collection(ports, DEFAULT_COLLECTION)).space == ports.models.embedder(BLIND).space.stamp
    await create_image(changed, CreateImage(parent=DEFAULT_COLLECTION, content=png("red")))
    held = await get_collection(ports, DEFAULT_COLLECTION)
    await ensure_default_collection(ports)
    assert await get_collection(ports, DEFAULT_COLLECTION) == held


@pytest.mark.parametrize(
    ("name", "help"), [("things", "delete it with force"), ("default", "another SIGHTLINE_DATA_DIR")]
)
async def test_a_collection_of_another_space_says_what_helps(ports: Ports, name: str, help: str) -> None:
    await ensure_default_collection(ports)
    if name == "things":
        await create_collection(ports, collection_id="things")
    held = await get_collection(ports, CollectionName(name))
    with pytest.raises(FailedPrecondition) as caught:
        embedder_of(ports, replace(held, space=f"{PACK}@0+other"))
    assert caught.value.reason == "EMBEDDING_SPACE_MISMATCH"
    assert "a new collection" in caught.value.message
    assert help in caught.value.message


async def test_pages_of_collections(ports: Ports) -> None:
    for name in ("c", "a", "b"):
        await create_collection(ports, collection_id=name)
    first, token = await list_collections(ports, page_size=2)
    rest, end = await list_collections(ports, page_token=token)
    assert [each.name.collection for each in [*first, *rest]] == ["a", "b", "c"]
    assert end == ""


async def test_a_page_holds_what_fits_into_a_message(ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.application.collections._LETTERS_A_PAGE", 9)
    for name in ("a", "b", "c", "d"):
        await create_collection(ports, collection_id=name, labels_vocabulary=("red", name))
    pages, token = [], ""
    while True:
        page, token = await list_collections(ports, page_size=4, page_token=token)
        pages.append([each.name.collection for each in page])
        if not token:
            break
    assert pages == [["a", "b"], ["c", "d"]]


async def test_a_change_needs_a_known_pack_and_a_current_etag(ports: Ports) -> None:
    made = await create_collection(ports, collection_id="things")
    changed = await update_collection(
        ports, name=made.name, changes={"segmentation": Segmentation.FULL}, etag=made.etag
    )
    assert changed.segmentation is Segmentation.FULL
    assert await get_collection(ports, made.name) == changed
    with pytest.raises(Aborted):
        await update_collection(ports, name=made.name, changes={"display_name": "x"}, etag=made.etag)
    with pytest.raises(InvalidArgument):
        await update_collection(ports, name=made.name, changes={"segmenter": "unknown"})
    with pytest.raises(InvalidArgument):
        await update_collection(ports, name=made.name, changes={"embedder": PACK})


async def test_a_collection_goes_with_all_that_it_holds(ports: Ports) -> None:
    made = await create_collection(ports, collection_id="things")
    for number in range(3):
        content = png("white", {"red": (1, 1, 20, 20 + number)})
        await create_image(ports, CreateImage(parent=made.name, content=content))
    held = await collection_statistics(ports, made.name)
    assert (held.image_vectors, held.region_vectors, held.pending_images) == (3, 3, 0)
    assert (held.dimension, held.content_bytes > 100) == (made.dimension, True)
    with pytest.raises(FailedPrecondition):
        await delete_collection(ports, name=made.name)
    await delete_collection(ports, name=made.name, force=True)
    with pytest.raises(NotFound):
        await get_collection(ports, made.name)
    assert [key async for key, _ in ports.blobs.list()] == []
    again = await create_collection(ports, collection_id="things")
    assert (await get_collection(ports, CollectionName("things"))).image_count == 0
    assert (await collection_statistics(ports, again.name)).image_vectors == 0

"""Creating images: idempotent, bounded, and whole."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.application.collections import create_collection, ensure_default_collection
from orchestrator.application.images import delete_image, get_image, list_images
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.permits import Permits
from orchestrator.application.ports import Kind, Ports
from orchestrator.application.regions import list_regions
from orchestrator.domain.collection import DEFAULT_COLLECTION, Segmentation
from orchestrator.domain.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    SightlineError,
    Unavailable,
)
from orchestrator.domain.image import MAX_CONTENT_BYTES, Description
from orchestrator.domain.names import IMAGE_ID, CollectionName, ImageName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.region import Origin
from tests.fixtures.pictures import png

PICTURE = png("white", {"red": (8, 8, 30, 30), "blue": (50, 20, 80, 50)})
OTHER = png("green")
CREATE = CreateImage(parent=DEFAULT_COLLECTION, content=PICTURE, description=Description(folder="a/b"))
REQUEST_ID = "5f3c1c0e-0000-4000-8000-000000000001"


@pytest.fixture
async def mesh(ports: Ports) -> Ports:
    await create_collection(ports, collection_id="default", segmentation=Segmentation.QUICK)
    await ensure_default_collection(ports)
    return ports


async def files(ports: Ports) -> list[str]:
    return [key async for key, _ in ports.blobs.list()]


async def test_an_image_comes_with_its_facts_its_regions_and_its_vectors(mesh: Ports) -> None:
    made = await create_image(mesh, CREATE)
    assert IMAGE_ID.fullmatch(made.name.image)
    assert made.state is RecordState.ACTIVE
    assert (made.facts.width, made.facts.height, made.region_count) == (96, 64, 2)
    assert await get_image(mesh, made.name) == made
    regions, token = await list_regions(mesh, parent=made.name)
    assert [region.name.region for region in regions] == ["1", "2"]
    assert regions[0].segment.area > regions[1].segment.area
    assert {region.origin for region in regions} == {Origin.AUTOMATIC}
    assert token == ""
    space = (await mesh.catalog.get_collection(DEFAULT_COLLECTION)).namespace
    assert (await mesh.index.count(space, Kind.IMAGE), await mesh.index.count(space, Kind.REGION)) == (1, 2)
    vectors = await mesh.catalog.get_vectors([made.name, *(region.name for region in regions)])
    largest = vectors[regions[0].name].vector
    assert [each.name for each in await mesh.index.search(space, largest, Kind.REGION, limit=1)] == [
        str(regions[0].name)
    ]
    assert await mesh.blobs.get(made.blob_key) == PICTURE


async def test_chosen_ids_sort_by_time(mesh: Ports) -> None:
    made = [await create_image(mesh, replace(CREATE, content=OTHER)) for _ in range(3)]
    assert len({image.name for image in made}) == 3
    first, last = made[0].name.image, made[2].name.image
    assert first[:8] <= last[:8]
    assert len(first) == 26


async def test_a_collection_that_does_not_segment_asks_no_segmenter(mesh: Ports) -> None:
    await create_collection(mesh, collection_id="plain", segmentation=Segmentation.OFF)
    made = await create_image(mesh, replace(CREATE, parent=CollectionName("plain")))
    assert made.region_count == 0


async def test_of_one_id_created_at_once_one_wins(mesh: Ports) -> None:
    requests = [replace(CREATE, image_id="same", content=content) for content in (PICTURE, OTHER) * 3]
    results = await asyncio.gather(*(create_image(mesh, each) for each in requests), return_exceptions=True)
    made = [result for result in results if not isinstance(result, BaseException)]
    assert len(made) == 1
    assert {type(result) for result in results if isinstance(result, BaseException)} == {AlreadyExists}
    assert await files(mesh) == [made[0].blob_key]
    winner = await get_image(mesh, ImageName("default", "same"))
    assert await mesh.blobs.get(winner.blob_key) in (PICTURE, OTHER)
    with pytest.raises(AlreadyExists):
        await create_image(mesh, requests[0])


async def test_a_name_can_be_used_again_after_its_deletion(mesh: Ports) -> None:
    for content in (PICTURE, OTHER, PICTURE):
        made = await create_image(mesh, replace(CREATE, image_id="again", content=content))
        assert await mesh.blobs.get(made.blob_key) == content
        await delete_image(mesh, name=made.name)
        assert await files(mesh) == []


async def test_the_same_request_answers_the_same_image(mesh: Ports) -> None:
    request = replace(CREATE, request_id=REQUEST_ID)
    results = await asyncio.gather(*(create_image(mesh, request) for _ in range(5)))
    again = await create_image(mesh, request)
    assert {image.name for image in results} == {again.name}
    assert await files(mesh) == [again.blob_key]
    assert (await list_images(mesh, parent=DEFAULT_COLLECTION))[2] == 1


@pytest.mark.parametrize(
    "change",
    [{"content": OTHER}, {"image_id": "named"}, {"description": Description(folder="a")}],
    ids=["content", "id", "description"],
)
async def test_a_request_id_belongs_to_one_request(mesh: Ports, change: dict[str, Any]) -> None:
    request = replace(CREATE, request_id=REQUEST_ID)
    await create_image(mesh, request)
    with pytest.raises(InvalidArgument) as caught:
        await create_image(mesh, replace(request, **change))
    assert caught.value.violations[0].field == "request_id"


async def test_validating_stores_nothing(mesh: Ports) -> None:
    checked = await create_image(mesh, replace(CREATE, validate_only=True, request_id=REQUEST_ID))
    assert (checked.facts.width, checked.facts.content_type) == (96, "image/png")
    assert await files(mesh) == []
    assert (await list_images(mesh, parent=DEFAULT_COLLECTION))[2] == 0
    with pytest.raises(InvalidArgument):
        await create_image(mesh, replace(CREATE, content=b"no picture", validate_only=True))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content": b""}, "content"),
        ({"content": b"x" * (MAX_CONTENT_BYTES + 1)}, "content"),
        ({"content": PICTURE[:80]}, "content"),
        ({"image_id": "../up"}, "image_id"),
        ({"image_id": "-dash"}, "image_id"),
        ({"image_id": "x" * 129}, "image_id"),
        ({"description": Description(caption="a\0b")}, "image"),
    ],
)
async def test_a_bad_request_stores_nothing(mesh: Ports, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await create_image(mesh, replace(CREATE, **change))
    assert caught.value.violations[0].field == field
    assert await files(mesh) == []


async def test_no_collection_no_image(mesh: Ports) -> None:
    with pytest.raises(NotFound):
        await create_image(mesh, replace(CREATE, parent=CollectionName("nowhere")))


async def test_a_file_that_is_still_being_written_goes_too(
    mesh: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, written = mesh.blobs.put, asyncio.Event()

    async def write(key: str, content: bytes, content_type: str) -> None:
        await asyncio.sleep(0.05)
        await put(key, content, content_type=content_type)
        written.set()

    # As of a thread: goes on when it is cancelled.
    async def slow(key: str, content: bytes, *, content_type: str) -> None:
        await asyncio.shield(asyncio.create_task(write(key, content, content_type)))

    monkeypatch.setattr(mesh.blobs, "put", slow)
    mesh.models.gone = True  # type: ignore[attr-defined]
    with pytest.raises(Unavailable):
        await create_image(mesh, CREATE)
    await written.wait()
    assert await files(mesh) == []


async def test_without_models_nothing_is_stored(mesh: Ports) -> None:
    mesh.models.gone = True  # type: ignore[attr-defined]
    with pytest.raises(Unavailable):
        await create_image(mesh, CREATE)
    assert await files(mesh) == []


async def test_vectors_of_another_space_are_refused(mesh: Ports) -> None:
    collection = await mesh.catalog.get_collection(DEFAULT_COLLECTION)
    old = replace(collection, name=CollectionName("old"), space="colours@0+palette")
    await mesh.catalog.add_collection(old)
    with pytest.raises(FailedPrecondition):
        await create_image(mesh, replace(CREATE, parent=old.name))


async def test_too_much_at_once_is_refused(mesh: Ports) -> None:
    narrow = replace(mesh, permits=Permits(under_way=1, waiting=2))
    results = await asyncio.gather(*(create_image(narrow, CREATE) for _ in range(9)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, SightlineError)]
    assert len(refused) == 6
    assert all(isinstance(error, ResourceExhausted) and error.retry_after for error in refused)
    assert (await list_images(mesh, parent=DEFAULT_COLLECTION))[2] == 3


async def test_a_caller_that_goes_away_leaves_a_whole_image_or_none(mesh: Ports) -> None:
    for turns in range(0, 60, 3):
        task = asyncio.create_task(create_image(mesh, CREATE))
        for _ in range(turns):
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.wait([task])
    for _ in range(100):
        images, _, total = await list_images(mesh, parent=DEFAULT_COLLECTION)
        if {image.blob_key for image in images} == set(await files(mesh)):
            break
        await asyncio.sleep(0.05)
    assert {image.blob_key for image in images} == set(await files(mesh))
    assert len(images) == total

"""Lists, changes and deletions of images."""

import asyncio
from dataclasses import replace

import pytest

from orchestrator.application.collections import create_collection
from orchestrator.application.images import delete_image, get_image, list_images, update_image
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Kind, Ports
from orchestrator.application.regions import (
    create_region,
    delete_region,
    get_region,
    keep_regions,
    list_regions,
)
from orchestrator.domain.collection import Segmentation
from orchestrator.domain.errors import Aborted, AlreadyExists, InvalidArgument, NotFound
from orchestrator.domain.filter import Comparison, Operator
from orchestrator.domain.image import Description, Image, Label
from orchestrator.domain.names import CollectionName, ImageName, RegionName
from orchestrator.domain.region import Box, Mask, Origin, Segment
from tests.fixtures.pictures import png

THINGS = CollectionName("things")
BOX = Box(x_min=2, y_min=3, x_max=20.5, y_max=30)


@pytest.fixture
async def mesh(ports: Ports) -> Ports:
    await create_collection(ports, collection_id="things", segmentation=Segmentation.OFF)
    return ports


async def add(ports: Ports, name: str, colour: str = "red", **description: object) -> Image:
    said = replace(Description(), **description)  # type: ignore[arg-type]
    return await create_image(
        ports, CreateImage(parent=THINGS, image_id=name, content=png(colour), description=said)
    )


@pytest.mark.parametrize("order_by", ["", "create_time desc", "name", "name  desc", "create_time asc"])
async def test_pages_together_are_the_whole_list(mesh: Ports, order_by: str) -> None:
    made = [await add(mesh, f"i{n * 5 % 7}", folder="even" if n % 2 == 0 else "odd") for n in range(7)]
    found: list[Image] = []
    token = ""
    while True:
        page, token, total = await list_images(
            mesh, parent=THINGS, page_size=2, page_token=token, order_by=order_by
        )
        assert total == 7
        found += page
        if not token:
            break
    wanted = sorted(made, key=lambda each: each.name) if "name" in order_by else made
    assert found == (wanted[::-1] if "desc" in order_by else wanted)
    page, token, total = await list_images(mesh, parent=THINGS, page_size=3, filter='folder = "even"')
    assert (len(page), total) == (3, 4)
    with pytest.raises(InvalidArgument):
        await list_images(mesh, parent=THINGS, page_size=3, page_token=token)
    rest, end, total = await list_images(
        mesh, parent=THINGS, page_size=3, page_token=token, filter='folder = "even"'
    )
    assert (len(rest), end, total) == (1, "", 4)


@pytest.mark.parametrize("options", [{"order_by": "size"}, {"filter": "colour = 1"}, {"page_size": -1}])
async def test_a_list_that_makes_no_sense_is_refused(mesh: Ports, options: dict[str, str]) -> None:
    with pytest.raises(InvalidArgument):
        await list_images(mesh, parent=THINGS, **options)  # type: ignore[arg-type]


async def test_a_change_is_seen_everywhere(mesh: Ports) -> None:
    one = await add(mesh, "one", folder="old", caption="kept")
    labels = (Label(label="cat", score=0.5),)
    changed = await update_image(mesh, name=one.name, changes={"folder": "new/deep", "labels": labels})
    assert changed.description == Description(folder="new/deep", caption="kept", labels=labels)
    assert changed.etag != one.etag
    assert changed.update_time > one.update_time
    assert await get_image(mesh, one.name) == changed
    namespace = (await mesh.catalog.get_collection(THINGS)).namespace
    for folder, count in (("old", 0), ("new", 1), ("new/deep", 1)):
        filter = Comparison("folder", Operator.EQ, folder)
        assert await mesh.index.count(namespace, Kind.IMAGE, filter) == count
        assert await mesh.catalog.count_images(THINGS, filter) == count


async def test_changes_with_an_etag_exclude_each_other(mesh: Ports) -> None:
    one = await add(mesh, "one")
    results = await asyncio.gather(
        *(update_image(mesh, name=one.name, changes={"caption": f"{n}"}, etag=one.etag) for n in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Image) for result in results) == 1
    assert sum(isinstance(result, Aborted) for result in results) == 3


async def test_changes_without_an_etag_all_happen(mesh: Ports) -> None:
    one = await add(mesh, "one")
    await asyncio.gather(
        update_image(mesh, name=one.name, changes={"caption": "said"}),
        update_image(mesh, name=one.name, changes={"folder": "moved"}),
        update_image(mesh, name=one.name, changes={"display_name": "called"}),
    )
    said = (await get_image(mesh, one.name)).description
    assert (said.caption, said.folder, said.display_name) == ("said", "moved", "called")
    assert not await mesh.catalog.owed(before=(await get_image(mesh, one.name)).update_time, limit=1)


async def test_what_the_file_tells_cannot_be_changed(mesh: Ports) -> None:
    one = await add(mesh, "one")
    with pytest.raises(InvalidArgument):
        await update_image(mesh, name=one.name, changes={"width": 5})
    with pytest.raises(InvalidArgument):
        await update_image(mesh, name=one.name, changes={"caption": "a\0b"})


async def test_deleting_needs_an_image_or_leave_to_miss_it(mesh: Ports) -> None:
    one = await add(mesh, "one")
    with pytest.raises(Aborted):
        await delete_image(mesh, name=one.name, etag="stale")
    await delete_image(mesh, name=one.name, etag=one.etag)
    with pytest.raises(NotFound):
        await get_image(mesh, one.name)
    with pytest.raises(NotFound):
        await delete_image(mesh, name=one.name)
    await delete_image(mesh, name=one.name, allow_missing=True)
    namespace = (await mesh.catalog.get_collection(THINGS)).namespace
    assert await mesh.index.count(namespace, Kind.IMAGE) == 0
    assert [key async for key, _ in mesh.blobs.list()] == []


async def test_regions_are_drawn_kept_and_deleted(mesh: Ports) -> None:
    one = await add(mesh, "one")
    drawn = await create_region(mesh, parent=one.name, region_id="mine", box=BOX, labels=(Label(label="a"),))
    assert drawn.origin is Origin.MANUAL
    assert drawn.segment.area == round(18.5 * 27)
    segments = [Segment(box=BOX, mask=None, area=area) for area in (5, 900)]
    kept = await keep_regions(mesh, image=one, segments=segments, origin=Origin.PROMPTED)
    assert [region.segment for region in kept] == segments
    listed, _ = await list_regions(mesh, parent=one.name)
    assert listed == [kept[1], drawn, kept[0]]
    page, token = await list_regions(mesh, parent=one.name, page_size=2)
    assert list(page) + list((await list_regions(mesh, parent=one.name, page_token=token))[0]) == listed
    assert await get_region(mesh, drawn.name) == drawn
    assert (await get_image(mesh, one.name)).region_count == 3
    with pytest.raises(AlreadyExists):
        await create_region(mesh, parent=one.name, region_id="mine", box=BOX)
    await delete_region(mesh, drawn.name)
    with pytest.raises(NotFound):
        await get_region(mesh, drawn.name)
    namespace = (await mesh.catalog.get_collection(THINGS)).namespace
    assert await mesh.index.count(namespace, Kind.REGION) == 2
    assert await mesh.catalog.get_vectors([drawn.name]) == {}
    with pytest.raises(NotFound):
        await list_regions(mesh, parent=ImageName("things", "none"))
    with pytest.raises(NotFound):
        await delete_region(mesh, RegionName("things", "one", "none"))


@pytest.mark.parametrize(
    ("box", "mask", "field"),
    [
        (Box(x_min=0, y_min=0, x_max=97, y_max=10), None, "region.box"),
        (Box(x_min=5, y_min=0, x_max=5, y_max=10), None, "region.box"),
        (Box(x_min=float("nan"), y_min=0, x_max=5, y_max=10), None, "region.box"),
        (BOX, Mask(height=96, width=64, counts="0"), "region.mask.size"),
        (BOX, Mask(height=64, width=96, counts="5"), "region.mask.counts"),
        (BOX, Mask(height=64, width=96, counts="\x01"), "region.mask.counts"),
        (BOX, Mask(height=64, width=96, counts="o"), "region.mask.counts"),
        (BOX, Mask(height=64, width=96, counts="1" * 4_000_000), "region.mask.counts"),
    ],
)
async def test_a_region_lies_in_its_picture(mesh: Ports, box: Box, mask: Mask | None, field: str) -> None:
    one = await add(mesh, "one")
    with pytest.raises(InvalidArgument) as caught:
        await create_region(mesh, parent=one.name, box=box, mask=mask)
    assert caught.value.violations[0].field == field

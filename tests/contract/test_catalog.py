"""What every catalog does: rows appear whole, are hidden until they are finished, and go wholly."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.application.ports import (
    REQUEST_ID_TAKEN,
    Catalog,
    ImageKey,
    ImageOrder,
    RegionKey,
    RequestRecord,
)
from orchestrator.domain.errors import Aborted, AlreadyExists, FailedPrecondition, NotFound
from orchestrator.domain.image import Exif, GeoPoint, Image, Label
from orchestrator.domain.names import CollectionName, ImageName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.region import Region
from tests.fixtures.images import START, collection, image, region, vectors_of

THINGS = CollectionName("things")
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def catalog(catalog_url: str) -> AsyncIterator[Catalog]:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    await catalog.add_collection(collection())
    yield catalog
    await catalog.close()


async def shown(catalog: Catalog, image: Image, *regions: Region) -> Image:
    image = replace(image, region_count=len(regions))
    work = await catalog.begin_image(image, regions, vectors_of(image, regions))
    assert work.entry is not None
    assert await catalog.finish(work, work.entry)
    return await catalog.get_image(image.name)


async def test_an_image_is_hidden_until_it_is_finished(catalog: Catalog) -> None:
    one = replace(image(), region_count=1)
    parts = [region(one)]
    work = await catalog.begin_image(one, parts, vectors_of(one, parts))
    with pytest.raises(NotFound):
        await catalog.get_image(one.name)
    assert await catalog.get_regions([parts[0].name]) == {}
    assert await catalog.get_vectors([one.name, parts[0].name]) == {}
    assert await catalog.list_images(THINGS, order=ImageOrder.NAME, limit=9) == []
    assert await catalog.count_images(THINGS) == 0
    assert (await catalog.collection_totals(THINGS)).pending_images == 1
    assert [entry.name for entry in await catalog.owed(before=LATER, limit=9)] == [one.name]
    assert work.entry is not None
    assert await catalog.finish(work, work.entry)
    assert await catalog.get_image(one.name) == replace(one, state=RecordState.ACTIVE)
    assert await catalog.list_regions(one.name, limit=9) == parts
    assert len(await catalog.get_vectors([one.name, parts[0].name])) == 2
    assert await catalog.owed(before=LATER, limit=9) == []
    kept = await catalog.get_collection(THINGS)
    assert (kept.image_count, kept.region_count) == (1, 1)
    assert (await catalog.collection_totals(THINGS)).content_bytes == 100


async def test_what_is_written_is_read_the_same(catalog: Catalog) -> None:
    one = image(
        display_name="Ä \U0001f600",
        folder="a/b",
        caption='"quoted"',
        labels=(Label(label="car", score=0.5), Label(label="red")),
        metadata={"shop": {"id": 7.0, "open": True}, "tags": ["x", "y"], 'odd "key"': None},
    )
    exif = Exif(camera="X100", taken_time=START, orientation=6, gps=GeoPoint(latitude=1.5, longitude=-2))
    one = replace(one, facts=replace(one.facts, exif=exif))
    part = region(one)
    found = await shown(catalog, one, part)
    assert found == replace(one, state=RecordState.ACTIVE, region_count=1)
    assert await catalog.get_region(part.name) == part
    stored = vectors_of(one)[0]
    kept = (await catalog.get_vectors([one.name]))[one.name]
    assert kept.space == stored.space
    assert kept.vector.dtype == np.float32
    assert np.array_equal(kept.vector, stored.vector)


async def test_a_name_is_given_once(catalog: Catalog) -> None:
    first, second = image(), image()
    results = await asyncio.gather(
        *(catalog.begin_image(each, [], vectors_of(each)) for each in (first, second)),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["AlreadyExists", "Work"]
    assert len(await catalog.owed(before=LATER, limit=9)) == 1


async def test_a_request_id_is_taken_once(catalog: Catalog) -> None:
    one, two = image("one"), image("two")
    record = RequestRecord(request_id="r", payload="p", made=one.name)
    await catalog.begin_image(one, [], vectors_of(one), record)
    with pytest.raises(AlreadyExists) as caught:
        await catalog.begin_image(two, [], vectors_of(two), replace(record, made=two.name))
    assert caught.value.reason == REQUEST_ID_TAKEN
    assert await catalog.find_request(THINGS, "r") == record
    await catalog.forget_requests(before=START + timedelta(seconds=1))
    assert await catalog.find_request(THINGS, "r") is None


async def test_an_image_of_no_collection_is_refused(catalog: Catalog) -> None:
    lost = image(of="nowhere")
    with pytest.raises(NotFound):
        await catalog.begin_image(lost, [], vectors_of(lost))
    with pytest.raises(NotFound):
        await catalog.list_images(CollectionName("nowhere"), order=ImageOrder.NAME, limit=1)


async def test_a_change_needs_the_current_etag(catalog: Catalog) -> None:
    one = await shown(catalog, image(caption="old"))
    changed = replace(one, description=replace(one.description, caption="new"), etag="fresh")
    with pytest.raises(Aborted):
        await catalog.change_image(changed, etag="stale")
    assert await catalog.get_image(one.name) == one
    entry = await catalog.change_image(changed, etag=one.etag)
    assert (await catalog.get_image(one.name)).description.caption == "new"
    assert await catalog.owed(before=LATER, limit=9) == [entry]
    with pytest.raises(NotFound):
        await catalog.change_image(replace(changed, name=ImageName("things", "none")), etag="fresh")


async def test_work_that_is_no_longer_so_is_not_finished(catalog: Catalog) -> None:
    one = await shown(catalog, image())
    first = await catalog.change_image(replace(one, etag="1"), etag=one.etag)
    stale = await catalog.read_work(one.name)
    second = await catalog.change_image(replace(one, etag="2"), etag="1")
    assert stale is not None
    assert not await catalog.finish(stale, first)
    assert await catalog.owed(before=LATER, limit=9) == [first, second]
    fresh = await catalog.read_work(one.name)
    assert fresh is not None
    assert await catalog.finish(fresh, first)
    assert await catalog.owed(before=LATER, limit=9) == [second]


async def test_a_deletion_hides_at_once_and_then_removes_all(catalog: Catalog) -> None:
    one = image()
    part = region(one)
    one = await shown(catalog, one, part)
    with pytest.raises(Aborted):
        await catalog.begin_image_deletion(one.name, etag="stale")
    entry = await catalog.begin_image_deletion(one.name, etag=one.etag)
    for lost in (catalog.get_image(one.name), catalog.get_region(part.name)):
        with pytest.raises(NotFound):
            await lost
    assert (await catalog.get_collection(THINGS)).image_count == 0
    assert (await catalog.get_collection(THINGS)).region_count == 0
    with pytest.raises(NotFound):
        await catalog.begin_image_deletion(one.name)
    again = image()
    with pytest.raises(AlreadyExists):
        await catalog.begin_image(again, [], vectors_of(again))
    work = await catalog.read_work(one.name)
    assert work is not None
    assert work.record.state is RecordState.DELETING
    assert {stored.name for stored in work.vectors} == {one.name, part.name}
    assert await catalog.finish(work, entry)
    assert await catalog.read_work(one.name) is None
    await shown(catalog, again)
    assert await catalog.list_regions(again.name, limit=9) == []


async def test_regions_come_and_go_by_themselves(catalog: Catalog) -> None:
    one = await shown(catalog, image())
    parts = [region(one, "a", area=5), region(one, "b", area=9)]
    entry = await catalog.begin_regions(one.name, parts, vectors_of(one, parts)[1:])
    assert await catalog.list_regions(one.name, limit=9) == []
    work = await catalog.read_work(one.name)
    assert work is not None
    assert len(work.vectors) == 3
    assert await catalog.finish(work, entry)
    assert await catalog.list_regions(one.name, limit=9) == [parts[1], parts[0]]
    assert await catalog.list_regions(one.name, limit=9, after=RegionKey(area=9, region="b")) == [parts[0]]
    assert (await catalog.get_image(one.name)).region_count == 2
    assert (await catalog.get_collection(THINGS)).region_count == 2
    with pytest.raises(AlreadyExists):
        await catalog.begin_regions(one.name, parts[:1], vectors_of(one, parts[:1])[1:])
    entry = await catalog.begin_region_deletion(parts[0].name)
    with pytest.raises(NotFound):
        await catalog.get_region(parts[0].name)
    assert await catalog.get_vectors([parts[0].name]) == {}
    work = await catalog.read_work(one.name)
    assert work is not None
    assert work.removed == (parts[0].name,)
    assert len(work.vectors) == 2
    assert await catalog.finish(work, entry)
    assert (await catalog.get_image(one.name)).region_count == 1
    with pytest.raises(NotFound):
        await catalog.begin_region_deletion(parts[0].name)


@pytest.mark.parametrize("order", list(ImageOrder))
async def test_pages_show_every_image_once_in_order(catalog: Catalog, order: ImageOrder) -> None:
    made = [await shown(catalog, image(f"i{n:02}", seconds=n * 7 % 4)) for n in range(11)]
    by_name = order in (ImageOrder.NAME, ImageOrder.NAME_DESC)
    wanted = sorted(
        made,
        key=lambda each: (str(each.name),) if by_name else (each.create_time, str(each.name)),
        reverse=order.value.endswith("desc"),
    )
    found: list[Image] = []
    key = None
    while page := await catalog.list_images(THINGS, order=order, limit=3, after=key):
        found += page
        key = ImageKey(create_time=page[-1].create_time, image=page[-1].name.image)
    assert found == wanted


async def test_the_newest_vectors_are_of_whole_images(catalog: Catalog) -> None:
    for number in range(4):
        one = image(f"i{number}", seconds=number)
        await shown(catalog, one, region(one))
    newest = await catalog.newest_vectors(THINGS, None, 2)
    assert [stored.name for stored in newest] == [ImageName("things", "i3"), ImageName("things", "i2")]


async def test_a_collection_is_listed_changed_and_deleted(catalog: Catalog) -> None:
    with pytest.raises(AlreadyExists):
        await catalog.add_collection(collection())
    other = collection("other")
    await catalog.add_collection(other)
    assert [str(each.name) for each in await catalog.list_collections(limit=9)] == [
        "collections/other",
        "collections/things",
    ]
    assert await catalog.list_collections(limit=9, after="things") == []
    with pytest.raises(Aborted):
        await catalog.change_collection(replace(other, display_name="x"), etag="stale")
    await catalog.change_collection(replace(other, display_name="x", etag="new"), etag=other.etag)
    assert (await catalog.get_collection(other.name)).display_name == "x"
    one = await shown(catalog, image(of="other"))
    with pytest.raises(FailedPrecondition):
        await catalog.begin_collection_deletion(other.name, force=False, etag="")
    await catalog.begin_collection_deletion(other.name, force=True, etag="new")
    with pytest.raises(NotFound):
        await catalog.get_collection(other.name)
    with pytest.raises(NotFound):
        await catalog.get_image(one.name)
    with pytest.raises(FailedPrecondition):
        await catalog.add_collection(other)
    assert [each.name for each in await catalog.deleting_collections(before=LATER)] == [other.name]
    assert await catalog.deleting_collections(before=START) == []  # it has only just begun
    assert [each.name for each in await catalog.finish_collection_deletion(other.name, limit=9)] == [one.name]
    await catalog.remove_images([replace(one, uid="another's")])
    assert len(await catalog.finish_collection_deletion(other.name, limit=9)) == 1
    await catalog.remove_images([one])
    assert await catalog.finish_collection_deletion(other.name, limit=9) == []
    assert await catalog.deleting_collections(before=LATER) == []
    await catalog.add_collection(other)


async def test_the_index_can_be_rebuilt_from_what_is_kept(catalog: Catalog) -> None:
    for name in ("a", "b", "c"):
        one = image(name)
        await shown(catalog, one, region(one))
    hidden = image("d")
    await catalog.begin_image(hidden, [], vectors_of(hidden))
    first = await catalog.kept_work(THINGS, limit=2)
    rest = await catalog.kept_work(THINGS, limit=2, after=ImageName("things", "b"))
    assert [work.record.name for work in [*first, *rest]] == [ImageName("things", each) for each in "abc"]
    assert all(len(work.vectors) == 2 for work in first)
    names = [work.record.name for work in first]
    assert await catalog.revisions([*names, ImageName("things", "none")]) == dict.fromkeys(names, 1)
    uids = [hidden.uid, "unknown"]
    assert await catalog.known_uids(uids) == {hidden.uid}


async def test_a_cancelled_caller_leaves_a_whole_write_or_none(catalog: Catalog) -> None:
    for number in range(20):
        one = image(f"i{number}")
        task = asyncio.create_task(catalog.begin_image(one, [], vectors_of(one)))
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    whole = image("whole")
    await catalog.begin_image(whole, [], vectors_of(whole))
    for entry in await catalog.owed(before=LATER, limit=99):
        work = await catalog.read_work(entry.name)
        assert work is not None
        assert len(work.vectors) == 1


async def test_several_open_one_database_at_once(catalog_url: str) -> None:
    catalogs = [SqlCatalog(catalog_url) for _ in range(4)]
    await asyncio.gather(*(each.open() for each in catalogs))
    await catalogs[0].add_collection(collection())

    async def fill(number: int, catalog: SqlCatalog) -> None:
        for item in range(10):
            await shown(catalog, image(f"{number}-{item}"))

    await asyncio.gather(*(fill(number, each) for number, each in enumerate(catalogs)))
    assert await catalogs[3].count_images(THINGS) == 40
    assert await catalogs[0].ready()
    for each in catalogs:
        await each.close()

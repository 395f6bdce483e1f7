"""Whatever step a process dies at: nothing acknowledged is lost, nothing is left half, all stores agree."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from orchestrator.application.collections import (
    create_collection,
    delete_collection,
    ensure_default_collection,
)
from orchestrator.application.images import delete_image, update_image
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Kind, Ports
from orchestrator.application.rebuild_index import prune_indexes, rebuild_indexes
from orchestrator.application.recover import keep_recovering, recover_once, sweep_blobs
from orchestrator.application.regions import create_region, delete_region, list_regions
from orchestrator.application.settle import records_of
from orchestrator.domain.collection import DEFAULT_COLLECTION, Segmentation
from orchestrator.domain.errors import SightlineError, Unavailable
from orchestrator.domain.filter import Comparison, Operator
from orchestrator.domain.image import Description, Image
from orchestrator.domain.names import CollectionName, ImageName, RegionName
from orchestrator.domain.region import Box
from tests.fakes.index import MemoryIndex
from tests.fixtures.crash import Death, Killed, mortal, recovered
from tests.fixtures.pictures import png
from tests.fixtures.server import ports_over

PICTURE = png("white", {"red": (8, 8, 30, 30), "blue": (50, 20, 80, 50)})
NAME = ImageName("default", "one")
CREATE = CreateImage(
    parent=DEFAULT_COLLECTION, image_id="one", content=PICTURE, description=Description(folder="old")
)


@pytest.fixture
async def ports(tmp_path: Path, catalog_url: str) -> AsyncIterator[Ports]:
    async with ports_over(tmp_path, catalog_url) as found:
        yield found


@pytest.fixture
async def mesh(ports: Ports) -> Ports:
    await ensure_default_collection(ports)
    await recover_once(ports)
    await rebuild_indexes(ports)
    return ports


async def deaths(
    ports: Ports,
    work: Callable[[Ports], Awaitable[object]],
    *,
    after: bool,
    prepare: Callable[[], Awaitable[object]],
) -> AsyncIterator[dict[str, Image]]:
    """What is left after a death at each step of `work` in turn, until it lives to its end."""
    for step in count(1):
        await prepare()
        death = Death(step, after=after)
        with suppress(Killed, BaseExceptionGroup):
            await work(mortal(ports, death))
        await asyncio.sleep(0.01)
        if not death.struck:
            assert step > 2
            return
        yield await recovered(ports)


@pytest.mark.parametrize("after", [False, True])
async def test_a_creation_is_whole_or_nothing(mesh: Ports, after: bool) -> None:
    async def prepare() -> None:
        await delete_image(mesh, name=NAME, allow_missing=True)

    outcomes = []
    async for found in deaths(mesh, lambda ports: create_image(ports, CREATE), after=after, prepare=prepare):
        assert set(found) <= {str(NAME)}
        outcomes.append(bool(found))
    assert outcomes == sorted(outcomes), "once the row is there the image comes"
    assert set(outcomes) == {False, True}


@pytest.mark.parametrize("after", [False, True])
async def test_a_retry_after_a_death_answers_one_image(mesh: Ports, after: bool) -> None:
    request = CreateImage(
        parent=DEFAULT_COLLECTION, content=PICTURE, request_id="5f3c1c0e-0000-4000-8000-000000000001"
    )

    async def prepare() -> None:
        for collection in await mesh.catalog.list_collections(limit=9):
            if collection.name.collection == "again":
                await delete_collection(mesh, name=collection.name, force=True)
        await create_collection(mesh, collection_id="again")

    again = CreateImage(
        parent=CollectionName("again"), content=request.content, request_id=request.request_id
    )
    for step in count(1):
        await prepare()
        death = Death(step, after=after)
        with suppress(Killed, BaseExceptionGroup):
            await create_image(mortal(mesh, death), again)
        await asyncio.sleep(0.01)
        made = await create_image(mesh, again)
        assert list(await recovered(mesh)) == [str(made.name)]
        if not death.struck:
            break


@pytest.mark.parametrize("after", [False, True])
async def test_a_deletion_is_whole_or_not_begun(mesh: Ports, after: bool) -> None:
    async def prepare() -> None:
        with suppress(SightlineError):
            await create_image(mesh, CREATE)

    outcomes = []
    work = lambda ports: delete_image(ports, name=NAME)  # noqa: E731
    async for found in deaths(mesh, work, after=after, prepare=prepare):
        outcomes.append(bool(found))
    assert set(outcomes[1:]) == {False}
    assert outcomes[0] is not after


@pytest.mark.parametrize("after", [False, True])
async def test_a_change_reaches_catalog_and_index_or_neither(mesh: Ports, after: bool) -> None:
    await create_image(mesh, CREATE)
    collection = await mesh.catalog.get_collection(DEFAULT_COLLECTION)

    async def prepare() -> None:
        await update_image(mesh, name=NAME, changes={"folder": "old"})

    def work(ports: Ports) -> Awaitable[object]:
        return update_image(ports, name=NAME, changes={"folder": "new"})

    async for found in deaths(mesh, work, after=after, prepare=prepare):
        folder = found[str(NAME)].description.folder
        for other in ("old", "new"):
            filter = Comparison("folder", Operator.EQ, other)
            held = await mesh.index.count(collection.namespace, Kind.IMAGE, filter)
            assert held == await mesh.catalog.count_images(DEFAULT_COLLECTION, filter) == (other == folder)


@pytest.mark.parametrize("after", [False, True])
async def test_regions_come_and_go_whole(mesh: Ports, after: bool) -> None:
    await create_image(mesh, CREATE)
    region = RegionName(NAME.collection, NAME.image, "mine")
    box = Box(x_min=1, y_min=1, x_max=20, y_max=20)

    def add(ports: Ports) -> Awaitable[object]:
        return create_region(ports, parent=NAME, region_id="mine", box=box)

    async def absent() -> None:
        with suppress(SightlineError):
            await delete_region(mesh, region)

    async def present() -> None:
        with suppress(SightlineError):
            await add(mesh)

    async for found in deaths(mesh, add, after=after, prepare=absent):
        assert found[str(NAME)].region_count in (2, 3)
    async for found in deaths(mesh, lambda ports: delete_region(ports, region), after=after, prepare=present):
        assert found[str(NAME)].region_count in (2, 3)


@pytest.mark.parametrize("after", [False, True])
async def test_a_collection_goes_wholly(mesh: Ports, after: bool) -> None:
    name = CollectionName("other")

    async def prepare() -> None:
        with suppress(SightlineError):
            await create_collection(mesh, collection_id="other", segmentation=Segmentation.OFF)
        for number in range(3):
            with suppress(SightlineError):
                await create_image(mesh, CreateImage(parent=name, image_id=f"i{number}", content=PICTURE))

    outcomes = []
    work = lambda ports: delete_collection(ports, name=name, force=True)  # noqa: E731
    async for found in deaths(mesh, work, after=after, prepare=prepare):
        outcomes.append(len(found))
    assert set(outcomes[1:]) == {0}
    assert outcomes[0] == (0 if after else 3)


async def test_an_index_that_lost_everything_is_rebuilt_without_a_model(mesh: Ports) -> None:
    index = mesh.index
    assert isinstance(index, MemoryIndex)
    for number in range(5):
        await create_image(
            mesh, CreateImage(parent=DEFAULT_COLLECTION, image_id=f"i{number}", content=PICTURE)
        )
    collection = await mesh.catalog.get_collection(DEFAULT_COLLECTION)
    await index.delete_namespace(collection.namespace)
    mesh.models.gone = True  # type: ignore[attr-defined]
    assert await rebuild_indexes(mesh) == 15
    assert len(await recovered(mesh)) == 5
    assert await rebuild_indexes(mesh) == 0


@pytest.mark.parametrize("after", [False, True])
async def test_a_rebuild_that_dies_leaves_nothing_older_than_the_catalog(mesh: Ports, after: bool) -> None:
    """Each image changes, wholly, between what the rebuild reads and what it writes."""
    await create_image(mesh, CREATE)
    collection = await mesh.catalog.get_collection(DEFAULT_COLLECTION)
    folders = count(1)

    async def rebuild(dying: Ports) -> None:
        async def outpaced(*arguments: Any, **options: Any) -> Any:
            works = await mesh.catalog.kept_work(*arguments, **options)
            if works:
                await update_image(mesh, name=NAME, changes={"folder": f"f{next(folders)}"})
            return works

        dying.catalog.kept_work = outpaced  # type: ignore[method-assign]
        await rebuild_indexes(dying)

    deaths_seen = 0
    for step in count(1):
        await mesh.index.delete_namespace(collection.namespace)
        death = Death(step, after=after)
        with suppress(Killed):
            await rebuild(mortal(mesh, death))
        await rebuild_indexes(mesh)
        found = await recovered(mesh)
        folder = Comparison("folder", Operator.EQ, found[str(NAME)].description.folder)
        assert await mesh.index.count(collection.namespace, Kind.IMAGE, folder) == 1
        assert await mesh.index.count(collection.namespace, Kind.REGION, folder) == 2
        if not death.struck:
            break
        deaths_seen += 1
    assert deaths_seen > 3


async def test_counts_that_lag_are_waited_for(mesh: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that tells of a write later is not written anew for that."""
    await create_image(mesh, CREATE)
    index, asked = mesh.index, list[Kind]()
    counted = index.count

    async def lagging(namespace: str, kind: Kind, filter: object = None) -> int:
        asked.append(kind)
        return 0 if len(asked) <= len(Kind) else await counted(namespace, kind)

    monkeypatch.setattr(index, "count", lagging)
    assert await rebuild_indexes(mesh) == 3  # it is believed at once
    asked.clear()
    monkeypatch.setattr(index, "lag", 0.05, raising=False)
    assert await rebuild_indexes(mesh) == 0
    assert len(asked) == 2 * len(Kind)


async def test_vectors_of_what_is_gone_are_taken_out(mesh: Ports) -> None:
    made = await create_image(mesh, CREATE)
    work = await mesh.catalog.read_work(made.name)
    assert work is not None
    lost = [replace(record, name=f"{record.name}-lost") for record in records_of(work)]
    await mesh.index.upsert(work.namespace, lost)
    assert await prune_indexes(mesh) == len(lost) == 3
    assert await prune_indexes(mesh) == 0
    assert list(await recovered(mesh)) == [str(NAME)]


async def test_a_write_while_the_index_is_down_comes_when_it_is_back(mesh: Ports) -> None:
    index = mesh.index
    assert isinstance(index, MemoryIndex)
    index.down = True
    with pytest.raises(Unavailable):
        await create_image(mesh, CREATE)
    assert await mesh.catalog.count_images(DEFAULT_COLLECTION) == 0
    recovery = asyncio.create_task(keep_recovering(mesh, every=0.01))
    await asyncio.sleep(0.05)
    index.down = False
    for _ in range(200):
        if await mesh.catalog.count_images(DEFAULT_COLLECTION):
            break
        await asyncio.sleep(0.05)
    recovery.cancel()
    await asyncio.gather(recovery, return_exceptions=True)
    assert list(await recovered(mesh)) == [str(NAME)]


async def test_files_of_no_image_are_swept_once_they_are_old(mesh: Ports) -> None:
    made = await create_image(mesh, CREATE)
    await mesh.blobs.put("default/images/00/lost.00000000000000000000000000", b"x")
    assert await sweep_blobs(mesh, age=timedelta(hours=1)) == 0
    assert await sweep_blobs(mesh, age=timedelta(0)) == 1
    assert [key async for key, _ in mesh.blobs.list()] == [made.blob_key]


async def test_writes_of_one_image_from_all_sides_end_in_agreement(mesh: Ports) -> None:
    async def life(number: int) -> None:
        for step in range(6):
            with suppress(SightlineError):
                match (number + step) % 4:
                    case 0:
                        await create_image(mesh, CREATE)
                    case 1:
                        await update_image(mesh, name=NAME, changes={"folder": f"f{number}"})
                    case 2:
                        await create_region(mesh, parent=NAME, box=Box(x_min=0, y_min=0, x_max=9, y_max=9))
                    case 3:
                        await delete_image(mesh, name=NAME)

    await asyncio.gather(*(life(number) for number in range(8)), *(recover_now(mesh) for _ in range(3)))
    found = await recovered(mesh)
    if found:
        collection = await mesh.catalog.get_collection(DEFAULT_COLLECTION)
        folder = Comparison("folder", Operator.EQ, found[str(NAME)].description.folder)
        regions, _ = await list_regions(mesh, parent=NAME)
        assert await mesh.index.count(collection.namespace, Kind.IMAGE, folder) == 1
        assert await mesh.index.count(collection.namespace, Kind.REGION, folder) == len(regions)


async def recover_now(ports: Ports) -> None:
    for _ in range(5):
        await recover_once(ports, grace=timedelta(0))
        await asyncio.sleep(0.01)

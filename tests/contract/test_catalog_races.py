"""Writers beside each other, of several orchestrators: writes are whole, and what cannot both be is not."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.adapters.catalog.tables import collections, images, regions
from orchestrator.application.ports import REQUEST_ID_TAKEN, Catalog, LabelChange, RequestRecord, Work
from orchestrator.domain.errors import Aborted, AlreadyExists, FailedPrecondition, NotFound, SightlineError
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.region import Region
from tests.fixtures.catalogs import connected
from tests.fixtures.images import collection, image, new_text, region, text, vectors_of

THINGS = CollectionName("things")
LATER = datetime(2100, 1, 1, tzinfo=UTC)
ROUNDS = 12


@pytest.fixture
async def pair(catalog_url: str) -> AsyncIterator[tuple[Catalog, Catalog]]:
    """Two orchestrators' catalogs over one database."""
    both = SqlCatalog(catalog_url), SqlCatalog(catalog_url)
    await asyncio.gather(*(each.open() for each in both))
    await both[0].add_collection(collection())
    yield both
    for each in both:
        await each.close()


async def at_once(calls: Iterable[Awaitable[object]]) -> Counter[str]:
    """How often each came out: the errors' names, `done` where there was none."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, SightlineError):
            raise result
    names = (
        getattr(result, "reason", "") if isinstance(result, SightlineError) else "" for result in results
    )
    return Counter(name or "done" for name in names)


async def begun(catalog: Catalog, one: Image, *parts: Region) -> Work:
    one = replace(one, region_count=len(parts))
    return await catalog.begin_image(one, parts, vectors_of(one, parts))


async def shown(catalog: Catalog, one: Image, *parts: Region) -> Image:
    work = await begun(catalog, one, *parts)
    assert await catalog.finish(work, work.entry)
    return await catalog.get_image(one.name)


async def test_a_name_and_a_request_id_are_given_once(pair: tuple[Catalog, Catalog]) -> None:
    for number in range(ROUNDS):
        same = [image(f"same-{number}") for _ in range(6)]
        found = await at_once(pair[n % 2].begin_image(one, [], vectors_of(one)) for n, one in enumerate(same))
        assert found == {"done": 1, AlreadyExists.reason: 5}
        others = [image(f"other-{number}-{n}") for n in range(6)]
        found = await at_once(
            pair[n % 2].begin_image(
                one, [], vectors_of(one), RequestRecord(request_id=f"r{number}", payload="p", made=one.name)
            )
            for n, one in enumerate(others)
        )
        assert found == {"done": 1, REQUEST_ID_TAKEN: 5}
    assert len(await pair[0].owed(before=LATER, limit=99)) == 2 * ROUNDS


async def test_a_collection_is_added_once(pair: tuple[Catalog, Catalog]) -> None:
    for number in range(ROUNDS):
        found = await at_once(pair[n % 2].add_collection(collection(f"new-{number}")) for n in range(4))
        assert found == {"done": 1, AlreadyExists.reason: 3}


async def test_a_write_is_finished_and_counted_once(pair: tuple[Catalog, Catalog]) -> None:
    for number in range(ROUNDS):
        one = image(f"i{number}")
        work = await begun(pair[0], one, region(one))
        found = await asyncio.gather(*(pair[n % 2].finish(work, work.entry) for n in range(4)))
        assert found == [True] * 4
    kept = await pair[1].get_collection(THINGS)
    assert (kept.image_count, kept.region_count) == (ROUNDS, ROUNDS)


async def test_one_of_those_who_read_the_same_changes_it(pair: tuple[Catalog, Catalog]) -> None:
    for number in range(ROUNDS):
        one = await shown(pair[0], image(f"i{number}"))
        found = await at_once(
            pair[n % 2].change_image(replace(one, etag=f"new-{n}"), etag=one.etag) for n in range(6)
        )
        assert found == {"done": 1, Aborted.reason: 5}
        held = await pair[1].get_collection(THINGS)
        found = await at_once(
            pair[n % 2].change_collection(replace(held, etag=f"{number}-{n}"), etag=held.etag)
            for n in range(6)
        )
        assert found == {"done": 1, Aborted.reason: 5}
    assert len(await pair[0].owed(before=LATER, limit=99)) == ROUNDS


async def test_what_is_deleted_is_deleted_and_counted_once(pair: tuple[Catalog, Catalog]) -> None:
    for number in range(ROUNDS):
        one = image(f"i{number}")
        part = region(one)
        await shown(pair[0], one, part)
        found = await at_once(pair[n % 2].begin_region_deletion(part.name) for n in range(4))
        assert found == {"done": 1, NotFound.reason: 3}
        found = await at_once(pair[n % 2].begin_image_deletion(one.name) for n in range(4))
        assert found == {"done": 1, NotFound.reason: 3}
    kept = await pair[1].get_collection(THINGS)
    assert (kept.image_count, kept.region_count) == (0, 0)
    assert (await pair[0].collection_totals(THINGS)).content_bytes == 0


async def test_regions_of_one_image_come_from_both(pair: tuple[Catalog, Catalog]) -> None:
    one = await shown(pair[0], image())
    parts = [region(one, f"r{number}") for number in range(ROUNDS)]
    found = await at_once(
        pair[n % 2].begin_regions(one.name, [part], vectors_of(one, [part])[1:])
        for part in parts
        for n in range(2)
    )
    assert found == {"done": ROUNDS, AlreadyExists.reason: ROUNDS}
    while entries := await pair[0].owed(before=LATER, limit=99):
        for entry in entries:
            work = await pair[0].read_work(one.name)
            assert work is not None
            await asyncio.gather(*(each.finish(work, entry) for each in pair))
    assert len(await pair[1].list_regions(one.name, limit=99)) == ROUNDS
    assert (await pair[1].get_image(one.name)).region_count == ROUNDS
    assert (await pair[1].get_collection(THINGS)).region_count == ROUNDS


async def test_nothing_comes_into_a_collection_that_goes(pair: tuple[Catalog, Catalog]) -> None:
    outcomes = set()
    for number in range(2 * ROUNDS):
        name = f"brief-{number}"
        await pair[0].add_collection(collection(name))
        one = image(of=name)
        deleting = pair[0].begin_collection_deletion(CollectionName(name), force=False, etag="")
        creating = pair[1].begin_image(one, [], vectors_of(one))
        calls = (creating, deleting) if number % 2 else (deleting, creating)
        deleted, created = await asyncio.gather(*calls, return_exceptions=True)
        if number % 2:
            deleted, created = created, deleted
        if deleted is None:
            assert isinstance(created, NotFound)
        else:
            assert isinstance(deleted, FailedPrecondition)
            assert isinstance(created, Work)
        outcomes.add(deleted is None)
    assert outcomes


async def test_two_end_the_deletion_of_one_collection(pair: tuple[Catalog, Catalog]) -> None:
    for number in range(7):
        await shown(pair[0], image(f"i{number}"))
    await pair[0].begin_collection_deletion(THINGS, force=True, etag="")

    async def purge(catalog: Catalog) -> None:
        while left := await catalog.finish_collection_deletion(THINGS, limit=2):
            await catalog.remove_images(left)

    await asyncio.gather(*(purge(each) for each in pair * 2))
    assert await pair[1].deleting_collections(before=LATER) == []
    await pair[1].add_collection(collection())
    assert await pair[0].count_images(THINGS) == 0


async def test_texts_of_the_same_names_come_from_both(pair: tuple[Catalog, Catalog]) -> None:
    for number in range(ROUNDS):
        names = [f"t{number}-{n}" for n in range(5)]
        works = await asyncio.gather(
            *(
                pair[n % 2].begin_texts(THINGS, [new_text(text(name)) for name in names[:: 1 - n % 2 * 2]])
                for n in range(6)
            )
        )
        made = [each for some in works for each in some if isinstance(each, Work)]
        assert sorted(work.record.name.text for work in made) == names
        await asyncio.gather(*(pair[n % 2].finish_all(made[:: 1 - n % 2 * 2]) for n in range(4)))
        found = await at_once(pair[n % 2].begin_text_deletion(made[0].record.name) for n in range(4))
        assert found == {"done": 1, NotFound.reason: 3}
        found = await at_once(
            pair[n % 2].change_text(replace(made[1].record, etag=f"e{n}"), None, etag=made[1].record.etag)
            for n in range(4)
        )
        assert found == {"done": 1, Aborted.reason: 3}
    assert (await pair[0].get_collection(THINGS)).text_count == 4 * ROUNDS
    assert await pair[1].count_texts(THINGS) == 4 * ROUNDS


async def test_two_predict_the_same_images_once(pair: tuple[Catalog, Catalog]) -> None:
    names = [(await shown(pair[0], image(f"i{number}"))).name for number in range(8)]
    held = await pair[0].get_collection(THINGS)
    changes = [LabelChange(image=name, revision=1, vocabulary="new", labels={}) for name in names]
    entries = await asyncio.gather(
        *(pair[n % 2].change_predictions(held, changes[:: 1 if n % 4 < 2 else -1]) for n in range(8))
    )
    assert sorted(entry.name for each in entries for entry in each) == names
    assert await pair[0].revisions(names) == dict.fromkeys(names, 2)


async def test_sums_are_right_after_a_storm(pair: tuple[Catalog, Catalog], catalog_url: str) -> None:
    async def settle(catalog: Catalog, one: Image) -> None:
        for entry in await catalog.owed(before=LATER, limit=999):
            if entry.name != one.name:
                continue
            while work := await catalog.read_work(one.name):
                if await catalog.finish(work, entry):
                    break
            else:
                await catalog.clear([entry])

    async def live(number: int) -> None:
        chance = random.Random(number)
        for turn in range(6):
            one = image(f"i{chance.randrange(8)}")
            catalog = pair[(number + turn) % 2]
            try:
                match chance.randrange(5):
                    case 0 | 1:
                        await begun(catalog, one, region(one))
                    case 2:
                        part = region(one, f"r{chance.randrange(3)}")
                        await catalog.begin_regions(one.name, [part], vectors_of(one, [part])[1:])
                    case 3:
                        await catalog.begin_region_deletion(region(one, f"r{chance.randrange(3)}").name)
                    case _:
                        await catalog.begin_image_deletion(one.name)
            except (AlreadyExists, NotFound):
                pass
            await settle(pair[chance.randrange(2)], one)

    await asyncio.gather(*(live(number) for number in range(16)))
    assert await pair[0].owed(before=LATER, limit=99) == []
    with connected(catalog_url) as connection:
        active = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(images.c.region_count), 0)).where(
            images.c.state == RecordState.ACTIVE.value
        )
        counted = connection.execute(active).one()
        found = connection.execute(sa.select(sa.func.count()).select_from(regions)).scalar_one()
        sums = sa.select(collections.c.image_count, collections.c.region_count)
        assert connection.execute(sums).one() == tuple(counted) == (counted[0], found)

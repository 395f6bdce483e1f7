"""What every store of schedules does: a run is started once, whoever tries, and one at a time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.adapters.catalog.operation_rows import SqlOperations
from orchestrator.adapters.catalog.schedule_rows import SqlSchedules
from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.application.operations import new_operation
from orchestrator.application.ports import OperationFilter, Operations, Schedules
from orchestrator.domain.errors import Aborted, AlreadyExists, NotFound
from orchestrator.domain.names import CollectionName, ScheduleName
from orchestrator.domain.operation import Operation, OperationState
from orchestrator.domain.schedule import Schedule
from tests.fixtures.images import collection

NOW = datetime(2030, 1, 1, tzinfo=UTC)
NEXT = NOW + timedelta(days=1)


class Stores:
    def __init__(self, schedules: Schedules, operations: Operations) -> None:
        self.schedules, self.operations = schedules, operations

    async def start(self, schedule: Schedule, next_run_time: datetime = NEXT) -> Operation:
        operation = new_operation("import", {}, schedule=str(schedule.name))
        return await self.schedules.start_run(schedule, operation, next_run_time=next_run_time)


@pytest.fixture
async def stores(catalog_url: str) -> AsyncIterator[Stores]:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    await catalog.add_collection(collection())
    yield Stores(SqlSchedules(catalog.database), SqlOperations(catalog.database))
    await catalog.close()


def nightly(name: str = "nightly") -> Schedule:
    return Schedule(
        name=ScheduleName("things", name),
        cron="0 0 * * *",
        plan={"source": {"files": {"uri": "file:///a"}}},
        next_run_time=NOW,
        create_time=NOW,
        update_time=NOW,
        etag="1",
    )


async def test_a_schedule_is_kept_changed_and_deleted(stores: Stores) -> None:
    schedules, made = stores.schedules, nightly()
    await schedules.add(made)
    assert await schedules.get(made.name) == made
    with pytest.raises(AlreadyExists):
        await schedules.add(made)
    with pytest.raises(NotFound):
        await schedules.add(replace(made, name=ScheduleName("nowhere", "nightly")))
    changed = replace(made, cron="0 1 * * *", etag="2")
    await schedules.change(changed, etag="1")
    with pytest.raises(Aborted):
        await schedules.change(changed, etag="1")
    await schedules.add(nightly("weekly"))
    things = CollectionName("things")
    assert [each.name.schedule for each in await schedules.of_collection(things, limit=9)] == [
        "nightly",
        "weekly",
    ]
    assert await schedules.of_collection(things, limit=9, after="nightly") == [nightly("weekly")]
    with pytest.raises(Aborted):
        await schedules.delete(made.name, etag="1")
    await schedules.delete(made.name)
    with pytest.raises(NotFound):
        await schedules.get(made.name)


async def test_what_is_due_is_found(stores: Stores) -> None:
    await stores.schedules.add(nightly())
    await stores.schedules.add(replace(nightly("paused"), paused=True, next_run_time=None))
    assert await stores.schedules.due(NOW - timedelta(seconds=1), limit=9) == []
    assert await stores.schedules.due(NEXT, limit=9) == [nightly()]


async def test_of_many_that_start_a_run_one_does(stores: Stores) -> None:
    await stores.schedules.add(nightly())
    outcomes = await asyncio.gather(*(stores.start(nightly()) for _ in range(8)), return_exceptions=True)
    started = [each for each in outcomes if isinstance(each, Operation)]
    assert all(isinstance(each, Operation | Aborted) for each in outcomes)
    assert len({each.name for each in started}) == 1
    kept = await stores.operations.find(OperationFilter(schedule=str(nightly().name)), limit=9)
    assert [each.name for each in kept] == [started[0].name]
    after = await stores.schedules.get(nightly().name)
    assert (after.next_run_time, after.last_operation) == (NEXT, str(started[0].name))


async def test_while_a_run_goes_on_no_other_is_started(stores: Stores) -> None:
    await stores.schedules.add(nightly())
    first = await stores.start(nightly(), next_run_time=NOW)
    again = await stores.schedules.get(nightly().name)
    assert (await stores.start(again)).name == first.name
    assert (await stores.schedules.get(nightly().name)).next_run_time == NOW
    await stores.operations.claim(first.name, "one", lease=timedelta(hours=1))
    await stores.operations.finish(first.name, "one", result={})
    assert (await stores.start(again)).name != first.name


async def test_why_a_run_could_not_be_started_is_kept(stores: Stores) -> None:
    await stores.schedules.add(nightly())
    await stores.schedules.fail_run(nightly(), "the folder is locked", next_run_time=NEXT)
    failed = await stores.schedules.get(nightly().name)
    assert (failed.last_error, failed.next_run_time) == ("the folder is locked", NEXT)
    await stores.schedules.fail_run(nightly(), "too late", next_run_time=None)
    assert await stores.schedules.get(nightly().name) == failed


async def test_those_whose_run_goes_on_are_not_due(stores: Stores) -> None:
    for name in ("busy", "held", "idle"):
        await stores.schedules.add(nightly(name))
    runs = {name: await stores.start(nightly(name), next_run_time=NOW) for name in ("busy", "held")}
    running = (OperationState.RUNNING,)
    await stores.operations.change_state(runs["held"].name, OperationState.PAUSED, among=running)
    assert [each.name.schedule for each in await stores.schedules.due(NOW, limit=1)] == ["idle"]
    await stores.operations.change_state(runs["busy"].name, OperationState.CANCELLED, among=running)
    assert [each.name.schedule for each in await stores.schedules.due(NOW, limit=9)] == ["busy", "idle"]


async def test_the_newest_run_of_each_schedule_is_not_among_what_is_forgotten(stores: Stores) -> None:
    await stores.schedules.add(nightly())
    runs = []
    for _ in range(2):
        runs.append(await stores.start(await stores.schedules.get(nightly().name)))
        running = (OperationState.RUNNING,)
        await stores.operations.change_state(runs[-1].name, OperationState.CANCELLED, among=running)
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert await stores.operations.ended(soon, limit=9) == [runs[0].name]
    await stores.schedules.delete(nightly().name)
    assert set(await stores.operations.ended(soon, limit=9)) == {each.name for each in runs}

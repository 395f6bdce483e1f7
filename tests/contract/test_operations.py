"""What every store of operations does: they are durable, claimed by one process, and end once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, tzinfo

import pytest

from orchestrator.adapters.catalog import clock, operation_rows
from orchestrator.adapters.catalog.operation_rows import SqlOperations
from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.application.operations import new_operation
from orchestrator.application.ports import OperationFilter, OperationKey, Operations
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, NotFound, ResourceExhausted
from orchestrator.domain.operation import Failure, Operation, OperationState

HOUR = timedelta(hours=1)


@pytest.fixture
async def store(catalog_url: str) -> AsyncIterator[Operations]:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    yield SqlOperations(catalog.database)
    await catalog.close()


async def added(store: Operations, kind: str = "count", collection: str = "") -> Operation:
    return await store.add(new_operation(kind, {"to": 3}, collection=collection))


async def test_an_operation_is_kept_as_it_is(store: Operations) -> None:
    made = await added(store, collection="collections/things")
    assert await store.get(made.name) == made
    with pytest.raises(NotFound):
        await store.get(new_operation("count", {}).name)


async def test_a_request_sent_again_makes_no_second_operation(store: Operations) -> None:
    first = await store.add(new_operation("count", {}), request_id="one", payload="a")
    assert await store.add(new_operation("count", {}), request_id="one", payload="a") == first
    with pytest.raises(InvalidArgument) as raised:
        await store.add(new_operation("count", {}), request_id="one", payload="b")
    assert raised.value.reason == "REQUEST_ID_REUSED"
    assert len(await store.find(OperationFilter(), limit=9)) == 1


async def test_a_request_sent_twice_at_once_makes_one_operation(store: Operations) -> None:
    calls = (store.add(new_operation("count", {}), request_id="one", payload="a") for _ in range(6))
    assert len({made.name for made in await asyncio.gather(*calls)}) == 1
    assert len(await store.find(OperationFilter(), limit=9)) == 1


async def test_the_newest_are_listed_first_page_by_page(store: Operations) -> None:
    made = [await added(store, kind) for kind in ("count", "walk", "count")]
    found = await store.find(OperationFilter(), limit=2)
    assert [each.name for each in found] == [made[2].name, made[1].name]
    after = OperationKey(create_time=found[-1].create_time, operation=found[-1].name.operation)
    assert [each.name for each in await store.find(OperationFilter(), limit=2, after=after)] == [made[0].name]
    walks = await store.find(OperationFilter(kind="walk", states=[OperationState.RUNNING]), limit=9)
    assert [each.name for each in walks] == [made[1].name]
    assert await store.find(OperationFilter(states=[]), limit=9) == []


async def test_one_process_has_an_operation_until_its_lease_ends(store: Operations) -> None:
    name = (await added(store)).name
    assert await store.claim(name, "one", lease=HOUR)
    assert not await store.claim(name, "two", lease=HOUR)
    (held,) = await store.running()
    assert (held.owner, held.lease_until is None) == ("one", False)
    assert await store.claim(name, "one", lease=timedelta(0))
    (left,) = await store.running()
    assert (left.owner, left.lease_until) == ("", None)
    assert await store.claim(name, "two", lease=HOUR)
    assert not await store.report(name, "one", {"at": 1})
    assert await store.report(name, "two", {"at": 2})
    assert (await store.get(name)).progress == {"at": 2}
    await store.release("two")
    assert await store.claim(name, "three", lease=HOUR)


async def test_an_operation_ends_once(store: Operations) -> None:
    name = (await added(store)).name
    assert not await store.finish(name, "one", result={})
    assert await store.claim(name, "one", lease=HOUR)
    assert await store.finish(name, "one", result={"at": 3})
    ended = await store.get(name)
    assert (ended.state, ended.result, ended.owner) == (OperationState.SUCCEEDED, {"at": 3}, "")
    assert ended.end_time is not None
    assert not await store.finish(name, "one", failure=Failure.of(NotFound("gone")))
    assert await store.running() == []


async def test_a_failure_is_kept_with_what_may_be_told_of_it(store: Operations) -> None:
    name = (await added(store)).name
    await store.claim(name, "one", lease=HOUR)
    await store.finish(name, "one", failure=Failure.of(InvalidArgument.field("to", "is odd")))
    failure = (await store.get(name)).failure
    assert failure is not None
    assert isinstance(failure.error(), InvalidArgument)
    assert failure.message == "to: is odd"
    assert "secret" not in Failure.of(RuntimeError("secret")).message


async def test_a_paused_operation_is_nobodys(store: Operations) -> None:
    name = (await added(store)).name
    await store.claim(name, "one", lease=HOUR)
    running = (OperationState.RUNNING,)
    paused = await store.change_state(name, OperationState.PAUSED, among=running)
    assert (paused.state, paused.owner) == (OperationState.PAUSED, "")
    assert await store.running() == []
    assert not await store.finish(name, "one", result={})
    assert not await store.claim(name, "two", lease=HOUR)
    with pytest.raises(FailedPrecondition):
        await store.delete(name)
    await store.change_state(name, OperationState.CANCELLED, among=(OperationState.PAUSED,))
    with pytest.raises(FailedPrecondition):
        await store.change_state(name, OperationState.PAUSED, among=running)
    await store.delete(name)
    with pytest.raises(NotFound):
        await store.get(name)


async def test_what_an_operation_waits_for_is_kept_until_it_goes_on(store: Operations) -> None:
    name = (await added(store)).name
    assert not await store.wait_for(name, "one", "the host does not answer")
    await store.claim(name, "one", lease=HOUR)
    await store.report(name, "one", {"at": 1})
    assert await store.wait_for(name, "one", "the host does not answer")
    await store.report(name, "one", {"at": 1})
    assert (await store.get(name)).waiting == "the host does not answer"
    await store.report(name, "one", {"at": 2})
    assert (await store.get(name)).waiting == ""
    await store.wait_for(name, "one", "the host does not answer")
    await store.finish(name, "one", result={})
    assert (await store.get(name)).waiting == ""


async def test_no_more_are_added_than_may_be_unended(catalog_url: str) -> None:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    store = SqlOperations(catalog.database, most=2)
    first = await store.add(new_operation("count", {}), request_id="one", payload="a")
    await added(store)
    with pytest.raises(ResourceExhausted) as raised:
        await added(store)
    assert raised.value.reason == "TOO_MANY_OPERATIONS"
    assert await store.add(new_operation("count", {}), request_id="one", payload="a") == first
    await store.change_state(first.name, OperationState.CANCELLED, among=[OperationState.RUNNING])
    await added(store)
    await catalog.close()


async def test_the_catalogs_clock_tells_when_a_lease_ends(
    catalog_url: str, store: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    if catalog_url.startswith("sqlite"):
        pytest.skip("all are on one machine there, by whose clock they go")

    class Fast(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Fast":
            return super().now(tz) + timedelta(days=1)

    name = (await added(store)).name
    assert await store.claim(name, "one", lease=HOUR)
    for module in (clock, operation_rows):
        monkeypatch.setattr(module, "datetime", Fast)
    assert [each.owner for each in await store.running()] == ["one"]
    assert not await store.claim(name, "two", lease=HOUR)

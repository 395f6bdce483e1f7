"""How imports are bounded, and how they stand back while somebody searches."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from orchestrator.application import traffic as traffic_module
from orchestrator.application.imports.budget import Budget
from orchestrator.application.traffic import Traffic


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_so_many_items_and_no_more() -> None:
    budget = Budget(2, 100)
    async with AsyncExitStack() as held:
        await held.enter_async_context(budget.slot())
        await held.enter_async_context(budget.slot())
        third = asyncio.create_task(budget.slot().__aenter__())
        await settled()
        assert not third.done()
    await asyncio.wait_for(third, 5)


async def test_bytes_are_waited_for_and_one_large_file_goes_alone() -> None:
    budget = Budget(9, 100)
    order: list[str] = []

    async def hold(name: str, size: int, until: asyncio.Event) -> None:
        async with budget.memory(size):
            order.append(name)
            await until.wait()

    free = [asyncio.Event() for _ in range(3)]
    names = (("small", 60), ("large", 1000), ("last", 60))
    tasks = []
    for (name, size), event in zip(names, free, strict=True):
        tasks.append(asyncio.create_task(hold(name, size, event)))
        await settled()
    assert order == ["small"]
    for event in free:
        event.set()
    await asyncio.wait_for(asyncio.gather(*tasks), 5)
    assert set(order) == {"small", "large", "last"}


async def test_while_searches_come_one_item_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic_module, "REMEMBERED", 0.2)
    traffic = Traffic()
    budget = Budget(4, 100, beside=1, traffic=traffic)
    assert not traffic.flows
    async with AsyncExitStack() as held:
        with traffic.call():
            assert traffic.flows
            await held.enter_async_context(budget.slot())  # it never stands still
            second = asyncio.create_task(budget.slot().__aenter__())
            await asyncio.sleep(0.3)
            assert not second.done()
        assert traffic.flows  # the next question is expected
        await asyncio.wait_for(second, 5)
        assert not traffic.flows


async def test_an_item_that_ends_lets_the_next_begin_beside_searches() -> None:
    traffic = Traffic()
    budget = Budget(4, 100, beside=1, traffic=traffic)
    done = 0

    async def item() -> None:
        nonlocal done
        async with budget.slot():
            await asyncio.sleep(0)
        done += 1

    with traffic.call():
        await asyncio.wait_for(asyncio.gather(*(item() for _ in range(5))), 10)
    assert done == 5

"""Permits bound what is under way and what waits."""

import asyncio

import pytest

from orchestrator.application.permits import Permits
from orchestrator.domain.errors import ResourceExhausted


async def hold(permits: Permits, size: int, release: asyncio.Event) -> None:
    async with permits.take(size):
        await release.wait()


async def test_no_more_than_asked_for_are_under_way() -> None:
    permits, under_way, most = Permits(under_way=3, waiting=100), 0, 0

    async def work() -> None:
        nonlocal under_way, most
        async with permits.take(1):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*(work() for _ in range(50)))
    assert most == 3


@pytest.mark.parametrize(("waiting", "waiting_bytes"), [(2, 10**9), (100, 25)])
async def test_what_waits_is_bounded_in_number_and_size(waiting: int, waiting_bytes: int) -> None:
    permits, release = Permits(under_way=1, waiting=waiting, waiting_bytes=waiting_bytes), asyncio.Event()
    held = [asyncio.create_task(hold(permits, 10, release)) for _ in range(3)]
    await asyncio.sleep(0.01)
    with pytest.raises(ResourceExhausted) as caught:
        await hold(permits, 10, release)
    assert caught.value.retry_after
    held[2].cancel()  # who no longer waits makes room
    await asyncio.sleep(0)
    held.append(asyncio.create_task(hold(permits, 10, release)))
    await asyncio.sleep(0.01)
    release.set()
    results = await asyncio.gather(*held, return_exceptions=True)
    assert [type(result).__name__ for result in results] == [
        "NoneType",
        "NoneType",
        "CancelledError",
        "NoneType",
    ]


async def test_one_that_is_too_large_to_wait_beside_others_waits_alone() -> None:
    permits, release = Permits(under_way=1, waiting_bytes=5), asyncio.Event()
    held = [asyncio.create_task(hold(permits, 10, release)) for _ in range(2)]
    await asyncio.sleep(0.01)
    release.set()
    await asyncio.gather(*held)

"""What every `ports.Cache` does."""

import pytest

from orchestrator.adapters.cache.memory import MemoryCache
from orchestrator.application.ports import Cache


@pytest.fixture(params=["memory"])
def cache(request: pytest.FixtureRequest) -> Cache:
    """A cache of about 80 kB."""
    return MemoryCache(80_000, 60)


async def test_it_answers_what_was_put(cache: Cache) -> None:
    assert await cache.get("a") is None
    await cache.put("a", b"1")
    await cache.put("b", b"")
    assert (await cache.get("a"), await cache.get("b")) == (b"1", b"")
    await cache.put("a", b"2")
    assert await cache.get("a") == b"2"


async def test_it_is_bounded_and_forgets_the_least_recently_used(cache: Cache) -> None:
    for number in range(100):
        await cache.put(f"key {number}", bytes(4000))
        await cache.get("key 0")
    kept = [number for number in range(100) if await cache.get(f"key {number}") is not None]
    assert 5 <= len(kept) <= 20
    assert {0, 99} <= set(kept)


async def test_a_value_too_large_is_not_kept_and_costs_no_other(cache: Cache) -> None:
    await cache.put("small", b"1")
    await cache.put("large", bytes(10**6))
    assert await cache.get("large") is None
    assert await cache.get("small") == b"1"


async def test_values_age() -> None:
    cache = MemoryCache(80_000, seconds=0.0)
    await cache.put("a", b"1")
    assert await cache.get("a") is None

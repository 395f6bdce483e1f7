"""What every `ports.Cache` does."""

from collections.abc import AsyncIterator

import pytest

from orchestrator.adapters.cache.counted import CountedCache, Tally
from orchestrator.adapters.cache.memory import MemoryCache
from orchestrator.adapters.cache.redis import RedisCache
from orchestrator.application.ports import Cache
from tests.fixtures.redis import RedisServer


@pytest.fixture(params=["memory", "redis", "counted"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    """A cache; that in memory of about 80 kB."""
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        shared = RedisCache(server.url, 60, patience=10)
        yield shared
        await shared.close()
    else:
        memory = MemoryCache(80_000, 60)
        yield CountedCache(memory) if request.param == "counted" else memory


async def test_it_answers_what_was_put(cache: Cache) -> None:
    assert await cache.get("a") is None
    await cache.put("a", b"1")
    await cache.put("b", b"")
    assert (await cache.get("a"), await cache.get("b")) == (b"1", b"")
    await cache.put("a", b"2")
    assert await cache.get("a") == b"2"


async def test_keys_are_any_text_and_of_any_length(cache: Cache) -> None:
    keys = ["ä b\n/\0", "x" * 10_000, "x" * 9_999 + "y", "", "*"]
    for number, key in enumerate(keys):
        await cache.put(key, bytes([number]))
    assert [await cache.get(key) for key in keys] == [bytes([number]) for number in range(len(keys))]


async def test_a_value_too_large_is_not_kept_and_costs_no_other(cache: Cache) -> None:
    await cache.put("small", b"1")
    await cache.put("large", bytes(2**20 + 1))
    assert await cache.get("large") is None
    assert await cache.get("small") == b"1"


async def test_memory_is_bounded_and_forgets_the_least_recently_used() -> None:
    cache = MemoryCache(80_000, 60)
    for number in range(100):
        await cache.put(f"key {number}", bytes(4000))
        await cache.get("key 0")
    kept = [number for number in range(100) if await cache.get(f"key {number}") is not None]
    assert 5 <= len(kept) <= 20
    assert {0, 99} <= set(kept)


async def test_values_age() -> None:
    cache = MemoryCache(80_000, seconds=0.0)
    await cache.put("a", b"1")
    assert await cache.get("a") is None


async def test_lookups_are_counted_by_kind() -> None:
    cache = CountedCache(MemoryCache(80_000, 60))
    await cache.get("picture/a")
    await cache.put("picture/a", b"1")
    for _ in range(3):
        await cache.get("picture/a")
    await cache.get("text-embedding/b")
    tallies = cache.tallies()
    assert tallies == {"picture": Tally(hits=3, misses=1), "text-embedding": Tally(hits=0, misses=1)}
    assert [tally.rate for tally in tallies.values()] == [0.75, 0.0]

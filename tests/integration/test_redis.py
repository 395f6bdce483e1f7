"""The cache on a Redis that goes away, is slow, is full, or holds what another wrote."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from orchestrator.adapters.cache.redis import PREFIX, RedisCache
from orchestrator.bootstrap import CannotStart, open_ports
from orchestrator.settings import Settings
from tests.fixtures.redis import RedisServer


@contextmanager
def silent_port() -> Iterator[int]:
    """A port where connections are taken, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
async def cache(redis_server: RedisServer) -> AsyncIterator[RedisCache]:
    cache = RedisCache(redis_server.url, 60, patience=10)
    await cache.put("warm", b"1")
    yield cache
    await cache.close()


@pytest.fixture
def stopped(redis_server: RedisServer) -> Iterator[RedisServer]:
    """A server that a test may stop."""
    yield redis_server
    redis_server.stop()
    redis_server.start()


async def test_two_orchestrators_share_it(redis_server: RedisServer, cache: RedisCache) -> None:
    other = RedisCache(redis_server.url, 60, patience=10)
    await cache.put("a", b"1")
    assert await other.get("a") == b"1"
    await other.close()


async def test_many_are_asked_for_at_once(cache: RedisCache) -> None:
    keys = [f"key {number}" for number in range(2000)]
    with capture_logs() as logs:
        await asyncio.gather(*(cache.put(key, key.encode()) for key in keys))
        assert await asyncio.gather(*map(cache.get, keys)) == [key.encode() for key in keys]
    assert logs == []


async def test_every_key_has_our_prefix_and_an_end(redis_server: RedisServer) -> None:
    cache = RedisCache(redis_server.url, 7, patience=10)
    await cache.put("a", b"1")
    await cache.put("x" * 10_000, b"1")
    with redis_server.client() as client:
        for key in client.scan_iter():
            assert key.startswith(PREFIX.encode())
            assert len(key) < 256
            assert 0 < client.pttl(key) <= 7000
    await cache.close()
    brief = RedisCache(redis_server.url, 0.001, patience=10)
    await brief.put("a", b"2")
    await asyncio.sleep(0.05)
    assert await brief.get("a") is None
    await brief.close()


@pytest.mark.parametrize("wrong", ["cut", "changed", "moved", "foreign", "empty", "list"])
async def test_what_is_not_as_it_was_put_is_a_miss(
    redis_server: RedisServer, cache: RedisCache, wrong: str
) -> None:
    await cache.put("a", b"value")
    await cache.put("b", b"value")
    with redis_server.client() as client:
        kept = client.get(PREFIX + "a")
        match wrong:
            case "cut":
                client.set(PREFIX + "a", kept[:-1])
            case "changed":
                client.set(PREFIX + "a", kept[:-1] + b"X")
            case "moved":
                client.set(PREFIX + "a", client.get(PREFIX + "b"))
            case "foreign":
                client.set(PREFIX + "a", b"somebody else's")
            case "empty":
                client.set(PREFIX + "a", b"")
            case _:
                client.delete(PREFIX + "a")
                client.rpush(PREFIX + "a", b"1")
    assert await cache.get("a") is None
    assert await cache.get("b") == b"value"


async def test_it_goes_away_and_comes_back(stopped: RedisServer, cache: RedisCache) -> None:
    stopped.stop()
    with capture_logs() as logs:
        for _ in range(20):
            assert await cache.get("warm") is None
            await cache.put("warm", b"1")
        assert [entry["event"] for entry in logs] == ["cache.away"]  # asked no more after that
        stopped.start()
        async with asyncio.timeout(30):
            while await cache.get("new") is None:
                await cache.put("new", b"1")
                await asyncio.sleep(0.05)
        assert [entry["event"] for entry in logs] == ["cache.away", "cache.back"]


async def test_one_that_never_answers_holds_up_nobody_for_long() -> None:
    with silent_port() as port:
        cache = RedisCache(f"redis://127.0.0.1:{port}/0")
        with capture_logs() as logs:
            for _ in range(4):
                assert await cache.get("a") is None
        assert [entry["event"] for entry in logs] == ["cache.away"]
        begun = time.monotonic()
        for _ in range(1000):
            assert await cache.get("a") is None
        assert time.monotonic() - begun < 5  # 1,000 lookups that waited would take 50
        await cache.close()


async def test_a_full_server_is_only_a_slower_one(redis_server: RedisServer, cache: RedisCache) -> None:
    with redis_server.client() as client:
        client.config_set("maxmemory", "1mb")  # less than it takes itself: every write is refused
        try:
            await cache.put("a", b"1")
            assert await cache.get("a") is None
        finally:
            client.config_set("maxmemory", "0")
    await cache.put("a", b"1")
    assert await cache.get("a") == b"1"


async def test_its_password_is_asked_for_and_shown_nowhere(redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        client.acl_setuser("cat", enabled=True, passwords=["+hidden"], keys=["*"], commands=["+@all"])
    for password, kept in (("hidden", b"1"), ("wrong-hidden", None)):
        cache = RedisCache(redis_server.url.replace("://", f"://cat:{password}@"), patience=10)
        with capture_logs() as logs:
            for _ in range(4):
                await cache.put("a", b"1")
            assert await cache.get("a") == kept
        assert "hidden" not in str(logs)
        await cache.close()


@pytest.mark.parametrize("url", ["http://me:hidden@host", "hidden", ""])
def test_another_engine_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(ValueError, match="redis://") as caught:
        RedisCache(url)
    assert "hidden" not in str(caught.value)


async def test_an_orchestrator_starts_without_it_and_not_on_what_is_none(tmp_path: Path) -> None:
    with silent_port() as port:
        settings = Settings(data_dir=tmp_path, cache_url=SecretStr(f"redis://me:hidden@127.0.0.1:{port}"))
        async with open_ports(settings) as ports:
            await ports.cache.put("a", b"1")
            assert await ports.cache.get("a") is None
        assert "hidden" not in str(settings.shown())
    with pytest.raises(CannotStart, match="SIGHTLINE_CACHE_URL") as caught:
        async with open_ports(Settings(data_dir=tmp_path, cache_url=SecretStr("http://me:hidden@host"))):
            pass
    assert "hidden" not in str(caught.value)

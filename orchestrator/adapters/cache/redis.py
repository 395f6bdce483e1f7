"""The Cache port on a Redis server, which several orchestrators may share."""

import asyncio
import hashlib
from typing import Any, TypeVar

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

Result = TypeVar("Result")

PREFIX = "sightline:1:"
"""Before every key: a later layout of values takes another number."""

LARGEST = 1 << 20
PATIENCE = 0.05  # seconds that a call may take: what is cached is seldom worth more
_FAILURES = 3  # in a row, until nobody asks any more
_PAUSE = 1.0  # seconds between looks whether it is back
_CONNECTIONS = 8
_LONGEST_KEY = 200
_SEAL = 16  # bytes

_log = structlog.get_logger(__name__)


class RedisCache:
    """Keeps each value for `seconds`, and waits `patience` seconds for an answer.

    What goes when memory is short is the server's `maxmemory-policy`. Whatever goes wrong is a miss. A server
    that failed three times in a row is left alone until it answers again, so that a dead one costs nothing. A
    value bears a hash of itself and its key: one that is cut off, or that somebody else wrote, is a miss.
    Values above a MiB are not kept. Raises ValueError for a URL that is none, without quoting it.
    """

    def __init__(self, url: str, seconds: float = 3600.0, *, patience: float = PATIENCE) -> None:
        if not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("it is not redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER], or rediss:// with TLS")
        self._milliseconds = max(1, round(seconds * 1000))
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=patience,
            socket_timeout=1.0,
            socket_connect_timeout=1.0,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            decode_responses=False,
        )
        self._patience = patience
        self._redis = Redis.from_pool(pool)
        self._connections = asyncio.Semaphore(_CONNECTIONS)
        self._failures = 0
        self._mending: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Closes its connections."""
        if self._mending is not None:
            self._mending.cancel()
        await self._redis.aclose()

    async def get(self, key: str) -> bytes | None:
        """None where it has none, or does not answer in time."""
        name = _name(key)
        return _unsealed(name, await self._ask(self._redis.get, name))

    async def put(self, key: str, value: bytes) -> None:
        """Keeps a value for a while."""
        if len(value) <= LARGEST:
            name = _name(key)
            await self._ask(self._redis.set, name, _seal(name, value) + value, px=self._milliseconds)

    async def _ask(self, command: Any, *arguments: Any, **options: Any) -> Any:
        async with self._connections:
            if self._failures >= _FAILURES:
                return None
            try:
                async with asyncio.timeout(self._patience):
                    answer = await command(*arguments, **options)
            except (RedisError, OSError, TimeoutError) as error:
                self._failed(error)
                return None
        self._failures = 0
        return answer

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        if self._failures >= _FAILURES and (self._mending is None or self._mending.done()):
            _log.warning("cache.away", why=type(error).__name__)
            self._mending = asyncio.create_task(self._mend(), name="cache")

    async def _mend(self) -> None:
        """Asks now and then, off everybody's path, until it answers."""
        while True:
            await asyncio.sleep(_PAUSE)
            try:
                async with asyncio.timeout(_PAUSE):
                    await self._redis.ping()
            except (RedisError, OSError, TimeoutError):
                continue
            self._failures = 0
            _log.info("cache.back")
            return


def _name(key: str) -> str:
    if len(key) > _LONGEST_KEY:
        key = hashlib.sha256(key.encode()).hexdigest()
    return PREFIX + key


def _seal(name: str, value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=_SEAL, key=hashlib.sha256(name.encode()).digest()).digest()


def _unsealed(name: str, kept: Any) -> bytes | None:
    if not isinstance(kept, bytes) or len(kept) < _SEAL:
        return None
    value = kept[_SEAL:]
    return value if kept[:_SEAL] == _seal(name, value) else None

"""Bounds how much work is under way at once, and how much waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from orchestrator.domain.errors import ResourceExhausted


class Permits:
    """At most `under_way` at once; at most `waiting` more, of `waiting_bytes` in all, wait their turn.

    `what` they are for, and the `reason` of a refusal, are what callers are told.
    """

    def __init__(
        self,
        under_way: int = 32,
        waiting: int = 128,
        waiting_bytes: int = 256 * 1024 * 1024,
        *,
        what: str = "images",
        reason: str = ResourceExhausted.reason,
    ) -> None:
        self._what, self._reason = what, reason
        self._semaphore = asyncio.Semaphore(under_way)
        self._max_waiting, self._max_bytes = waiting, waiting_bytes
        self._waiting = self._bytes = 0

    @asynccontextmanager
    async def take(self, size_bytes: int = 0) -> AsyncIterator[None]:
        """Holds a permit. Raises ResourceExhausted at once where too much waits already."""
        if self._semaphore.locked():
            if self._waiting >= self._max_waiting or (
                self._waiting and self._bytes + size_bytes > self._max_bytes
            ):
                raise ResourceExhausted(
                    f"too many {self._what} are under way", reason=self._reason, retry_after=1.0
                )
            self._waiting += 1
            self._bytes += size_bytes
            try:
                await self._semaphore.acquire()
            finally:
                self._waiting -= 1
                self._bytes -= size_bytes
        else:
            await self._semaphore.acquire()
        try:
            yield
        finally:
            self._semaphore.release()

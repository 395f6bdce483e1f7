"""Bounds how much of imports is under way in this process: items, and bytes of files in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from orchestrator.application.traffic import Traffic

_LOOK = 0.05  # seconds between looks at the traffic


class Budget:
    """At most `items` at once, and `size_bytes` of their files in all; one file alone may be larger.

    While searches come and go, at most `beside` items are under way: an import never has the cores to itself
    then, and never stands still.
    """

    def __init__(
        self, items: int, size_bytes: int, *, beside: int = 1, traffic: Traffic | None = None
    ) -> None:
        self.items = items
        self._beside = min(beside, items)
        self._traffic = traffic or Traffic()
        self._slots = asyncio.Semaphore(items)
        self._under_way = 0
        self._bytes = self._most = size_bytes
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Holds one item's place."""
        async with self._slots:
            while self._traffic.flows and self._under_way >= self._beside:  # noqa: ASYNC110 — only time tells
                await asyncio.sleep(_LOOK)
            self._under_way += 1
            try:
                yield
            finally:
                self._under_way -= 1

    @asynccontextmanager
    async def memory(self, size_bytes: int) -> AsyncIterator[None]:
        """Holds so many bytes."""
        size = min(size_bytes, self._most)
        async with self._freed:
            await self._freed.wait_for(lambda: self._bytes >= size)
            self._bytes -= size
        try:
            yield
        finally:
            self._bytes += size
            await asyncio.shield(self._wake())

    async def _wake(self) -> None:
        async with self._freed:
            self._freed.notify_all()

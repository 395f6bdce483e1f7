"""Bounds how much of imports is under way in this process: items, and bytes of files in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Budget:
    """At most `items` at once, and `size_bytes` of their files in all; one file alone may be larger."""

    def __init__(self, items: int, size_bytes: int) -> None:
        self.items = items
        self._slots = asyncio.Semaphore(items)
        self._bytes = self._most = size_bytes
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Holds one item's place."""
        async with self._slots:
            yield

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

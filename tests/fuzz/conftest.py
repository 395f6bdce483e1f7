"""The gateway as a process in front of the library server, for all tests of this folder."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack

import psutil
import pytest

from tests.fixtures.gateway import Process, started
from tests.protos.library_server import build, library


class Live:
    """A running gateway."""

    def __init__(self, process: Process) -> None:
        self.process = process

    @property
    def url(self) -> str:
        return self.process.url

    def resident(self) -> int:
        """Bytes of memory that the gateway holds."""
        return int(psutil.Process(self.process.process.pid).memory_info().rss)


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    """Both servers, in a thread with an event loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    stack = AsyncExitStack()

    async def start() -> Process:
        server = await stack.enter_async_context(library())
        flags = ("--descriptors", str(build() / "library.binpb"))
        limits = ("--max-body-bytes", "1048576", "--timeout", "2")
        return await stack.enter_async_context(started(server.address, *flags, *limits))

    try:
        yield Live(asyncio.run_coroutine_threadsafe(start(), loop).result(120))
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

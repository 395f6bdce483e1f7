"""What the gateway's tests share."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.protos.library_server import Running, library


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Running]:
    """The server that keeps books on shelves."""
    async with library() as running:
        yield running

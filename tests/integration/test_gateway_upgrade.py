"""Connections that become WebSockets, and requests that ask for one in vain, over raw sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest_asyncio
from websockets.asyncio.client import connect

from tests.integration.test_gateway_sockets import Process, started
from tests.protos.library_server import library

LINE = '{"index":1,"request":{"book":{"title":"a"}}}'


@pytest_asyncio.fixture
async def gateway() -> AsyncIterator[Process]:
    async with library() as server, started(server.address, "--head-timeout", "1") as process:
        yield process


async def test_a_websocket_outlives_the_time_for_a_head(gateway: Process) -> None:
    url = f"ws{gateway.url.removeprefix('http')}/v1/books:bulk"
    async with connect(url, open_timeout=30) as socket:
        for pause in (0, 3):
            await asyncio.sleep(pause)
            await socket.send(LINE)
            assert json.loads(await asyncio.wait_for(socket.recv(), 30))["result"]["index"] == 1
    async with connect(url, open_timeout=30):
        pass
    await asyncio.sleep(2)  # nothing is left that would write to a socket that has ended
    assert not [line for line in gateway.log if "Exception" in line or "Traceback" in line]

"""Connections that become WebSockets, and requests that ask for one in vain, over raw sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from tests.fixtures.gateway import Process, started
from tests.integration.gateway.test_edge import answer_of, connected, exchange, refused
from tests.protos.library_server import library

ASKS = "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
KEY = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
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


@pytest.mark.parametrize(
    ("method", "headers", "body"),
    [
        ("POST", KEY, ""),
        ("POST", f"{KEY}Content-Length: 2\r\n", "{}"),
        ("GET", f"{KEY}Content-Length: 2\r\n", ""),
        ("GET", f"{KEY}Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("GET", "", ""),
        ("GET", "Sec-WebSocket-Key: short\r\n", ""),
    ],
)
async def test_what_is_no_handshake_is_told_so(
    gateway: Process, method: str, headers: str, body: str
) -> None:
    sent = f"{method} /v1/books:bulk HTTP/1.1\r\n{ASKS}{headers}\r\n{body}"
    refused(await exchange(gateway, sent), 400, "WebSocket")


async def test_a_handshake_waits_for_no_other_answer(gateway: Process) -> None:
    stream = "GET /v1/shelves/1:search?count=2&pause=1s HTTP/1.1\r\nHost: localhost\r\n\r\n"
    sent = f"{stream}GET /v1/books:bulk HTTP/1.1\r\n{ASKS}{KEY}\r\n"
    async with connected(gateway) as (reader, writer):
        writer.write(sent.encode())
        await reader.readuntil(b"0\r\n\r\n")
        refused(await answer_of(reader), 400, "WebSocket")


async def test_a_handshake_may_say_that_it_has_no_body(gateway: Process) -> None:
    async with connected(gateway) as (reader, writer):
        writer.write(f"GET /v1/books:bulk HTTP/1.1\r\n{ASKS}{KEY}Content-Length: 0\r\n\r\n".encode())
        assert b" 101 " in await reader.readline()

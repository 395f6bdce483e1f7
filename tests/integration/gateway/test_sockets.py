"""The gateway over real sockets."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from tests.fixtures.gateway import Process, started
from tests.protos.library_server import Running


@pytest_asyncio.fixture
async def gateway(server: Running) -> AsyncIterator[Process]:
    async with started(server.address, "--max-body-bytes", str(1 << 20)) as process:
        yield process


async def test_a_client_that_hangs_up_cancels_the_call(gateway: Process, server: Running) -> None:
    for path in ("/v1:hang", "/v1/shelves/1:search?count=9&pause=3600s"):
        server.seen.cancelled.clear()
        reader, writer = await asyncio.open_connection(*gateway.address)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await writer.drain()
        if "search" in path:
            await reader.readuntil(b'{"result":')
        else:
            await asyncio.wait_for(server.seen.hanging.wait(), 20)
        writer.close()
        await writer.wait_closed()
        await asyncio.wait_for(server.seen.cancelled.wait(), 20)


async def test_a_stream_comes_line_by_line(gateway: Process) -> None:
    path = "/v1/shelves/1:search?text=x&count=2&pause=3600s"  # the second line comes in an hour
    async with (
        httpx.AsyncClient(base_url=gateway.url, timeout=20) as http,
        http.stream("GET", path) as answer,
    ):
        lines = answer.aiter_lines()
        assert json.loads(await anext(lines))["result"]["title"] == "x 0"


async def test_a_stream_of_requests_is_answered_as_it_comes(gateway: Process) -> None:
    reader, writer = await asyncio.open_connection(*gateway.address)
    writer.write(b"POST /v1/books:bulk HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    async with asyncio.timeout(20):
        for index in range(3):
            line = json.dumps({"index": index, "request": {"parent": "p"}}).encode() + b"\n"
            writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            await writer.drain()
            while b'"index":%d' % index not in await reader.readline():
                pass
        writer.write(b"0\r\n\r\n")
        await reader.readuntil(b"0\r\n\r\n")
    writer.close()
    await writer.wait_closed()


async def test_a_stream_that_breaks_says_why_at_its_end(gateway: Process) -> None:
    for accept, last in (
        ("application/x-ndjson", b'{"error":{"code":3,'),
        ("text/event-stream", b'event: error\ndata: {"code":3,'),
    ):
        reader, writer = await asyncio.open_connection(*gateway.address)
        writer.write(b"POST /v1/books:bulk HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n")
        writer.write(f"Accept: {accept}\r\n\r\n".encode())
        line = b'{"index": 7, "request": {"parent": "p"}}\n'
        writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        async with asyncio.timeout(20):
            await reader.readuntil(b'"index":7')
            writer.write(b"5\r\n{no}\n\r\n")
            assert last in await reader.readuntil(b"0\r\n\r\n")  # and the answer is whole
        writer.close()
        await writer.wait_closed()


async def test_a_large_body_is_refused_before_it_is_read(gateway: Process) -> None:
    reader, writer = await asyncio.open_connection(*gateway.address)
    writer.write(b"POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000000\r\n\r\n{")
    async with asyncio.timeout(20):
        assert (await reader.readline()).split()[1] == b"413"
    writer.close()
    await writer.wait_closed()

    async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as http:
        answer = await http.post("/v1/echo", content=b" " * (3 << 20))
        assert answer.status_code == 413
        assert (await http.get("/healthz")).status_code == 200


async def test_it_stops_on_sigterm_and_logs_a_line_a_request(gateway: Process) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as http:
        headers = {"Authorization": "Bearer hush", "X-Request-Id": "r1"}
        await http.get("/v1/shelves/1/books/2?secret=1", headers=headers)
    gateway.process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(gateway.process.wait(), 30) == 0
    await asyncio.sleep(0.1)
    lines = [json.loads(line) for line in gateway.log if '"r1"' in line]
    assert len(lines) == 1
    assert (lines[0]["status"], lines[0]["path"]) == (400, "/v1/shelves/1/books/2")
    assert "hush" not in "".join(gateway.log)
    assert "secret" not in "".join(gateway.log)

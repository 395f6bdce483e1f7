"""What the HTTP server answers to clients that are slow, huge or no HTTP at all, over raw sockets."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
import pytest_asyncio

from gateway.http_protocol import protocol
from tests.fixtures.gateway import Process, started
from tests.protos.library_server import Running, settings

GET = "GET /v1/echo?text=x HTTP/1.1\r\nHost: localhost\r\n"


@pytest_asyncio.fixture
async def gateway(server: Running) -> AsyncIterator[Process]:
    flags = {"head-timeout": 2, "idle-timeout": 2, "write-timeout": 2, "min-rate": 1000, "max-headers": 50}
    listed = [text for name, value in flags.items() for text in (f"--{name}", str(value))]
    async with started(server.address, *listed) as process:
        yield process


@asynccontextmanager
async def connected(gateway: Process) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(*gateway.address, limit=1 << 20)
    try:
        async with asyncio.timeout(120):
            yield reader, writer
    finally:
        writer.transport.abort()


async def exchange(gateway: Process, sent: bytes | str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to some bytes; the connection has been closed after it."""
    async with connected(gateway) as (reader, writer):
        writer.write(sent.encode() if isinstance(sent, str) else sent)
        return await answer_of(reader)


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *fields = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    body = await reader.readexactly(int(headers["content-length"]))
    with suppress(ConnectionError):  # who sends on may be cut off, once the answer is out
        assert await reader.read() == b""
    return int(line.split()[1]), headers, body


def refused(answer: tuple[int, dict[str, str], bytes], status: int, words: str) -> None:
    code, headers, body = answer
    assert (code, headers["content-type"], headers["connection"]) == (status, "application/json", "close")
    error = json.loads(body)
    assert words in error["message"]
    assert set(error) == {"code", "message", "details"}


async def test_a_head_that_is_too_large(gateway: Process) -> None:
    refused(await exchange(gateway, GET + f"X-Large: {'x' * 40_000}\r\n\r\n"), 431, "32768 bytes")
    many = "".join(f"X-{n}: {'x' * 400}\r\n" for n in range(45))
    async with connected(gateway) as (reader, writer):
        writer.write(f"{GET}{many}\r\n".encode())  # 20 KB in all is not
        assert b"200" in await reader.readline()
    refused(await exchange(gateway, GET + many * 2 + "\r\n"), 431, "50 headers")


async def test_a_header_without_end_is_refused_early(gateway: Process) -> None:
    async with connected(gateway) as (reader, writer):
        writer.write(GET.encode() + b"X-Endless: ")

        async def send() -> None:
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()

        sending = asyncio.create_task(send())
        refused(await answer_of(reader), 431, "32768 bytes")
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def test_a_path_that_is_too_long(gateway: Process) -> None:
    refused(await exchange(gateway, f"GET /{'x' * 40_000} HTTP/1.1\r\nHost: x\r\n\r\n"), 414, "path")


async def test_trailers_without_end(gateway: Process) -> None:
    head = (
        "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-T: "
    )
    async with connected(gateway) as (reader, writer):
        writer.write(head.encode())
        for _ in range(10):
            writer.write(b"x" * 20_000)
            await asyncio.sleep(0.05)
        refused(await answer_of(reader), 431, "32768 bytes")


@pytest.mark.parametrize(
    "sent",
    [
        "nonsense\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        "GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
    ],
)
async def test_what_is_no_http(gateway: Process, sent: bytes | str) -> None:
    refused(await exchange(gateway, sent), 400, "not a well-formed HTTP request")


@pytest.mark.parametrize("hosts", ["", "Host: localhost\r\nHost: 127.0.0.1\r\n"])
async def test_one_host_is_asked_for(gateway: Process, hosts: str) -> None:
    refused(await exchange(gateway, f"GET /healthz HTTP/1.1\r\n{hosts}\r\n"), 400, "Host")
    status, _, _ = await exchange(gateway, "GET /healthz HTTP/1.0\r\n\r\n")
    assert status == 200


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_http_1_0_is_answered_without_chunks(gateway: Process, encoding: str) -> None:
    head = f"GET /v1/shelves/1:search?text=x&count=3 HTTP/1.0\r\nAccept-Encoding: {encoding}\r\n\r\n"
    async with connected(gateway) as (reader, writer):
        writer.write(head.encode())
        sent, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert b" 200 " in sent
    assert b"connection: close" in sent
    assert b"transfer-encoding" not in sent
    lines = (gzip.decompress(body) if encoding == "gzip" else body).splitlines()
    assert [json.loads(line)["result"]["title"] for line in lines] == ["x 0", "x 1", "x 2"]
    status, _, whole = await exchange(gateway, "GET /v1/echo?text=x HTTP/1.0\r\n\r\n")
    assert (status, json.loads(whole)["text"]) == (200, "x")
    assert not [line for line in gateway.log if "Traceback" in line]


async def test_a_chunk_that_is_none(gateway: Process) -> None:
    head = "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    refused(await exchange(gateway, f"{head}zz\r\n"), 400, "not a well-formed")


async def test_nonsense_behind_a_request_is_answered_behind_its_answer(gateway: Process) -> None:
    async with connected(gateway) as (reader, writer):
        writer.write(f"{GET}\r\nnonsense\r\n\r\n".encode())
        first = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in first
        length = int(first.lower().partition(b"content-length:")[2].split()[0])
        assert json.loads(await reader.readexactly(length))["text"] == "x"
        refused(await answer_of(reader), 400, "not a well-formed")


async def test_a_head_that_does_not_come(gateway: Process) -> None:
    begun = time.monotonic()
    refused(await exchange(gateway, "GET / HTTP/1.1\r\nHost"), 408, "head")
    async with connected(gateway) as (reader, _):  # who says nothing at all is told nothing
        assert await reader.read() == b""
    assert time.monotonic() - begun < 60


async def test_a_head_that_drips_has_no_longer(gateway: Process) -> None:
    async with connected(gateway) as (reader, writer):
        begun = time.monotonic()
        writer.write(GET.encode())
        answer = asyncio.create_task(answer_of(reader))
        while not answer.done():
            writer.write(b"a")
            await asyncio.sleep(0.2)
        refused(await answer, 408, "head")
        assert time.monotonic() - begun < 30


async def test_a_second_head_on_the_same_connection_is_timed_too(gateway: Process) -> None:
    async with connected(gateway) as (reader, writer):
        writer.write(b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"GET")
        refused(await answer_of(reader), 408, "head")


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/v1/echo", "application/json"), ("/v1/shelves/1/books:upload", "application/octet-stream")],
)
async def test_a_body_that_drips_has_an_end(gateway: Process, path: str, kind: str) -> None:
    async with connected(gateway) as (reader, writer):
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
        writer.write(f"{head}Content-Length: 99999\r\n\r\n{{".encode())
        answer = asyncio.create_task(answer_of(reader))
        begun = time.monotonic()
        while not answer.done():  # no wait is longer than the idle timeout of 2 s
            writer.write(b" ")
            await asyncio.sleep(0.2)
        status, headers, body = await answer
        assert (status, headers["connection"]) == (408, "close")
        assert "did not come in time" in json.loads(body)["message"]
        assert time.monotonic() - begun < 60


async def test_a_stream_of_requests_may_be_slow(gateway: Process) -> None:
    async with connected(gateway) as (reader, writer):
        head = "POST /v1/books:count HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(8):  # 4 s in all: far below 1,000 bytes a second
            writer.write(b"3\r\n{}\n\r\n")
            await asyncio.sleep(0.5)
        writer.write(b"0\r\n\r\n")
        status, _, body = await answer_of(reader)
        assert (status, json.loads(body)["count"]) == (200, 8)


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        ("/v1/books:count", "application/x-ndjson", b"{}\n"),
        ("/library.v1.Library/CountBooks", "application/connect+json", b"\0\0\0\0\2{}"),
    ],
)
async def test_a_message_of_a_stream_that_drips_has_an_end(
    gateway: Process, path: str, kind: str, message: bytes
) -> None:
    async with connected(gateway) as (reader, writer):
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
        writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        answer = asyncio.create_task(reader.read())
        for _ in range(4):
            writer.write(b"%x\r\n%b\r\n" % (len(message), message))
            await asyncio.sleep(1)
        assert not answer.done()
        begin = message[:1] if message[:1] == b"{" else b"\0\0\0\1\0"  # of a message of 256 bytes
        writer.write(b"%x\r\n%b\r\n" % (len(begin), begin))
        begun = time.monotonic()
        while not answer.done():
            writer.write(b"1\r\n \r\n")
            await asyncio.sleep(0.2)
            assert time.monotonic() - begun < 60
        assert b"did not come in time" in await answer


async def test_the_server_as_a_whole_says_what_it_takes(gateway: Process) -> None:
    async with connected(gateway) as (reader, writer):
        writer.write(b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    assert " 204 " in head
    allowed = re.search("^allow: (.*)$", head.replace("\r", ""), re.MULTILINE)
    assert allowed is not None
    assert {"get", "head", "options", "post", "patch", "delete"} <= set(allowed[1].split(", "))
    async with connected(gateway) as (reader, writer):
        writer.write(b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 400 " in await reader.readline()


async def test_connections_beyond_the_limit_are_asked_to_come_again(server: Running) -> None:
    async with started(server.address, "--max-connections", "2") as gateway:
        async with connected(gateway) as (reader, writer), connected(gateway):
            for socket_asks in ("", "Connection: Upgrade\r\nUpgrade: websocket\r\n"):
                answer = await exchange(gateway, f"{GET}{socket_asks}\r\n")
                refused(answer, 503, "too many connections")
                assert answer[1]["retry-after"] == "1"
            writer.write(f"{GET}\r\n".encode())  # who was there before is served
            assert b" 200 " in await reader.readline()
        async with asyncio.timeout(30), httpx.AsyncClient(base_url=gateway.url) as http:
            while (await http.get("/healthz")).status_code != 200:
                await asyncio.sleep(0.05)


async def test_a_reader_that_stops_is_cut_off_and_its_rpc_cancelled(
    gateway: Process, server: Running
) -> None:
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(small, gateway.address)
    text = "x" * 5000
    head = f"GET /v1/shelves/1:search?count=100000&text={text} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    await loop.sock_sendall(small, head.encode())
    async with asyncio.timeout(60):
        while not any('"CANCELLED"' in line and ":search" in line for line in gateway.log):
            await asyncio.sleep(0.1)
    small.close()


async def test_a_slow_reader_who_keeps_up_the_rate_is_served(gateway: Process) -> None:
    size = 3 << 20
    async with httpx.AsyncClient(base_url=gateway.url, timeout=60) as http:
        small = socket.socket()
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        small.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(small, gateway.address)
        head = f"POST /v1:print HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n"
        head += "Connection: close\r\n\r\n"
        await loop.sock_sendall(small, head.encode() + bytes(size))
        begun, got = time.monotonic(), 0
        while data := await loop.sock_recv(small, 100_000):
            got += len(data)
            await asyncio.sleep(0.15)
        assert got > size
        assert time.monotonic() - begun > 3  # longer than the write timeout of 2 s
        assert (await http.get("/healthz")).status_code == 200
        small.close()


async def test_who_goes_on_sending_after_an_answer_is_not_heard_for_long(gateway: Process) -> None:
    async with connected(gateway) as (reader, writer):
        writer.write(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n")
        assert b" 404 " in await reader.readline()

        async def send() -> None:
            while not writer.transport.is_closing():
                writer.write(b"x" * 100)
                await asyncio.sleep(0.1)

        sending = asyncio.create_task(send())
        begun = time.monotonic()
        with suppress(ConnectionError):
            await reader.read()
        assert time.monotonic() - begun < 30
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def test_bytes_of_any_kind_are_answered_or_cut_off(gateway: Process) -> None:
    chance = random.Random(4)
    whole = [
        f"{GET}\r\n".encode(),
        b"POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2\r\n{}\r\n0\r\n\r\n",
        b"POST /v1/shelves/1/books:upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 45\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        b"--b\r\nContent-Disposition: form-data\r\n\r\n--b--",
    ]

    async def one(sent: bytes) -> bytes:
        async with connected(gateway) as (reader, writer):
            with suppress(ConnectionError):
                for piece in (sent[: len(sent) // 2], sent[len(sent) // 2 :]):
                    writer.write(piece)
                    await writer.drain()
                writer.write_eof()
                return await reader.read()
            return b""

    statuses = set()
    for _ in range(20):
        batch = []
        for _ in range(10):
            sent = bytearray(chance.choice(whole) * chance.randint(1, 2))
            for _ in range(chance.randint(1, 6)):
                at = chance.randrange(len(sent))
                change = [
                    bytes([chance.randrange(256)]),
                    b"",
                    b"\r\n",
                    sent[at : at + 20] * 2,
                    b"%zz",
                    b"\x00",
                ]
                sent[at : at + chance.randint(0, 2)] = chance.choice(change)
            batch.append(one(bytes(sent)))
        for got in await asyncio.gather(*batch):
            assert got == b"" or got.startswith(b"HTTP/1.1 ")
            statuses |= {int(got[9:12])} if got else set()
    assert {200, 400} <= statuses
    assert not {status for status in statuses if status >= 500} - {501}
    assert not [line for line in gateway.log if "Traceback" in line]
    async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as http:
        assert (await http.get("/readyz")).status_code == 200


async def test_tcp_asks_whether_a_silent_peer_is_there() -> None:
    made: list[Any] = []

    class Config:
        loaded, loaded_app, ws_protocol_class, root_path, asgi_version = True, None, None, "", "3.0"
        limit_concurrency, timeout_keep_alive = None, 5

    class State:
        connections: set[Any] = set()  # noqa: RUF012
        tasks: set[Any] = set()  # noqa: RUF012
        default_headers: list[Any] = []  # noqa: RUF012

    def make() -> Any:
        made.append(protocol(settings(write_timeout=7))(config=Config(), server_state=State(), app_state={}))
        return made[-1]

    loop = asyncio.get_running_loop()
    listener = await loop.create_server(make, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
    while not made or made[0].transport is None:
        await asyncio.sleep(0.01)
    accepted = made[0].transport.get_extra_info("socket")
    assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 7000
    writer.close()
    await writer.wait_closed()
    listener.close()

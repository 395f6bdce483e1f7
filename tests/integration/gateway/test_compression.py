"""Compressed answers and requests, through the whole application."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest
import pytest_asyncio
from backports import zstd

from gateway.app import create_app
from gateway.codings import unpacker
from tests.fixtures.gateway import Process, started
from tests.protos.library_server import Running, counting, settings, until

READ = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}
PACK = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress}
LARGE = "/v1/echo?text=" + "x" * 5000
TEXT = "/v1/downloads/300000?contentType=text/plain"
MIB = 1 << 20


@asynccontextmanager
async def application(target: str, **given: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The whole application in this process. Its answers are read as they are: nothing is unpacked."""
    app = create_app(settings(target=target, allowed_hosts="*", **given))
    inner = app
    while hasattr(inner, "app"):
        inner = inner.app
    async with inner:
        await until(lambda: inner.target.services is not None)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
            client.headers.pop("accept-encoding")
            yield client


@pytest_asyncio.fixture
async def client(server: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with application(server.address, max_body_bytes=MIB) as client:
        yield client


async def raw(client: httpx.AsyncClient, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.stream("GET", path, headers=given) as answer:
        return answer, b"".join([chunk async for chunk in answer.aiter_raw()])


@pytest.mark.parametrize("coding", READ)
@pytest.mark.parametrize("path", [LARGE, TEXT, TEXT.replace("?", ":stream?"), "/openapi.json"])
async def test_what_shrinks_is_compressed(client: httpx.AsyncClient, coding: str, path: str) -> None:
    plain, expected = await raw(client, path)
    answer, packed = await raw(client, path, accept_encoding=f"{coding}, deflate")
    assert (answer.status_code, answer.headers["content-encoding"]) == (200, coding)
    assert READ[coding](packed) == expected
    assert len(packed) < len(expected) / 3
    assert plain.headers["vary"] == answer.headers["vary"] == "accept-encoding"
    assert "content-encoding" not in plain.headers
    if "content-length" in answer.headers:
        assert int(answer.headers["content-length"]) == len(packed)


async def test_what_does_not_shrink_is_not(client: httpx.AsyncClient) -> None:
    for path in ("/v1/downloads/5000?contentType=image/png", "/v1/downloads/5000", "/healthz"):
        answer, _ = await raw(client, path, accept_encoding="gzip")
        assert "content-encoding" not in answer.headers
    path = TEXT + "&metadata[cache-control]=no-transform"
    assert "content-encoding" not in (await raw(client, path, accept_encoding="gzip"))[0].headers
    answer, packed = await raw(client, "/healthz", accept_encoding="gzip, identity;q=0")
    assert json.loads(gzip.decompress(packed)) == {"status": "SERVING"}
    answer, packed = await raw(client, "/v1/downloads/9?contentType=image/png", accept_encoding="br, *;q=0")
    assert brotli.decompress(packed) == counting(0, 9)


async def test_who_accepts_nothing_that_there_is(client: httpx.AsyncClient) -> None:
    answer = await client.get(LARGE, headers={"Accept-Encoding": "compress, identity;q=0"})
    assert answer.status_code == 406
    assert "zstd, br, gzip" in answer.json()["message"]


async def test_head_says_what_get_would(client: httpx.AsyncClient) -> None:
    answer = await client.head(TEXT, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "content-length" not in answer.headers


async def test_tags_of_what_is_compressed_are_weak_and_still_good(client: httpx.AsyncClient) -> None:
    plain, _ = await raw(client, TEXT)
    packed, _ = await raw(client, TEXT, accept_encoding="gzip")
    assert packed.headers["etag"] == "W/" + plain.headers["etag"]
    for tag in (plain.headers["etag"], packed.headers["etag"]):
        answer, body = await raw(client, TEXT, accept_encoding="gzip", if_none_match=tag)
        assert (answer.status_code, body) == (304, b"")
        assert answer.headers["vary"] == "accept-encoding"
    ranged = {"accept_encoding": "gzip", "range": "bytes=0-9"}
    answer, body = await raw(client, TEXT, **ranged)
    assert (answer.status_code, body) == (206, counting(0, 10))
    assert "content-encoding" not in answer.headers
    answer, _ = await raw(client, TEXT, **ranged, if_range=packed.headers["etag"])
    assert (answer.status_code, answer.headers["content-encoding"]) == (200, "gzip")


async def test_errors_vary_by_both(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/nothing", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["vary"] == "accept, accept-encoding"


async def test_compression_can_be_switched_off(server: Running) -> None:
    async with application(server.address, compress=False) as client:
        answer, _ = await raw(client, LARGE, accept_encoding="gzip")
        assert not {"content-encoding", "vary"} & answer.headers.keys()


@pytest_asyncio.fixture
async def process(server: Running) -> AsyncIterator[Process]:
    async with started(server.address, "--max-body-bytes", str(MIB)) as process:
        yield process


@pytest.mark.parametrize("coding", READ)
async def test_a_stream_is_flushed_line_by_line(process: Process, coding: str) -> None:
    path = "/v1/shelves/1:search?text=x&count=2&pause=3600s"  # the second line comes in an hour
    stream = unpacker(coding)
    assert stream is not None
    async with (
        asyncio.timeout(60),
        httpx.AsyncClient(base_url=process.url) as http,
        http.stream("GET", path, headers={"Accept-Encoding": coding}) as answer,
    ):
        assert answer.headers["content-encoding"] == coding
        text = b""
        async for chunk in answer.aiter_raw():
            text += b"".join(stream.unpack(chunk))
            if text.endswith(b"\n"):
                break
    assert json.loads(text)["result"]["title"] == "x 0"


@pytest.mark.parametrize("coding", PACK)
async def test_requests_may_be_compressed(client: httpx.AsyncClient, coding: str) -> None:
    headers = {"Content-Encoding": coding}
    text = "x" * 10_000
    packed = PACK[coding](json.dumps({"text": text}).encode())
    answer = await client.post("/v1/echo", content=packed, headers=headers)
    assert answer.json()["text"] == text
    lines = PACK[coding](b'{"index": 1}\n' * 3)
    answer = await client.post("/v1/books:count", content=lines, headers=headers)
    assert answer.json()["count"] == 3
    octets = {**headers, "Content-Type": "application/octet-stream"}
    path = "/v1/shelves/1/books:upload"
    answer = await client.post(path, content=PACK[coding](bytes(3 * MIB)), headers=octets)
    assert (answer.json()["size"], answer.json()["largest"]) == (str(3 * MIB), "65536")


@pytest.mark.parametrize("coding", PACK)
async def test_requests_that_are_not_what_they_say(client: httpx.AsyncClient, coding: str) -> None:
    headers = {"Content-Encoding": coding}
    answer = await client.post("/v1/echo", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (400, f"the body is not well-formed {coding}")
    answer = await client.post("/v1/echo", content=PACK[coding](b"{}")[:-1], headers=headers)
    assert answer.status_code == 400
    lines = PACK[coding](b'{"index": 1}\n' * 3)[:-1]
    assert (await client.post("/v1/books:count", content=lines, headers=headers)).status_code == 400


@pytest.mark.parametrize("path", ["/v1/echo", "/v1/books:count", "/v1/shelves/1/books:upload"])
async def test_other_codings_are_refused(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, content=b"x", headers={"Content-Encoding": "gzip, gzip"})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "zstd, br, gzip")


@pytest.mark.parametrize("coding", PACK)
async def test_bombs_are_refused_in_little_memory(process: Process, coding: str) -> None:
    packed = PACK[coding](b" " * (300 * MIB))
    assert len(packed) < MIB
    async with httpx.AsyncClient(base_url=process.url, timeout=60) as http:
        await http.get("/healthz")
        before = _peak(process)
        answer = await http.post("/v1/echo", content=packed, headers={"Content-Encoding": coding})
        assert answer.status_code == 413
    assert _peak(process) - before < 32 * MIB


async def test_packed_bytes_that_stand_for_nothing_have_a_limit_too(client: httpx.AsyncClient) -> None:
    skippable = (0x184D2A50).to_bytes(4, "little") + (1 << 10).to_bytes(4, "little") + bytes(1 << 10)
    headers = {"Content-Encoding": "zstd"}  # RFC 8878, section 3.1.2
    empty = await client.post("/v1/echo", content=skippable + zstd.compress(b"{}"), headers=headers)
    assert empty.status_code == 200

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1100):  # and no Content-Length
            yield skippable

    answer = await client.post("/v1/echo", content=endless(), headers=headers)
    assert answer.status_code == 413


def _peak(process: Process) -> int:
    status = Path(f"/proc/{process.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


@pytest.mark.parametrize("coding", READ)
async def test_a_large_download_is_packed_whole(client: httpx.AsyncClient, coding: str) -> None:
    text = "".join(f"{number} bottles\n" for number in range(50_000)).encode()
    headers = {"content-type": "text/plain", "accept-encoding": coding}
    async with client.stream("POST", "/v1:print", content=text, headers=headers) as answer:
        packed = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == coding
    assert len(packed) < len(text) / 2
    assert READ[coding](packed) == text[::-1]


async def test_a_large_answer_is_written_as_a_small_one(server: Running) -> None:
    asked = {"floatValue": 0.1, "int64Value": str(2**53 + 1), "int32List": [1, 2]}
    async with application(server.address) as http:
        small = (await http.post("/v1/echo", json=asked)).json()
        large = (await http.post("/v1/echo", json={**asked, "text": "x" * (2 << 20)})).json()
    assert large == {**small, "text": "x" * (2 << 20)}
    assert large["floatValue"] == 0.1

"""Files into a client-streaming RPC: bare and as forms, piece by piece, of any size."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.fixtures.gateway import Process, started
from tests.protos.library_server import Running, gateway

PATH = "/v1/shelves/1/books:upload"
OCTETS = {"Content-Type": "application/octet-stream"}
BLOCK = bytes(range(256)) * 1024  # 256 KiB
MIB = 1 << 20


@pytest_asyncio.fixture
async def client(server: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway(server.address, max_body_bytes=1000) as client:
        yield client


async def test_a_bare_body_is_cut_into_pieces(client: httpx.AsyncClient) -> None:
    data = BLOCK + b"the rest"
    headers = {**OCTETS, "Content-Disposition": 'attachment; filename="a/b.epub"'}
    answer = await client.post(PATH, params={"start.note": "n"}, content=data, headers=headers)
    body = answer.json()
    assert answer.status_code == 200, body
    assert (body["pieces"], body["size"], body["largest"]) == ("5", str(len(data)), "65536")
    assert body["crc32"] == zlib.crc32(data)
    start = body["start"]
    assert (start["parent"], start["note"]) == ("shelves/1", "n")
    assert (start["book"]["filename"], start["book"]["contentType"]) == ("b.epub", "application/octet-stream")


async def test_a_form_says_more_before_and_behind_its_file(client: httpx.AsyncClient) -> None:
    parts: dict[str, Any] = {
        "book": (None, json.dumps({"title": "T"}), "application/json"),
        "note": (None, "n"),
        "file": ("f.epub", BLOCK, "application/epub+zip"),
        "size": (None, str(len(BLOCK))),
    }
    answer = await client.post(PATH, files=parts)
    body = answer.json()
    assert answer.status_code == 200, body
    assert (body["size"], body["finishSize"]) == (str(len(BLOCK)), str(len(BLOCK)))
    assert body["crc32"] == zlib.crc32(BLOCK)
    start = body["start"]
    assert (start["parent"], start["note"], start["book"]["title"]) == ("shelves/1", "n", "T")
    assert (start["book"]["filename"], start["book"]["contentType"]) == ("f.epub", "application/epub+zip")


async def test_an_empty_file_is_a_file(client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, content=b"", headers=OCTETS)
    assert answer.status_code == 200
    assert (answer.json()["size"], answer.json()["pieces"]) == ("0", "0")


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        ([("note", (None, "n"))], "holds no file"),
        ([("file", ("f", b"x")), ("note", (None, "n"))], "note"),
        ([("file", ("f", b"x")), ("file", ("g", b"y"))], "one file"),
        ([("note", (None, "n")), ("note", (None, "m")), ("file", ("f", b"x"))], "twice"),
        ([("nothing", (None, "n")), ("file", ("f", b"x"))], "nothing"),
        ([("book", (None, '{"titel": "T"}')), ("file", ("f", b"x"))], "book.titel"),
        ([("file", ("f", b"x")), ("size", (None, "many"))], "size"),
    ],
)
async def test_forms_that_make_no_sense(client: httpx.AsyncClient, parts: Any, wrong: str) -> None:
    answer = await client.post(PATH, files=parts)
    assert answer.status_code == 400
    assert wrong in answer.json()["message"]


async def test_a_file_input_that_was_left_empty_is_no_file(client: httpx.AsyncClient) -> None:
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert (await client.post(PATH, content=form, headers=headers)).status_code == 400


async def test_what_is_held_of_a_form_is_within_the_limit(client: httpx.AsyncClient) -> None:
    parts: Any = [("note", (None, "n" * 1001)), ("file", ("f", b"x"))]
    assert (await client.post(PATH, files=parts)).status_code == 413


async def test_other_bodies_are_refused_or_are_lines(client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, content=b"x", headers={"Content-Type": "image/png"})
    assert answer.status_code == 415
    assert "application/octet-stream" in answer.headers["accept-post"]
    lines = b'{"start": {"note": "n"}}\n{"chunk": "QUJD"}\n{"finish": {"size": "3"}}\n'
    answer = await client.post(PATH, content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert (answer.json()["size"], answer.json()["finishSize"]) == ("3", "3")


async def test_an_early_refusal_of_the_server_is_the_answer(client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, params={"start.note": "refuse"}, content=BLOCK * 8, headers=OCTETS)
    assert (answer.status_code, answer.json()["message"]) == (409, "there is such a book")


@pytest_asyncio.fixture
async def process(server: Running) -> AsyncIterator[Process]:
    async with started(server.address, "--max-body-bytes", str(MIB)) as process:
        yield process


def _peak(process: Process) -> int:
    """The most memory that the gateway has had, in bytes."""
    status = Path(f"/proc/{process.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


FORM_HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
LINE = b'{"chunk":"' + base64.b64encode(BLOCK[:65536]) + b'"}\n'


@pytest.mark.parametrize(
    ("kind", "head", "block", "tail", "held"),
    [
        ("application/octet-stream", b"", BLOCK, b"", len(BLOCK)),
        ("multipart/form-data; boundary=b", FORM_HEAD, BLOCK, b"\r\n--b--\r\n", len(BLOCK)),
        ("application/x-ndjson", b'{"start":{}}\n', LINE, b'{"finish":{}}\n', 65536),
    ],
    ids=["bare", "form", "lines"],
)
async def test_large_files_pass_in_little_memory(
    process: Process, kind: str, head: bytes, block: bytes, tail: bytes, held: int
) -> None:
    count = 1200  # 300 MiB, and 100 MiB in lines
    headers = {"Content-Type": kind}

    async def content() -> AsyncIterator[bytes]:
        yield head
        for _ in range(count):
            yield block
        yield tail

    async with httpx.AsyncClient(base_url=process.url, timeout=280) as http:
        await http.post(PATH, content=b"warm", headers=OCTETS)
        before = _peak(process)
        answer = await http.post(PATH, content=content(), headers=headers)
        assert answer.status_code == 200, answer.text
        assert int(answer.json()["size"]) == count * held
        assert int(answer.json()["largest"]) == 65536
    assert _peak(process) - before < 32 * MIB


async def test_a_server_that_does_not_read_holds_the_client_back(process: Process, server: Running) -> None:
    server.seen.may_read.clear()
    reader, writer = await asyncio.open_connection(*process.address)
    writer.transport.set_write_buffer_limits(high=0)
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
    writer.write(f"{head}Content-Length: {400 * len(BLOCK)}\r\n\r\n".encode())
    await writer.drain()
    before = _peak(process)
    sent = 0
    with contextlib.suppress(TimeoutError):
        while sent < 400:
            writer.write(BLOCK)
            await asyncio.wait_for(writer.drain(), 3)
            sent += 1
    assert 0 < sent < 200, "100 MiB were taken though nobody reads"
    assert _peak(process) - before < 32 * MIB
    server.seen.may_read.set()
    await writer.drain()
    for _ in range(400 - sent - 1):
        writer.write(BLOCK)
        await writer.drain()
    async with asyncio.timeout(120):
        assert (await reader.readline()).split()[1] == b"200"
    writer.close()
    await writer.wait_closed()


async def test_a_cut_connection_cancels_the_rpc(process: Process, server: Running) -> None:
    _, writer = await asyncio.open_connection(*process.address)
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
    writer.write(f"{head}Content-Length: 1000000\r\n\r\n".encode() + bytes(1000))
    await writer.drain()
    await asyncio.wait_for(server.seen.uploading.wait(), 20)
    writer.close()
    await writer.wait_closed()
    await asyncio.wait_for(server.seen.cancelled.wait(), 20)

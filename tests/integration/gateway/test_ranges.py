"""Downloads: ETags, conditions and ranges of HttpBody answers, whole and streamed, in little memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.fixtures.gateway import Process, started
from tests.protos.library_server import Running, counting, gateway, until

MIB = 1 << 20
SIZE = 200_000
KNOWN = {"metadata[x-content-length]": str(SIZE), "contentType": "text/plain"}
MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest_asyncio.fixture
async def client(server: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway(server.address) as client:
        yield client


PATHS = [f"/v1/downloads/{SIZE}", f"/v1/downloads/{SIZE}:stream"]


async def test_content_has_an_etag_of_its_own(client: httpx.AsyncClient) -> None:
    first = await client.get(PATHS[0], params=KNOWN)
    tag = first.headers["etag"]
    assert first.content == counting(0, SIZE)
    assert tag.startswith('"')
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["accept-ranges"] == "bytes"
    assert (await client.get(PATHS[0], params=KNOWN)).headers["etag"] == tag
    other = await client.get(f"/v1/downloads/{SIZE + 1}", params=KNOWN)
    assert other.headers["etag"] != tag

    same = await client.get(PATHS[0], params=KNOWN, headers={"If-None-Match": f'"x", {tag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    changed = await client.get(PATHS[0], params=KNOWN, headers={"If-Match": '"x"'})
    assert (changed.status_code, changed.json()["code"]) == (412, 9)
    assert (await client.get(PATHS[0], params=KNOWN, headers={"If-Match": tag})).status_code == 200


@pytest.mark.parametrize("path", PATHS)
async def test_the_servers_own_validators_stand(client: httpx.AsyncClient, path: str) -> None:
    said = {"etag": "v1", "cache-control": "max-age=9", "last-modified": MODIFIED}
    said["content-disposition"] = 'attachment; filename="b"'
    params = {**KNOWN, **{f"metadata[{key}]": value for key, value in said.items()}}
    answer = await client.get(path, params=params)
    assert {key: answer.headers[key] for key in said} == {**said, "etag": '"v1"'}
    assert (await client.get(path, params=params, headers={"If-None-Match": '"v1"'})).status_code == 304
    headers = {"If-Modified-Since": MODIFIED}
    assert (await client.get(path, params=params, headers=headers)).status_code == 304
    for condition, status in (('"v1"', 206), ('"v2"', 200), (MODIFIED, 206)):
        answer = await client.get(path, params=params, headers={"Range": "bytes=0-1", "If-Range": condition})
        assert answer.status_code == status


@pytest.mark.parametrize("path", PATHS)
async def test_one_range(client: httpx.AsyncClient, path: str) -> None:
    for asked, start, stop in (
        ("bytes=0-0", 0, 1),
        ("bytes=65530-65545", 65530, 65546),
        ("bytes=199999-", SIZE - 1, SIZE),
        ("bytes=-100000", 100_000, SIZE),
    ):
        answer = await client.get(path, params=KNOWN, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, counting(start, stop))
        assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{SIZE}"
        assert answer.headers["content-length"] == str(stop - start)
        assert answer.headers["content-type"] == "text/plain"


@pytest.mark.parametrize("path", PATHS)
async def test_several_ranges(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, params=KNOWN, headers={"Range": "bytes=150000-150001, 0-2"})
    kind, _, boundary = answer.headers["content-type"].partition("; boundary=")
    assert (answer.status_code, kind) == (206, "multipart/byteranges")
    assert int(answer.headers["content-length"]) == len(answer.content)
    _, first, second, end = answer.content.split(f"--{boundary}".encode())
    assert b"Content-Range: bytes 0-2/200000\r\n" in first
    assert b"Content-Type: text/plain\r\n" in second
    assert second.partition(b"\r\n\r\n")[2] == counting(150_000, 150_002) + b"\r\n"
    assert end == b"--\r\n"


@pytest.mark.parametrize("path", PATHS)
async def test_ranges_that_are_not_served(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, params=KNOWN, headers={"Range": "bytes=200000-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{SIZE}")
    assert answer.json()["code"] == 11
    for headers in ({"Range": "lines=1-2"}, {"Range": "bytes=5-1"}):
        answer = await client.get(path, params=KNOWN, headers=headers)
        assert (answer.status_code, len(answer.content)) == (200, SIZE)
    answer = await client.head(path, params=KNOWN, headers={"Range": "bytes=0-1"})
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, str(SIZE), b"")
    assert answer.headers["accept-ranges"] == "bytes"


async def test_a_stream_of_unknown_length_has_no_ranges(client: httpx.AsyncClient) -> None:
    answer = await client.get(PATHS[1], headers={"Range": "bytes=0-1"})
    assert (answer.status_code, answer.headers["accept-ranges"]) == (200, "none")
    assert answer.content == counting(0, SIZE)
    assert (await client.get("/v1/downloads/0:stream")).content == b""


async def test_a_range_ends_the_stream_that_it_is_cut_from(
    client: httpx.AsyncClient, server: Running
) -> None:
    size = 1000 * 65536
    params = {"metadata[x-content-length]": str(size)}
    headers = {"Range": "bytes=65536-65540"}
    answer = await client.get(f"/v1/downloads/{size}:stream", params=params, headers=headers)
    assert answer.content == counting(65536, 65541)
    assert server.seen.pieces < 500


async def test_what_is_posted_has_no_conditions(client: httpx.AsyncClient) -> None:
    body = {"content": b"abc", "headers": {"Content-Type": "text/plain", "Range": "bytes=0-0"}}
    answer = await client.post("/v1:print", **body)  # type: ignore[arg-type]
    assert (answer.status_code, answer.content) == (200, b"cba")
    assert "etag" not in answer.headers


@pytest_asyncio.fixture
async def process(server: Running) -> AsyncIterator[Process]:
    async with started(server.address) as process:
        yield process


def _peak(process: Process) -> int:
    status = Path(f"/proc/{process.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


@pytest.mark.parametrize("asked", [None, "bytes=-1048576"], ids=["whole", "range"])
async def test_large_downloads_pass_in_little_memory(process: Process, asked: str | None) -> None:
    size = 200 * MIB
    path, params = f"/v1/downloads/{size}:stream", {"metadata[x-content-length]": str(size)}
    async with httpx.AsyncClient(base_url=process.url, timeout=280) as http:
        await http.get(PATHS[1])
        before, got = _peak(process), 0
        async with http.stream(
            "GET", path, params=params, headers={"Range": asked} if asked else {}
        ) as answer:
            async for chunk in answer.aiter_raw():
                got += len(chunk)
        assert got == (MIB if asked else size)
    assert _peak(process) - before < 32 * MIB


async def test_a_stream_that_breaks_off_is_no_whole_file(process: Process) -> None:
    async with httpx.AsyncClient(base_url=process.url, timeout=60) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(PATHS[1], params={"failAfter": 100_000})
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(PATHS[1], params={"metadata[x-content-length]": str(SIZE + 1)})
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(PATHS[1], params={"metadata[x-content-length]": str(SIZE - 1)})
    await until(lambda: sum('"request"' in line and ":stream" in line for line in process.log) == 3)
    assert not any("Traceback" in line for line in process.log)

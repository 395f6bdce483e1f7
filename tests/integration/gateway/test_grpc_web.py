"""gRPC-Web, binary and text, as https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md has it."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import AsyncIterator
from urllib.parse import unquote

import httpx
import pytest
import pytest_asyncio
from google.rpc import error_details_pb2, status_pb2

from tests.fixtures.frames import framed, unframed
from tests.protos.library_server import Running, gateway, packed, stubs

LIBRARY = "/library.v1.Library"
WEB = {"content-type": "application/grpc-web+proto", "x-grpc-web": "1"}
TEXT = {"content-type": "application/grpc-web-text", "accept": "application/grpc-web-text"}


@pytest_asyncio.fixture
async def http(server: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway(server.address, max_message_bytes=1 << 18) as client:
        yield client


def outcome(body: bytes) -> tuple[list[bytes], dict[str, str]]:
    """The messages of an answer, and its trailers."""
    *messages, (flags, last) = unframed(body)
    assert flags == 0x80
    assert all(flags == 0 for flags, _ in messages)
    lines = last.decode("ascii").split("\r\n")
    assert lines[-1] == ""
    return [payload for _, payload in messages], dict(line.split(": ", 1) for line in lines[:-1])


@pytest.mark.parametrize("kind", ["application/grpc-web", "application/grpc-web+proto"])
async def test_a_unary_call(http: httpx.AsyncClient, kind: str) -> None:
    pb, _ = stubs()
    request = framed(pb.ListBooksRequest(parent="shelves/1", page_size=1).SerializeToString())
    answer = await http.post(f"{LIBRARY}/ListBooks", content=request, headers=WEB | {"content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert (answer.headers["x-shelf"], answer.headers["x-raw-bin"]) == ("shelves/1", "AP8")
    [message], trailers = outcome(answer.content)
    assert pb.ListBooksResponse.FromString(message).books[0].name == "shelves/1/books/0"
    assert trailers == {"grpc-status": "0", "grpc-message": "", "x-total": "3"}


async def test_a_unary_call_in_json(http: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/grpc-web+json"}
    answer = await http.post(f"{LIBRARY}/GetBook", content=framed(b'{"name": "n"}'), headers=headers)
    [message], _ = outcome(answer.content)
    assert json.loads(message)["name"] == "n"


async def test_a_server_stream(http: httpx.AsyncClient) -> None:
    pb, _ = stubs()
    request = framed(pb.SearchRequest(text="x", count=3).SerializeToString())
    answer = await http.post(f"{LIBRARY}/Search", content=request, headers=WEB)
    messages, trailers = outcome(answer.content)
    assert [pb.Book.FromString(message).title for message in messages] == ["x 0", "x 1", "x 2"]
    assert (trailers["grpc-status"], trailers["x-hits"], trailers["x-hits-bin"]) == ("0", "3", "Ag")


async def test_text_is_base64_flushed_frame_by_frame(http: httpx.AsyncClient) -> None:
    pb, _ = stubs()
    request = framed(pb.SearchRequest(text="xy", count=2).SerializeToString())
    pieces = base64.b64encode(request[:4]) + base64.b64encode(request[4:])  # padded in the middle
    answer = await http.post(f"{LIBRARY}/Search", content=pieces, headers=TEXT)
    assert answer.headers["content-type"] == "application/grpc-web-text"
    binary = b"".join(
        base64.b64decode(quantum)
        for quantum in (answer.text[n : n + 4] for n in range(0, len(answer.text), 4))
    )
    messages, trailers = outcome(binary)
    assert [pb.Book.FromString(message).title for message in messages] == ["xy 0", "xy 1"]
    assert trailers["grpc-status"] == "0"
    for wrong in (b"AAA", b"AAA*AAAA", b"=AAA"):
        answer = await http.post(f"{LIBRARY}/Search", content=wrong, headers=TEXT)
        assert outcome(base64.b64decode(answer.content))[1]["grpc-status"] == "3"


async def test_text_is_answered_where_accept_asks_for_it(http: httpx.AsyncClient) -> None:
    headers = WEB | {"accept": "*/*, application/grpc-web-text;q=1"}
    answer = await http.post(f"{LIBRARY}/GetBook", content=framed(b""), headers=headers)
    assert answer.headers["content-type"] == "application/grpc-web-text"


async def test_an_error_has_its_code_its_message_and_its_details(http: httpx.AsyncClient) -> None:
    pb, _ = stubs()
    info = error_details_pb2.ErrorInfo(reason="R")
    request = pb.FailRequest(code=9, message="100 % möglich\r\nx: y", detail=packed(info))
    answer = await http.post(f"{LIBRARY}/Fail", content=framed(request.SerializeToString()), headers=WEB)
    assert answer.status_code == 200
    messages, trailers = outcome(answer.content)
    assert (messages, trailers["grpc-status"]) == ([], "9")
    assert set(trailers) == {"grpc-status", "grpc-message", "grpc-status-details-bin"}
    assert trailers["grpc-message"].startswith("100 %25 m")
    assert unquote(trailers["grpc-message"]) == request.message
    raw = trailers["grpc-status-details-bin"]
    status = status_pb2.Status.FromString(base64.b64decode(raw + "=" * (-len(raw) % 4)))
    assert status.code == 9
    assert status.details[0].type_url.endswith("/google.rpc.ErrorInfo")


async def test_a_stream_that_fails(http: httpx.AsyncClient) -> None:
    pb, _ = stubs()
    request = framed(pb.SearchRequest(text="x", count=3, fail_after=2).SerializeToString())
    messages, trailers = outcome((await http.post(f"{LIBRARY}/Search", content=request, headers=WEB)).content)
    assert (len(messages), trailers["grpc-status"], trailers["grpc-message"]) == (2, "15", "lost")


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"", {}, "12"),
        (framed(b"", b""), {}, "12"),
        (framed(b"xyz")[:-1], {}, "3"),
        (framed(b"\xff"), {}, "3"),
        (framed(b"", flags=0x80), {}, "13"),
        (framed(b"x", flags=1), {}, "13"),
        (framed(b"x", flags=1), {"grpc-encoding": "gzip"}, "3"),
        (framed(b""), {"grpc-encoding": "snappy"}, "12"),
        (framed(b" " * (1 << 19)), {}, "8"),
        (framed(b""), {"grpc-timeout": "soon"}, "3"),
    ],
)
async def test_a_request_that_is_wrong(
    http: httpx.AsyncClient, body: bytes, headers: dict[str, str], code: str
) -> None:
    answer = await http.post(f"{LIBRARY}/GetBook", content=body, headers=WEB | headers)
    assert answer.status_code == 200
    messages, trailers = outcome(answer.content)
    assert (messages, trailers["grpc-status"]) == ([], code)


async def test_gzip_metadata_and_the_deadline(http: httpx.AsyncClient) -> None:
    pb, _ = stubs()
    request = pb.InspectRequest(keys=["x-tenant", "x-grpc-web", "y"]).SerializeToString()
    headers = WEB | {"grpc-encoding": "gzip", "grpc-timeout": "5S", "x-tenant": "t", "grpc-metadata-y": "2"}
    body = framed(gzip.compress(request), flags=1)
    [message], _ = outcome((await http.post(f"{LIBRARY}/Inspect", content=body, headers=headers)).content)
    seen = pb.InspectResponse.FromString(message)
    assert dict(seen.metadata) == {"x-tenant": "t", "y": "2"}
    assert 0 < seen.seconds_left < 6
    late = await http.post(f"{LIBRARY}/Hang", content=framed(b""), headers=WEB | {"grpc-timeout": "50m"})
    assert outcome(late.content)[1]["grpc-status"] == "4"


async def test_client_streams_too(http: httpx.AsyncClient) -> None:
    pb, _ = stubs()
    items = [
        pb.BulkCreateBooksRequest(request={"content": b"abc"}).SerializeToString(),
        pb.BulkCreateBooksRequest(request={"content": b"de"}).SerializeToString(),
    ]
    answer = await http.post(f"{LIBRARY}/CountBooks", content=framed(*items), headers=WEB)
    [message], trailers = outcome(answer.content)
    assert (pb.CountBooksResponse.FromString(message).size, trailers["grpc-status"]) == (5, "0")

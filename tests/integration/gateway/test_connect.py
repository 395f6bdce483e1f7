"""The Connect protocol, to the letter of its specification: https://connectrpc.com/docs/protocol."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import brotli
import grpc
import httpx
import pytest
import pytest_asyncio
from backports import zstd
from google.rpc import error_details_pb2

from gateway.errors import HTTP_STATUS
from tests.fixtures.frames import framed, unframed
from tests.protos.library_server import Running, free_port, gateway, stubs

LIBRARY = "/library.v1.Library"
JSON_STREAM = {"content-type": "application/connect+json"}
PROTO = {"content-type": "application/proto"}


@pytest_asyncio.fixture
async def http(server: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway(server.address, max_body_bytes=1 << 20, max_message_bytes=1 << 18) as client:
        yield client


def end(body: bytes) -> tuple[list[bytes], dict[str, Any]]:
    """The messages of a stream, and its EndStreamResponse."""
    *messages, (flags, last) = unframed(body)
    assert flags == 2
    assert all(flags == 0 for flags, _ in messages)
    return [payload for _, payload in messages], json.loads(last)


async def test_a_unary_call_in_json(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{LIBRARY}/ListBooks", json={"parent": "shelves/1", "pageSize": 1})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json()["books"][0]["name"] == "shelves/1/books/0"
    assert answer.headers["x-shelf"] == "shelves/1"
    assert answer.headers["x-raw-bin"] == "AP8"
    assert answer.headers["trailer-x-total"] == "3"


async def test_a_unary_call_in_binary(http: httpx.AsyncClient) -> None:
    pb, _ = stubs()
    request = pb.GetBookRequest(name="shelves/1/books/2").SerializeToString()
    answer = await http.post(f"{LIBRARY}/GetBook", content=request, headers=PROTO)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/proto")
    assert pb.Book.FromString(answer.content).size == 2**53 + 1
    empty = await http.post(f"{LIBRARY}/GetBook", content=b"", headers=PROTO)
    assert pb.Book.FromString(empty.content).name == ""
    broken = await http.post(f"{LIBRARY}/GetBook", content=b"\xff\xff", headers=PROTO)
    assert (broken.status_code, broken.json()["code"]) == (400, "invalid_argument")


@pytest.mark.parametrize(
    "query",
    [
        f"message={quote(json.dumps({'name': 'a/é b'}))}&encoding=json&connect=v1",
        f"encoding=json&unknown=x&message={quote(json.dumps({'name': 'a/é b'}))}&base64=0",
        "connect=v1&encoding=json&base64=1&message="
        + base64.urlsafe_b64encode('{"name": "a/é b"}'.encode()).decode().rstrip("="),
        "encoding=json&base64=1&compression=gzip&message="
        + quote(base64.urlsafe_b64encode(gzip.compress('{"name": "a/é b"}'.encode())).decode()),
    ],
)
async def test_a_get_calls_what_has_no_side_effects(http: httpx.AsyncClient, query: str) -> None:
    answer = await http.get(f"{LIBRARY}/GetBook?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["name"] == "a/é b"


async def test_a_get_in_binary(http: httpx.AsyncClient) -> None:
    pb, _ = stubs()
    message = base64.urlsafe_b64encode(pb.GetBookRequest(name="n?").SerializeToString()).decode()
    answer = await http.get(f"{LIBRARY}/GetBook?encoding=proto&base64=1&message={quote(message)}")
    assert answer.headers["content-type"] == "application/proto"
    assert pb.Book.FromString(answer.content).name == "n?"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("encoding=json", 400, "invalid_argument"),
        ("encoding=json&message={}&connect=v2", 400, "invalid_argument"),
        ("encoding=json&message=%ff", 400, "invalid_argument"),
        ("encoding=json&message=***&base64=1", 400, "invalid_argument"),
        ("encoding=json&message=e30&base64=1&compression=snappy", 501, "unimplemented"),
    ],
)
async def test_a_get_that_is_wrong(http: httpx.AsyncClient, query: str, status: int, code: Any) -> None:
    answer = await http.get(f"{LIBRARY}/GetBook?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_methods_are_called_by_post_alone_unless_they_only_read(http: httpx.AsyncClient) -> None:
    for name, allow in (("Hidden", "OPTIONS, POST"), ("Search", "OPTIONS, POST")):
        answer = await http.get(f"{LIBRARY}/{name}?encoding=json&message=%7B%7D")
        assert (answer.status_code, answer.headers["allow"]) == (405, allow)
    assert (await http.put(f"{LIBRARY}/GetBook")).headers["allow"] == "GET, OPTIONS, POST"
    answer = await http.options(f"{LIBRARY}/GetBook")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, POST, OPTIONS")
    assert (await http.post(f"{LIBRARY}/Nothing", json={})).status_code == 404
    assert (await http.post("/library.v1.Nobody/GetBook", json={})).status_code == 404


async def test_a_method_without_a_rule_is_served(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{LIBRARY}/Hidden", json={})
    assert (answer.status_code, answer.json()["code"]) == (501, "unimplemented")


async def test_the_paths_can_be_switched_off(server: Running) -> None:
    async with gateway(server.address, rpc=False) as http:
        assert (await http.post(f"{LIBRARY}/GetBook", json={})).status_code == 404
        assert (await http.get("/v1/shelves/1/books/2")).status_code == 200


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
async def test_an_error_has_its_name_its_status_and_its_details(
    http: httpx.AsyncClient, code: grpc.StatusCode
) -> None:
    info = error_details_pb2.ErrorInfo(reason="R", domain="d")
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "R", "domain": "d"}
    request = {"code": code.value[0], "message": "möglich", "detail": detail}
    answer = await http.post(f"{LIBRARY}/Fail", json=request)
    assert (answer.status_code, answer.headers["content-type"]) == (HTTP_STATUS[code], "application/json")
    error = answer.json()
    assert error["code"] == ("canceled" if code is grpc.StatusCode.CANCELLED else code.name.lower())
    assert error["message"] == "möglich"
    [detail] = error["details"]
    assert detail["type"] == "google.rpc.ErrorInfo"
    assert "=" not in detail["value"]
    raw = base64.b64decode(detail["value"] + "=" * (-len(detail["value"]) % 4))
    assert error_details_pb2.ErrorInfo.FromString(raw) == info
    assert detail["debug"]["reason"] == "R"


async def test_a_request_that_is_wrong_says_where(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{LIBRARY}/CreateBook", json={"book": {"author": {"nope": 1}}})
    error = answer.json()
    assert (answer.status_code, error["code"]) == (400, "invalid_argument")
    assert error["details"][0]["debug"]["fieldViolations"][0]["field"] == "book.author.nope"
    for text in ("", "[]", "{", '{"name": NaN}'):
        answer = await http.post(
            f"{LIBRARY}/GetBook", content=text, headers={"content-type": "application/json; charset=utf-8"}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument"), text


async def test_media_types(http: httpx.AsyncClient) -> None:
    for name, kind in (
        ("GetBook", "text/plain"),
        ("GetBook", "application/connect+json"),
        ("GetBook", "application/grpc"),
        ("Search", "application/json"),
        ("Search", "application/connect+xml"),
    ):
        answer = await http.post(f"{LIBRARY}/{name}", content=b"{}", headers={"content-type": kind})
        assert answer.status_code == 415, kind
        assert "application/grpc-web" in answer.headers["accept-post"]
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"  # no error of Connect's
    for query in ("encoding=xml&message=x", "message={}"):
        assert (await http.get(f"{LIBRARY}/GetBook?{query}")).status_code == 415


async def test_what_is_not_there_is_told_by_the_status_alone(http: httpx.AsyncClient) -> None:
    for headers in ({"connect-protocol-version": "1"}, PROTO, JSON_STREAM):
        answer = await http.post("/library.v1.Nobody/GetBook", content=b"", headers=headers)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_the_version_and_the_deadline(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{LIBRARY}/GetBook", json={}, headers={"connect-protocol-version": "1"})
    assert answer.status_code == 200
    answer = await http.post(f"{LIBRARY}/GetBook", json={}, headers={"connect-protocol-version": "2"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")
    answer = await http.post(f"{LIBRARY}/Hang", json={}, headers={"connect-timeout-ms": "50"})
    assert (answer.status_code, answer.json()["code"]) == (504, "deadline_exceeded")
    answer = await http.post(f"{LIBRARY}/Inspect", json={}, headers={"connect-timeout-ms": "9999999999"})
    assert 9e6 < answer.json()["secondsLeft"] < 1.1e7  # gRPC sends hours of such a one, rounded up
    for value in ("1.5", "-1", "12345678901", "10s", ""):
        answer = await http.post(f"{LIBRARY}/Inspect", json={}, headers={"connect-timeout-ms": value})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument"), value


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstd.compress)]
)
async def test_bodies_may_be_compressed(http: httpx.AsyncClient, coding: str, pack: Any) -> None:
    headers = {"content-type": "application/json", "content-encoding": coding}
    answer = await http.post(f"{LIBRARY}/GetBook", content=pack(b'{"name": "packed"}'), headers=headers)
    assert answer.json()["name"] == "packed"
    bomb = await http.post(f"{LIBRARY}/GetBook", content=pack(b" " * (1 << 22)), headers=headers)
    assert (bomb.status_code, bomb.json()["code"]) == (429, "resource_exhausted")


async def test_gzip_is_taken_and_other_codings_are_unimplemented(http: httpx.AsyncClient) -> None:
    body = gzip.compress(b'{"name": "zipped"}')
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    answer = await http.post(f"{LIBRARY}/GetBook", content=body, headers=headers)
    assert answer.json()["name"] == "zipped"
    empty = await http.post(f"{LIBRARY}/GetBook", content=b"", headers=PROTO | {"content-encoding": "gzip"})
    assert empty.status_code == 200
    for wrong in (b"plain", body[:-4], body + b"x"):
        answer = await http.post(f"{LIBRARY}/GetBook", content=wrong, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")
    answer = await http.post(
        f"{LIBRARY}/GetBook", content=body, headers=headers | {"content-encoding": "snappy"}
    )
    assert (answer.status_code, answer.json()["code"]) == (501, "unimplemented")
    assert "gzip" in answer.json()["message"]


async def test_headers_are_metadata(http: httpx.AsyncClient) -> None:
    keys = ["x-tenant", "x-key-bin", "y", "cookie", "accept", "grpcgateway-cookie", "x-forwarded-proto"]
    keys += ["connect-protocol-version", "content-type", "sec-fetch-site", "x-forwarded-host", "x-request-id"]
    headers = {
        "X-Tenant": "t", "X-Key-Bin": "AP8, AQ==", "Grpc-Metadata-Y": "2", "Cookie": "c=1",
        "X-Request-Id": "r", "Connect-Protocol-Version": "1", "Sec-Fetch-Site": "same-origin",
    }  # fmt: skip
    answer = await http.post(f"{LIBRARY}/Inspect", json={"keys": keys}, headers=headers)
    assert answer.json()["metadata"] == {
        "x-tenant": "t",
        "x-key-bin": "00ff|01",
        "y": "2",
        "grpcgateway-cookie": "c=1",
        "x-forwarded-proto": "http",
        "x-forwarded-host": "gateway.test",
        "x-request-id": "r",
    }
    answer = await http.post(f"{LIBRARY}/Inspect", json={}, headers={"x-key-bin": "***"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")


async def test_a_server_stream(http: httpx.AsyncClient) -> None:
    request = framed(b'{"text": "x", "count": 2}')
    answer = await http.post(f"{LIBRARY}/Search", content=request, headers=JSON_STREAM)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/connect+json")
    messages, last = end(answer.content)
    assert [json.loads(message)["title"] for message in messages] == ["x 0", "x 1"]
    assert last == {"metadata": {"x-hits": ["2"], "x-hits-bin": ["Ag"]}}


async def test_a_server_stream_in_binary(http: httpx.AsyncClient) -> None:
    pb, _ = stubs()
    request = framed(pb.SearchRequest(text="x", count=2).SerializeToString())
    answer = await http.post(
        f"{LIBRARY}/Search", content=request, headers={"content-type": "application/connect+proto"}
    )
    assert answer.headers["content-type"] == "application/connect+proto"
    messages, last = end(answer.content)
    assert [pb.Book.FromString(message).title for message in messages] == ["x 0", "x 1"]
    assert "error" not in last


async def test_a_stream_that_fails_says_so_in_its_last_frame(http: httpx.AsyncClient) -> None:
    for count, fail_after, titles, error in (
        (3, 1, ["x 0"], {"code": "data_loss", "message": "lost"}),
        (0, 1, [], {"code": "not_found", "message": "none"}),
    ):
        request = framed(json.dumps({"text": "x", "count": count, "failAfter": fail_after}).encode())
        answer = await http.post(f"{LIBRARY}/Search", content=request, headers=JSON_STREAM)
        assert answer.status_code == 200
        messages, last = end(answer.content)
        assert [json.loads(message)["title"] for message in messages] == titles
        assert last["error"] == error


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"", {}, "unimplemented"),
        (framed(b"{}", b"{}"), {}, "unimplemented"),
        (framed(b"{}")[:-1], {}, "invalid_argument"),
        (b"\x00\x00", {}, "invalid_argument"),
        (framed(b"nonsense"), {}, "invalid_argument"),
        (framed(b"{}", flags=2), {}, "internal"),
        (framed(gzip.compress(b"{}"), flags=1), {}, "internal"),
        (framed(b"{}", flags=1), {"connect-content-encoding": "gzip"}, "invalid_argument"),
        (framed(b"{}"), {"connect-content-encoding": "snappy"}, "unimplemented"),
        (framed(b" " * (1 << 19)), {}, "resource_exhausted"),
        (framed(b"{}"), {"connect-timeout-ms": "x"}, "invalid_argument"),
    ],
)
async def test_a_stream_request_that_is_wrong(
    http: httpx.AsyncClient, body: bytes, headers: dict[str, str], code: str
) -> None:
    answer = await http.post(f"{LIBRARY}/Search", content=body, headers=JSON_STREAM | headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/connect+json")
    messages, last = end(answer.content)
    assert (messages, last["error"]["code"]) == ([], code)


async def test_messages_of_a_stream_may_be_gzip_one_by_one(http: httpx.AsyncClient) -> None:
    item = json.dumps({"request": {"content": base64.b64encode(b"abc").decode()}}).encode()
    body = framed(gzip.compress(item), flags=1) + framed(item)
    headers = JSON_STREAM | {"connect-content-encoding": "gzip"}
    answer = await http.post(f"{LIBRARY}/CountBooks", content=body, headers=headers)
    messages, last = end(answer.content)
    assert (json.loads(messages[0]), last) == ({"count": 2, "size": "6"}, {})


async def test_client_and_bidirectional_streams(http: httpx.AsyncClient) -> None:
    empty = await http.post(f"{LIBRARY}/CountBooks", content=b"", headers=JSON_STREAM)
    assert json.loads(end(empty.content)[0][0]) == {"count": 0, "size": "0"}
    items = [json.dumps({"index": n, "request": {"parent": f"p{n}"}}).encode() for n in range(3)]
    answer = await http.post(f"{LIBRARY}/BulkCreateBooks", content=framed(*items), headers=JSON_STREAM)
    messages, last = end(answer.content)
    assert [json.loads(message)["book"]["name"] for message in messages] == ["p0", "p1", "p2"]
    assert last == {}
    answer = await http.post(
        f"{LIBRARY}/BulkCreateBooks", content=framed(*items, b'{"nope": 1}'), headers=JSON_STREAM
    )
    assert end(answer.content)[1]["error"]["code"] == "invalid_argument"


async def test_a_server_that_is_gone(server: Running) -> None:
    async with gateway(server.address, timeout=5) as http:
        await server.server.stop(0)
        answer = await http.post(f"{LIBRARY}/GetBook", json={})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert "127.0.0.1" not in answer.text
    async with gateway(f"127.0.0.1:{free_port()}", wait=False) as http:
        assert (await http.post(f"{LIBRARY}/GetBook", json={})).status_code == 503


async def test_one_message_counts_as_held_and_a_stream_passes(server: Running) -> None:
    note = b"x" * 3000
    item = json.dumps({"request": {"note": note.decode()}}).encode()
    async with gateway(server.address, max_body_bytes=5000) as http:
        packed = gzip.compress(json.dumps({"note": "x" * 6000}).encode())
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        answer = await http.post(f"{LIBRARY}/CreateBook", content=packed, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (429, "resource_exhausted")
        answer = await http.post(f"{LIBRARY}/Search", content=framed(b" " * 6000), headers=JSON_STREAM)
        assert end(answer.content)[1]["error"]["code"] == "resource_exhausted"
        answer = await http.post(f"{LIBRARY}/CountBooks", content=framed(*[item] * 4), headers=JSON_STREAM)
        assert json.loads(end(answer.content)[0][0])["count"] == 4
        assert http.gateway._budget.used == 0  # type: ignore[attr-defined]

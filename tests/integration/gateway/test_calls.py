"""The gateway in front of a real gRPC server that uses every word of google.api.http."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import grpc
import httpx
import pytest
import pytest_asyncio
from google.rpc import error_details_pb2
from structlog.testing import capture_logs

from gateway.errors import HTTP_STATUS
from tests.protos.library_server import Running, build, free_port, gateway, library, packed, until


@pytest_asyncio.fixture
async def http(server: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway(server.address, max_body_bytes=1 << 20, max_parts=8) as client:
        yield client


async def test_a_path_binds_its_name(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/shelves/1/books/2")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["name"] == "shelves/1/books/2"
    assert body["size"] == str(2**53 + 1)
    assert body["labels"] == []
    assert "createTime" not in body


async def test_additional_bindings_and_percent_decoding(http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/books/a%2Fb%20c")).json()["name"] == "a/b c"
    assert (await http.get("/v1/shelves/a%2Fb/books/c%20d")).json()["name"] == "shelves/a%2Fb/books/c d"
    assert (await http.get("/v1/files/a/b%2Fc")).json()["text"] == "a/b%2Fc"
    assert (await http.get("/v1/files/")).json()["text"] == ""
    assert (await http.get("/v1/books/%ff")).status_code == 400
    assert (await http.get("/v1/books/%zz")).status_code == 400


async def test_precedence_and_verbs(http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/files/special")).json()["text"] == ""
    assert (await http.get("/v1/files/a:stat")).json()["text"] == "a"
    assert (await http.get("/v1/files/a:other")).json()["text"] == "a:other"
    assert (await http.get("/v1/shelves/1/books/b:c")).json()["name"] == "shelves/1/books/b:c"
    assert (await http.request("REPORT", "/v1/echo?text=x")).json()["text"] == "x"


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("int32Value=-5", "int32Value", -5),
        ("int32_value=7", "int32Value", 7),
        ("int64Value=9007199254740993", "int64Value", "9007199254740993"),
        ("uint64Value=18446744073709551615", "uint64Value", "18446744073709551615"),
        ("doubleValue=-1.5e3", "doubleValue", -1500.0),
        ("floatValue=0.1", "floatValue", 0.1),
        ("doubleValue=NaN", "doubleValue", "NaN"),
        ("boolValue=true", "boolValue", True),
        ("text=a%26b+c", "text", "a&b c"),
        ("bytesValue=_-8", "bytesValue", "/+8="),
        ("genre=ESSAY", "genre", "ESSAY"),
        ("genre=2", "genre", "ESSAY"),
        ("int32List=1&int32List=2", "int32List", [1, 2]),
        ("genreList=FICTION&genreList=2", "genreList", ["FICTION", "ESSAY"]),
        (
            "nested.nested.text=deep",
            "nested",
            {
                "text": "",
                "nested": {"text": "deep", "genre": "GENRE_UNSPECIFIED"},
                "genre": "GENRE_UNSPECIFIED",
            },
        ),
        ("stringMap[a.b]=c&stringMap[d]=e", "stringMap", {"a.b": "c", "d": "e"}),
        ("genreMap[3]=FICTION", "genreMap", {"3": "FICTION"}),
        ("timestamp=2020-01-02T03:04:05Z", "timestamp", "2020-01-02T03:04:05Z"),
        ("timestamp=2020-01-02T03:04:05.5%2B01:00", "timestamp", "2020-01-02T02:04:05.500Z"),
        ("timestampList=2020-01-02T03:04:05Z", "timestampList", ["2020-01-02T03:04:05Z"]),
        ("duration=1.5s", "duration", "1.500s"),
        ("fieldMask=displayName,a.bC", "fieldMask", "displayName,a.bC"),
        ("field_mask=display_name", "fieldMask", "displayName"),
        ("struct={%22a%22:[1]}", "struct", {"a": [1.0]}),
        ("value=3", "value", 3.0),
        ("int64Wrapper=5", "int64Wrapper", "5"),
        ("stringWrapper=", "stringWrapper", ""),
        ("boolWrapper=false", "boolWrapper", False),
        ("optionalInt32=0", "optionalInt32", 0),
        ("choiceText=x", "choiceText", "x"),
    ],
)
async def test_query_parameters(http: httpx.AsyncClient, query: str, field: str, value: Any) -> None:
    answer = await http.get(f"/v1/echo?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.json()[field] == value


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("nothing=1", "nothing"),
        ("nested.nothing=1", "nested.nothing"),
        ("nested=1", "nested"),
        ("int32Value=1.5", "int32Value"),
        ("int32Value=2147483648", "int32Value"),
        ("int32Value=1&int32Value=2", "int32Value"),
        ("boolValue=yes", "boolValue"),
        ("genre=POEM", "genre"),
        ("bytesValue=!", "bytesValue"),
        ("timestamp=today", "timestamp"),
        ("timestamp=%D9%A2020-01-02T03:04:05Z", "timestamp"),
        ("timestamp=2020-01-02T03:04:05%2B0_1:00", "timestamp"),
        ("timestamp=2020-01-02T03:04:05.1_0Z", "timestamp"),
        ("int32Value=%D9%A2", "int32Value"),
        ("floatValue=%D9%A2", "floatValue"),
        ("duration=1", "duration"),
        ("duration=%2B1_0s", "duration"),
        ("stringMap=1", "stringMap"),
        ("genreMap[x]=FICTION", "genreMap[x]"),
        ("nestedMap[a]=1", "nestedMap[a]"),
        ("nestedList.text=1", "nestedList.text"),
        ("choiceText=x&choiceNested.text=y", "choiceNested.text"),
        ("struct={", "struct"),
    ],
)
async def test_wrong_query_parameters_are_named(http: httpx.AsyncClient, query: str, field: str) -> None:
    answer = await http.get(f"/v1/echo?{query}")
    assert answer.status_code == 400
    body = answer.json()
    assert body["code"] == 3
    assert body["details"][0]["fieldViolations"][0]["field"] == field
    assert body["details"][0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"


async def test_body_rules(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/echo", json={"int32Value": 4, "nested": {"text": "x"}, "text_": 1})
    assert answer.status_code == 400
    assert answer.json()["details"][0]["fieldViolations"][0]["field"] == "text_"
    answer = await http.post("/v1/echo", json={"nested": {"nested": {"nope": 1}}})
    assert answer.json()["details"][0]["fieldViolations"][0]["field"] == "nested.nested.nope"
    answer = await http.post("/v1/echo", json={"nestedList": [{}, {"genre": "POEM"}]})
    assert answer.json()["details"][0]["fieldViolations"][0]["field"] == "nestedList[1].genre"
    answer = await http.post("/v1/echo", json={"choiceText": "a", "choiceNested": {}})
    assert answer.status_code == 400
    answer = await http.put("/v1/echo/8/deep?text=q", json={"genre": "ESSAY"})
    body = answer.json()
    assert (body["int32Value"], body["text"]) == (8, "q")
    assert body["nested"]["genre"] == "ESSAY"
    assert body["nested"]["nested"]["text"] == "deep"
    assert (await http.put("/v1/echo/8/deep?nested.text=q", json={})).status_code == 400
    assert (await http.post("/v1/echo?text=q", json={})).status_code == 400
    assert (await http.post("/v1/echo")).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '"x"',
        "1",
        '{"text":1}',
        '{"text":"a","text":"b"}',
        '{"doubleValue":NaN}',
        '{"int32Value":1e99}',
        '{"int32Value":' + "9" * 5000 + "}",
        "[" * 100_000,
        '{"nested":[]}',
        '{"int32List":1}',
        '{"stringMap":[]}',
        '{"nested":' * 200 + "{}" + "}" * 200,
        '{"text":"\\ud800"}',
        "\xff",
        '{"any":{"@type":"nope/no.Such"}}',
        '{"any":{"@type":5}}',
        '{"any":5}',
        '{"struct":5}',
        '{"timestamp":5}',
        '{"bytesValue":5}',
        "null",
        "true",
    ],
    ids=lambda text: text[:24],
)
async def test_bad_json_is_a_bad_request(http: httpx.AsyncClient, text: str) -> None:
    answer = await http.post(
        "/v1/echo", content=text.encode("latin-1"), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == 3


async def test_any_and_every_kind_round_trips(http: httpx.AsyncClient) -> None:
    sent = {
        "any": {"@type": "type.googleapis.com/library.v1.Author", "displayName": "A", "born": 1900},
        "struct": {"a": None, "b": [1.0, {"c": "d"}]},
        "value": None,
        "bytesWrapper": "AP8=",
        "nestedMap": {"k": {"text": "v", "genre": "FICTION"}},
        "duration": "3s",
        "fieldMask": "a,bC",
        "floatValue": 0.1,
        "uint32Value": 4294967295,
    }
    answer = (await http.post("/v1/echo", json=sent)).json()
    assert {key: answer[key] for key in sent} == sent


async def test_response_body_and_empty(http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/shelves/1/titles")).json() == ["a", "b"]
    assert (await http.delete("/v1/shelves/1/books/2")).json() == {}


async def test_patch_infers_its_mask(http: httpx.AsyncClient) -> None:
    change = {"title": "New", "author": {"displayName": "A"}, "labels": ["x"]}
    body = (await http.patch("/v1/shelves/1/books/2", json=change)).json()
    assert body["name"] == "shelves/1/books/2"
    assert sorted(body["mask"].split(",")) == ["author.displayName", "labels", "title"]
    body = (await http.patch("/v1/shelves/1/books/2?updateMask=title", json=change)).json()
    assert body["mask"] == "title"


async def test_http_bodies(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/shelves/1/books/2:content")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == "Straße"
    assert answer.headers["x-content-type-options"] == "nosniff"
    answer = await http.get("/v1/shelves/1/books/2:pages")
    assert (answer.headers["content-type"], answer.content) == ("text/plain", b"one two")
    answer = await http.post("/v1:print", content=b"\x00\x01", headers={"content-type": "image/x"})
    assert (answer.headers["content-type"], answer.content) == ("image/x", b"\x01\x00")


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
async def test_every_code_has_its_status(http: httpx.AsyncClient, code: grpc.StatusCode) -> None:
    answer = await http.post("/v1:fail", json={"code": code.value[0], "message": f"why {code.name}"})
    assert answer.status_code == HTTP_STATUS[code]
    assert answer.json() == {"code": code.value[0], "message": f"why {code.name}", "details": []}
    assert ("www-authenticate" in answer.headers) == (answer.status_code == 401)


async def test_error_details(http: httpx.AsyncClient, server: Running) -> None:
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "R",
        "domain": "d",
        "metadata": {},
    }
    answer = await http.post("/v1:fail", json={"code": 9, "message": "m", "detail": detail})
    assert answer.json() == {"code": 9, "message": "m", "details": [detail]}
    unknown = packed(error_details_pb2.ErrorInfo(reason="R"))
    unknown.type_url = "type.googleapis.com/no.such.Type"
    codec = http.gateway.target.services.codec  # type: ignore[attr-defined]
    assert codec.any_to_value(unknown.type_url, unknown.value) == {
        "@type": unknown.type_url,
        "value": base64.b64encode(unknown.value).decode(),
    }


async def test_what_is_not_there(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, 5)
    answer = await http.post("/v1/shelves/1/books/2", json={})
    assert (answer.status_code, answer.json()["code"]) == (405, 12)
    assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
    answer = await http.options("/v1/shelves/1/books/2")
    assert (answer.status_code, answer.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH")
    assert (await http.options("/v1/nothing")).status_code == 404
    assert (await http.get("/library.v1.Library/Hidden")).status_code == 405
    answer = await http.head("/v1/shelves/1/books/2")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 10


async def test_limits_and_types(http: httpx.AsyncClient) -> None:
    big = b'{"text":"' + b"a" * (1 << 20) + b'"}'
    answer = await http.post("/v1/echo", content=big)
    assert (answer.status_code, answer.json()["code"]) == (413, 8)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3000):
            yield b" " * 1024

    answer = await http.post("/v1/echo", content=pieces())
    assert answer.status_code == 413
    answer = await http.post("/v1/echo", content=b"a=b", headers={"content-type": "text/csv"})
    assert (answer.status_code, answer.headers["accept-post"]) == (415, "application/json")
    answer = await http.post(
        "/v1/echo", content=b"{}", headers={"content-type": "application/json; charset=latin1"}
    )
    assert answer.status_code == 415
    answer = await http.post("/v1/echo", content=b"{}", headers={"content-encoding": "deflate"})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "zstd, br, gzip")
    budget = http.gateway._budget  # type: ignore[attr-defined]
    assert budget.used == 0


async def test_the_log_names_the_outcome(http: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        await http.get("/v1/echo?text=x")
        await http.get("/v1/nowhere")
        await http.options("/v1/echo")
    assert [line["code"] for line in logs] == ["OK", "NOT_FOUND", "OK"]


async def test_bodies_share_a_budget_and_come_in_time(server: Running) -> None:
    async with gateway(server.address, max_buffered_bytes=1000, idle_timeout=0.2) as http:
        answer = await http.post("/v1/echo", content=b" " * 2000)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        assert (await http.post("/v1/echo", content=b" " * 900)).status_code == 200
        assert (await http.post("/v1/echo", content=b" " * 900)).status_code == 200
        read, write = asyncio.Event(), []

        async def receive() -> Any:
            if not read.is_set():
                read.set()
                return {"type": "http.request", "body": b"{", "more_body": True}
            await asyncio.sleep(60)

        async def send(message: Any) -> None:
            write.append(message)

        scope = {"type": "http", "method": "POST", "path": "/v1/echo", "query_string": b"", "headers": []}
        await http.gateway(scope, receive, send)  # type: ignore[attr-defined]
        assert write[0]["status"] == 408


async def test_metadata_both_ways(http: httpx.AsyncClient) -> None:
    keys = [
        "x-user",
        "authorization",
        "x-request-id",
        "traceparent",
        "x-data-bin",
        "grpcgateway-accept-language",
        "x-forwarded-for",
        "x-forwarded-host",
        "grpcgateway-user-agent",
    ]
    answer = await http.get(
        "/v1:inspect",
        params={"keys": keys},
        headers={
            "Grpc-Metadata-X-User": "me",
            "Authorization": "Bearer t",
            "X-Request-Id": "r-1",
            "Traceparent": "00-1-2-3",
            "Grpc-Metadata-X-Data-Bin": "AP8=",
            "Accept-Language": "de",
            "X-Forwarded-For": "9.9.9.9",
            "User-Agent": "ua",
        },
    )
    assert answer.headers["x-request-id"] == "r-1"
    assert answer.json()["metadata"] == {
        "x-user": "me",
        "authorization": "Bearer t",
        "x-request-id": "r-1",
        "traceparent": "00-1-2-3",
        "x-data-bin": "00ff",
        "grpcgateway-accept-language": "de",
        "x-forwarded-for": "9.9.9.9, 127.0.0.1",
        "x-forwarded-host": "gateway.test",
        "grpcgateway-user-agent": "ua",
    }
    answer = await http.get("/v1/shelves/1/books?pageSize=1")
    assert answer.headers["grpc-metadata-x-shelf"] == "shelves/1"
    assert answer.headers["grpc-metadata-x-raw-bin"] == "AP8="
    assert answer.headers["grpc-trailer-x-total"] == "3"
    assert len(answer.headers["x-request-id"]) == 32
    for name, value in (
        ("Grpc-Metadata-Grpc-Timeout", "1S"),
        ("Grpc-Metadata-A-Bin", "!"),
        ("Grpc-Metadata-A", "é"),
    ):
        assert (await http.get("/v1:inspect", headers=[(name.encode(), value.encode())])).status_code == 400


async def test_deadlines(http: httpx.AsyncClient, server: Running) -> None:
    assert 50 < (await http.get("/v1:inspect", headers={"Grpc-Timeout": "60S"})).json()["secondsLeft"] < 62
    assert 200 < (await http.get("/v1:inspect")).json()["secondsLeft"] < 302
    answer = await http.get("/v1:hang", headers={"Grpc-Timeout": "100m"})
    assert (answer.status_code, answer.json()["code"]) == (504, 4)
    assert (await http.get("/v1:inspect", headers={"Grpc-Timeout": "soon"})).status_code == 400


async def test_server_streams(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/shelves/1:search", json={"text": "x", "count": 3})
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["result"]["title"] for line in lines] == ["x 0", "x 1", "x 2"]
    answer = await http.get("/v1/shelves/1:search?text=x&count=3&failAfter=2")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.status_code == 200
    assert lines[2] == {"error": {"code": 15, "message": "lost", "details": []}}
    answer = await http.get("/v1/shelves/1:search?failAfter=1")
    assert (answer.status_code, answer.json()["message"]) == (404, "none")
    answer = await http.get("/v1/shelves/1:search")
    assert (answer.status_code, answer.content) == (200, b"")
    answer = await http.head("/v1/shelves/1:search?count=2&pause=3600s")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_client_streams(http: httpx.AsyncClient) -> None:
    item = {"request": {"content": base64.b64encode(b"abc").decode()}}
    body = "\n".join(json.dumps(item) for _ in range(5))
    answer = await http.post("/v1/books:count", content=body)
    assert answer.json() == {"count": 5, "size": "15"}
    answer = await http.post("/v1/books:bulk", content=body, headers={"content-type": "application/x-ndjson"})
    assert [json.loads(line)["result"]["book"]["size"] for line in answer.text.splitlines()] == ["3"] * 5
    answer = await http.post("/v1/books:count", content=body + '\n{"nope":1}')
    assert (answer.status_code, answer.json()["details"][0]["fieldViolations"][0]["field"]) == (400, "nope")


async def test_raw_uploads(http: httpx.AsyncClient, server: Running) -> None:
    answer = await http.post(
        "/v1/shelves/1/books?bookId=b&book.title=T",
        content=b"\x89PNG",
        headers={
            b"content-type": b"image/png",
            b"content-disposition": 'attachment; filename="/x/é.png"'.encode(),
        },
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["name"], body["title"], body["size"]) == ("shelves/1/books/b", "T", "4")
    assert (body["contentType"], body["filename"]) == ("image/png", "é.png")
    answer = await http.post("/v1/shelves/1/books", content=b"x", headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    accepted = answer.headers["accept-post"]
    assert accepted == "application/json, multipart/form-data, image/*, application/epub+zip"


async def test_a_form_with_one_file(http: httpx.AsyncClient, server: Running) -> None:
    files: Any = {
        "book": (None, json.dumps({"title": "T", "labels": ["a"]}), "application/json"),
        "request": (None, json.dumps({"bookId": "b"}), "application/json"),
        "note": (None, "a note"),
        "file": ("C:\\dir\\p.png", b"\x89PNG\r\n--", "image/png"),
    }
    answer = await http.post("/v1/shelves/1/books", files=files)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["title"], body["labels"], body["note"], body["size"]) == ("T", ["a"], "a note", "8")
    assert (body["name"], body["filename"], body["contentType"]) == (
        "shelves/1/books/b",
        "p.png",
        "image/png",
    )
    assert server.seen.created[-1].content == b"\x89PNG\r\n--"


@pytest.mark.parametrize(
    ("files", "field"),
    [
        ([("nope", ("f", b"x"))], "nope"),
        ([("book", (None, '{"nope":1}')), ("file", ("f", b"x"))], "book.nope"),
        ([("book", (None, "{")), ("file", ("f", b"x"))], "book"),
        ([("request", (None, '{"sourceUri":"u"}')), ("file", ("f", b"x"))], "file"),
        ([("note", (None, b"\xff"))], "note"),
        (
            [("note", (None, "a")), ("note", (None, "b")), *[("file", (str(n), b"x")) for n in range(3)]],
            "note",
        ),
    ],
)
async def test_wrong_forms(http: httpx.AsyncClient, files: Any, field: str) -> None:
    answer = await http.post("/v1/shelves/1/books", files=files)
    assert answer.status_code == 400, answer.text
    assert answer.json()["details"][0]["fieldViolations"][0]["field"] == field


async def test_broken_forms(http: httpx.AsyncClient) -> None:
    kind = "multipart/form-data; boundary=x"
    for body in (
        b"",
        b"--x\r\n",
        b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
        b"junk",
        b"\xff" * 99,
    ):
        answer = await http.post("/v1/shelves/1/books", content=body, headers={"content-type": kind})
        assert answer.status_code == 400, body
    answer = await http.post(
        "/v1/shelves/1/books", content=b"", headers={"content-type": "multipart/form-data"}
    )
    assert answer.status_code == 400
    files: Any = [("file", (str(n), b"x")) for n in range(9)]
    answer = await http.post("/v1/shelves/1/books", files=files)
    assert "more than 8 parts" in answer.json()["message"]


async def test_a_form_with_many_files(http: httpx.AsyncClient) -> None:
    files: Any = [
        ("book", (None, '{"title":"T"}', "application/json")),
        ("file", ("a.png", b"aa", "image/png")),
        ("file", ("b.png", b"bad", "image/png")),
        ("file", ("c.png", b"cccc", "image/png")),
    ]
    answer = await http.post("/v1/shelves/1/books", files=files)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    items = answer.json()
    assert [item["index"] for item in items] == [0, 1, 2]
    assert items[0]["book"]["title"] == "T"
    assert [item.get("book", {}).get("filename") for item in items] == ["a.png", None, "c.png"]
    assert items[1]["status"]["code"] == 3
    assert items[2]["book"] == items[2]["book"] | {"name": "shelves/1", "size": "4"}
    answer = await http.post("/v1/shelves/1/books", files=files, headers={"accept": "application/x-ndjson"})
    assert [json.loads(line)["result"]["index"] for line in answer.text.splitlines()] == [0, 1, 2]
    answer = await http.post("/v1/shelves/1/books?nope=1", files=files)
    assert answer.status_code == 400
    answer = await http.post("/v1/shelves/1/books", files=[*files, ("file", ("d", b"abort"))])
    assert answer.status_code == 409


async def test_health(http: httpx.AsyncClient, server: Running) -> None:
    from grpc_health.v1 import health_pb2

    assert (await http.get("/healthz")).json() == {"status": "SERVING"}
    assert (await http.get("/readyz")).status_code == 200
    await server.health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
    answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "NOT_SERVING"})
    assert (await http.get("/readyz?service=no.such")).status_code == 503
    assert (await http.get("/healthz")).status_code == 200
    assert (await http.post("/healthz")).status_code == 405


async def test_a_target_that_comes_goes_and_comes_back() -> None:
    port = free_port()
    async with gateway(f"127.0.0.1:{port}", wait=False) as http:
        answer = await http.get("/v1/shelves/1/books/2")
        assert (answer.status_code, answer.json()["code"]) == (503, 14)
        assert (await http.get("/readyz")).status_code == 503
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/openapi.json")).status_code == 503
        for _ in range(2):
            async with library(port):
                await _answers(http, 200)
            answer = await http.get("/v1/shelves/1/books/2")
            assert (answer.status_code, answer.json()["code"]) == (503, 14)
            assert "127.0.0.1" not in answer.text


async def _answers(http: httpx.AsyncClient, status: int) -> None:
    async with asyncio.timeout(30):
        while (await http.get("/v1/shelves/1/books/2")).status_code != status:
            await asyncio.sleep(0.05)


async def test_other_services_are_read_when_the_target_changes() -> None:
    port = free_port()
    async with library(port, reflect=False), gateway(f"127.0.0.1:{port}", wait=False) as http:
        assert (await http.get("/v1/shelves/1/books/2")).status_code == 503
        assert http.gateway.target.services is None  # type: ignore[attr-defined]
    async with gateway(f"127.0.0.1:{port}", wait=False) as http:
        async with library(port, reflect=False):
            await asyncio.sleep(0.5)
        async with library(port):
            await _answers(http, 200)


async def test_a_descriptor_file_serves_without_reflection() -> None:
    file = build() / "library.binpb"
    async with (
        library(reflect=False, healthy=False) as server,
        gateway(server.address, descriptors=file) as http,
    ):
        assert (await http.get("/v1/shelves/1/books/2")).status_code == 200
        answer = await http.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "UNKNOWN"})


async def test_docs_are_shipped(http: httpx.AsyncClient) -> None:
    page = await http.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "initializer.js", "favicon-32x32.png"):
        answer = await http.get(f"/docs/{name}")
        assert answer.status_code == 200
        assert len(answer.content) > 100
    assert (await http.get("/docs/../app.py")).status_code == 404
    assert (await http.get("/docs/%2e%2e/app.py")).status_code == 404
    assert (await http.get("/docs/nothing.js")).status_code == 404
    assert (await http.get("/docs/")).headers["location"] == "../docs"


async def test_the_root_leads_to_the_docs_where_there_are_any(
    http: httpx.AsyncClient, server: Running
) -> None:
    answer = await http.get("/")
    assert answer.status_code == 307
    assert (await http.get(answer.headers["location"])).status_code == 200
    assert (await http.post("/")).status_code == 405
    async with gateway(server.address, docs=False) as without:
        assert (await without.get("/")).status_code == 404


async def test_cors_is_off_unless_set(server: Running) -> None:
    from gateway.app import create_app
    from tests.protos.library_server import settings

    for origins, expected in (("", None), ("https://a.example", "https://a.example")):
        app = create_app(settings(target=server.address, cors_origins=origins))
        inner = app
        while hasattr(inner, "app"):
            inner = inner.app
        transport = httpx.ASGITransport(app)
        async with inner, httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            await until(lambda target=inner.target: target.services is not None)
            answer = await http.get("/v1/shelves/1/books/2", headers={"origin": "https://a.example"})
            assert answer.headers.get("access-control-allow-origin") == expected
            answer = await http.options(
                "/v1/shelves/1/books/2",
                headers={"origin": "https://a.example", "access-control-request-method": "PATCH"},
            )
            assert answer.headers.get("access-control-allow-origin") == expected

"""PATCH with the mask that its body makes, merge patches, and what `response_body` shows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.protos.library_server import gateway, library

BOOK = "/v1/shelves/1/books/2"


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with library() as server, gateway(server.address) as client:
        yield client


@pytest.mark.parametrize(
    ("change", "mask"),
    [
        (
            {"title": "T", "author": {"displayName": "A", "born": 1900}},
            "author.born,author.displayName,title",
        ),
        ({"name": "shelves/9/books/9", "title": "T"}, "title"),
        ({"name": "shelves/1/books/2"}, ""),
        ({"author": {}}, "author"),
        ({"author": None, "note": None}, "author,note"),
        ({"labels": [], "createTime": "2020-01-01T00:00:00Z"}, "createTime,labels"),
        ({"content_type": "a/b", "size": "0"}, "contentType,size"),
        ({}, ""),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "application/merge-patch+json; charset=utf-8"])
async def test_a_mask_is_what_the_body_names(
    client: httpx.AsyncClient, change: Any, mask: str, kind: str
) -> None:
    answer = await client.patch(BOOK, content=json.dumps(change), headers={"Content-Type": kind})
    body = answer.json()
    assert answer.status_code == 200, body
    assert body.get("mask", "") == mask
    assert body["name"] == "shelves/1/books/2"


async def test_a_null_takes_away_and_a_mask_that_is_given_stands(client: httpx.AsyncClient) -> None:
    change = {"title": "T", "note": None}
    merge = {"Content-Type": "application/merge-patch+json"}
    body = (await client.patch(BOOK, content=json.dumps(change), headers=merge)).json()
    assert (body["title"], body["note"], body["mask"]) == ("T", "", "note,title")
    body = (
        await client.patch(BOOK + "?updateMask=name,title", content=json.dumps(change), headers=merge)
    ).json()
    assert body["mask"] == "name,title"


async def test_merge_patches_are_for_patch(client: httpx.AsyncClient) -> None:
    merge = {"Content-Type": "application/merge-patch+json"}
    answer = await client.post("/v1/echo", content=b"{}", headers=merge)
    assert (answer.status_code, answer.headers["accept-post"]) == (415, "application/json")
    answer = await client.patch(BOOK, content=b"[]", headers={"Content-Type": "application/json-patch+json"})
    assert answer.status_code == 415
    assert answer.headers["accept-patch"] == "application/json, application/merge-patch+json"


async def test_the_openapi_document_says_so(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    taken = {
        method: set(operation["requestBody"]["content"])
        for operations in paths.values()
        for method, operation in operations.items()
        if isinstance(operation, dict) and "requestBody" in operation
    }
    assert taken["patch"] == {"application/json", "application/merge-patch+json"}
    assert "application/merge-patch+json" not in taken["put"]


EMPTY_NESTED = {"text": "", "genre": "GENRE_UNSPECIFIED"}


@pytest.mark.parametrize(
    ("field", "unset", "sent", "shown"),
    [
        ("text", "", {"text": "x"}, "x"),
        ("genre", "GENRE_UNSPECIFIED", {"genre": "ESSAY"}, "ESSAY"),
        ("optional_int32", None, {"optionalInt32": 0}, 0),
        ("int32_list", [], {"int32List": [1]}, [1]),
        ("string_map", {}, {"stringMap": {"a": "b"}}, {"a": "b"}),
        ("nested", EMPTY_NESTED, {"nested": {"text": "x"}}, {**EMPTY_NESTED, "text": "x"}),
        ("nested_list", [], {"nestedList": [{}]}, [EMPTY_NESTED]),
        ("timestamp", None, {"timestamp": "1970-01-01T00:00:00Z"}, "1970-01-01T00:00:00Z"),
        ("struct", None, {"struct": {}}, {}),
        ("value", None, {"value": 1}, 1),
        ("bool_wrapper", None, {"boolWrapper": False}, False),
        ("choice_text", None, {"choiceText": ""}, ""),
        ("any", None, {"any": {}}, {}),
    ],
)
async def test_what_a_response_body_shows(
    client: httpx.AsyncClient, field: str, unset: Any, sent: Any, shown: Any
) -> None:
    assert (await client.post(f"/v1/echo/{field}", json={})).json() == unset
    assert (await client.post(f"/v1/echo/{field}", json=sent)).json() == shown


async def test_a_response_body_of_a_stream(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/shelves/1:titles?text=x&count=2")
    assert [json.loads(line) for line in answer.text.splitlines()] == [{"result": "x 0"}, {"result": "x 1"}]

"""Errors as RFC 9457 problem details, for clients that prefer them; headers that are too much for gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from gateway.app import create_app
from gateway.negotiation import qualities
from tests.protos.library_server import gateway, library, settings

PROBLEM = "application/problem+json"


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with library() as server, gateway(server.address) as client:
        yield client


async def test_a_problem_says_what_the_error_says(client: httpx.AsyncClient) -> None:
    sent = {"code": 3, "message": "no good", "detail": {"@type": "type.googleapis.com/library.v1.Book"}}
    plain = await client.post("/v1:fail", json=sent)
    assert plain.headers["content-type"] == "application/json"
    answer = await client.post("/v1:fail", json=sent, headers={"Accept": PROBLEM})
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)
    assert answer.json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "no good",
        "instance": "/v1:fail",
        "code": 3,
        "details": plain.json()["details"],
    }
    assert plain.json()["details"][0]["@type"].endswith("Book")
    assert plain.headers["vary"] == answer.headers["vary"] == "accept"


@pytest.mark.parametrize(
    ("accept", "problem"),
    [
        (None, False),
        ("*/*", False),
        ("application/*", False),
        ("application/json", False),
        (PROBLEM.upper(), True),
        (f"application/json, {PROBLEM}", True),
        (f"application/json;q=0.9, {PROBLEM};q=0.8", False),
        (f"application/json;q=0.8, {PROBLEM};q=0.9", True),
        (f"{PROBLEM};q=0", False),
        (f"{PROBLEM};q=high", False),
        (f"*/*, {PROBLEM};q=0.1", True),
    ],
)
async def test_who_gets_one(client: httpx.AsyncClient, accept: str | None, problem: bool) -> None:
    headers = {} if accept is None else {"Accept": accept}
    for path, status in (("/v1/nothing", 404), ("/v1/shelves/1/books/missing", 404), ("/v1/echo?x=1", 400)):
        answer = await client.get(path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"] == PROBLEM) == (status, problem)
        assert answer.json()["code"] in (3, 5)
        assert ("instance" in answer.json()) == problem


async def test_an_accept_header_may_come_in_pieces(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/nothing", headers=[("Accept", "text/html"), ("Accept", PROBLEM)])
    assert answer.headers["content-type"] == PROBLEM


async def test_a_status_that_http_does_not_know(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1:fail", json={"code": 1}, headers={"Accept": PROBLEM})
    assert (answer.status_code, answer.json()["title"]) == (499, "Client Closed Request")


async def test_the_guard_words_its_refusals_so_too() -> None:
    transport = httpx.ASGITransport(app=create_app(settings(target="127.0.0.1:1")))
    async with httpx.AsyncClient(transport=transport, base_url="http://elsewhere.test") as client:
        answer = await client.get("/a b", headers={"Accept": PROBLEM})
    assert (answer.status_code, answer.headers["content-type"]) == (421, PROBLEM)
    assert answer.json()["instance"] == "/a%20b"


async def test_headers_that_grpc_cannot_carry(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1:inspect", headers={"Cookie": "c=" + "x" * 20_000})
    assert (answer.status_code, answer.json()["code"]) == (431, 8)
    answer = await client.get("/v1:inspect", headers={"Cookie": "c=" + "x" * 5_000})
    assert answer.status_code == 200
    answer = await client.post(
        "/library.v1.Library/GetBook",
        json={},
        headers={"X-Large": "x" * 20_000, "Connect-Protocol-Version": "1"},
    )
    assert (answer.status_code, answer.json()["code"]) == (429, "resource_exhausted")


def test_weights() -> None:
    assert qualities("gzip;q=0.5, BR , zstd;q=1.000;x=y, identity; q=0,, *;q=0.1") == {
        "gzip": 0.5,
        "br": 1,
        "zstd": 1,
        "identity": 0,
        "*": 0.1,
    }
    assert qualities("") == {}
    assert qualities("a;q=2, b;q=0.1234, c;q=") == {"a": 0, "b": 0, "c": 0}
    assert qualities("a;q=0.1, a;q=0.5") == {"a": 0.5}

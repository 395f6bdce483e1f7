"""Web pages of elsewhere cannot write to a local stack; programs, and pages that are allowed, can."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from gateway.app import create_app
from tests.protos.library_server import Running, settings, until

OWN = "http://127.0.0.1:8080"
FORM = {"file": ("a.epub", b"a book", "application/epub+zip")}


@asynccontextmanager
async def served(server: Running, **given: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The application as servers run it."""
    app = create_app(settings(target=server.address, **given))
    inner = app
    while hasattr(inner, "app"):
        inner = inner.app
    async with inner, httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as http:
        await until(lambda: inner.target.services is not None)
        yield http


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "http://127.0.0.1:3000", "sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1:3000"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ],
)
async def test_a_foreign_page_cannot_write(server: Running, headers: dict[str, str]) -> None:
    async with served(server, cors_origins="https://friend.example") as http:
        for answer in (
            await http.post("/v1/shelves/1/books", files=FORM, headers=headers),
            await http.post("/v1/echo", content=b"{}", headers=headers),
            await http.delete("/v1/shelves/1/books/2", headers=headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, 7)
            assert "access-control-allow-origin" not in answer.headers
        assert (await http.get("/v1/shelves/1/books/2", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": OWN},
        {"origin": OWN, "sec-fetch-site": "same-origin"},
        {"origin": "https://proxy.example", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "https://friend.example", "sec-fetch-site": "cross-site"},
    ],
)
async def test_programs_and_allowed_pages_write(server: Running, headers: dict[str, str]) -> None:
    async with served(server, cors_origins="https://friend.example") as http:
        answer = await http.post("/v1/shelves/1/books", files=FORM, headers=headers)
        assert answer.status_code == 200, answer.text


async def test_any_origin_may_write_where_all_may(server: Running) -> None:
    async with served(server, cors_origins="*") as http:
        for origin in ("https://a.example", "null"):
            answer = await http.post("/v1/echo", json={}, headers={"origin": origin})
            assert answer.status_code == 200


LOOPBACK = ["127.0.0.1:8080", "localhost:8080", "LOCALHOST.", "[::1]:8080", "127.0.0.2"]


@pytest.mark.parametrize(
    ("given", "taken", "refused"),
    [
        ({}, LOOPBACK, ["rebound.example", "rebound.example:8080", "192.0.2.1", "localhost.evil.example"]),
        ({"host": "0.0.0.0"}, [*LOOPBACK, "192.0.2.1:8080", "[2001:db8::1]:80"], ["rebound.example"]),
        ({"host": "box.lan"}, [*LOOPBACK, "box.lan:8080", "192.0.2.1"], ["rebound.example"]),
        (
            {"allowed_hosts": "api.example, B.example"},
            [*LOOPBACK, "api.example:443", "b.example"],
            ["rebound.example", "x.api.example", "192.0.2.1"],
        ),
        ({"allowed_hosts": "*"}, [*LOOPBACK, "rebound.example:8080"], []),
    ],
)
async def test_a_host_is_served_or_misdirected(
    server: Running, given: dict[str, str], taken: list[str], refused: list[str]
) -> None:
    async with served(server, **given) as http:
        for host in taken:
            answer = await http.get("/v1/shelves/1/books/2", headers={"host": host})
            assert answer.status_code == 200, host
        for host in refused:
            for method, path in (("GET", "/v1/shelves/1/books/2"), ("POST", "/v1/echo"), ("GET", "/healthz")):
                answer = await http.request(method, path, headers={"host": host})
                assert (answer.status_code, answer.json()["code"]) == (421, 7), host


async def test_a_page_behind_a_proxy_is_known_by_its_host(server: Running) -> None:
    async with served(server, allowed_hosts="api.example") as http:
        for host in ("api.example", "api.example:443"):
            headers = {"host": host, "origin": "https://api.example"}
            assert (await http.post("/v1/echo", json={}, headers=headers)).status_code == 200
        headers = {"host": "api.example", "origin": "https://www.api.example"}
        assert (await http.post("/v1/echo", json={}, headers=headers)).status_code == 403

"""Streams as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from tests.fixtures.gateway import started
from tests.protos.library_server import Running, gateway

EVENTS = {"accept": "text/event-stream"}
SEARCH = "/v1/shelves/1:search?text=x"


@pytest_asyncio.fixture
async def http(server: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway(server.address, heartbeat=0.05) as client:
        yield client


def events(text: str) -> Iterator[dict[str, str]]:
    """The events of a stream, by the fields of their lines; comments as events without fields."""
    assert text.endswith("\n\n")
    for block in text[:-2].split("\n\n"):
        yield dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))


async def test_every_answer_is_an_event(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{SEARCH}&count=2", headers=EVENTS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
    assert answer.headers["cache-control"] == "no-cache"
    first, second, last = events(answer.text)
    assert (first["id"], first["event"], json.loads(first["data"])["title"]) == ("1", "message", "x 0")
    assert (second["id"], json.loads(second["data"])["title"]) == ("2", "x 1")
    assert last == {"id": "end", "event": "end", "data": '{"x-hits":["2"],"x-hits-bin":["Ag"]}'}


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/event-stream, */*", "text/event-stream"),
        ("application/x-ndjson;q=0.5, text/event-stream", "text/event-stream"),
        ("application/x-ndjson, text/event-stream;q=0.5", "application/x-ndjson"),
        ("application/json, text/event-stream;q=0", "application/x-ndjson"),
        ("*/*", "application/x-ndjson"),
    ],
)
async def test_events_come_where_they_are_asked_for(http: httpx.AsyncClient, accept: str, kind: str) -> None:
    answer = await http.get(f"{SEARCH}&count=1", headers={"accept": accept})
    assert answer.headers["content-type"] == kind
    post = await http.post("/v1/shelves/1:search", json={"count": 1}, headers={"accept": accept})
    assert post.headers["content-type"] == kind
    one = await http.get("/v1/shelves/1/books/2", headers={"accept": accept})
    assert one.headers["content-type"] == "application/json"


async def test_a_failure_is_the_last_event(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{SEARCH}&count=3&failAfter=1", headers=EVENTS)
    _, error = events(answer.text)
    assert (error["id"], error["event"]) == ("end", "error")
    assert json.loads(error["data"]) == {"code": 15, "message": "lost", "details": []}


async def test_a_failure_before_the_first_event_has_its_status(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{SEARCH}&count=0&failAfter=1", headers=EVENTS)
    assert (answer.status_code, answer.json()["message"]) == (404, "none")


async def test_a_quiet_stream_shows_that_it_lives(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{SEARCH}&count=1&pause=0.5s", headers=EVENTS)
    found = list(events(answer.text))
    assert [event["event"] for event in found if event] == ["message", "end"]
    assert found.count({}) >= 2


async def test_a_browser_that_comes_back_goes_on_or_is_done(http: httpx.AsyncClient, server: Running) -> None:
    done = await http.get(f"{SEARCH}&count=2", headers=EVENTS | {"last-event-id": "end"})
    assert (done.status_code, done.content) == (204, b"")
    assert server.seen.searched == []
    lines = await http.get(f"{SEARCH}&count=2", headers={"last-event-id": "end"})  # whose id it is not
    assert (lines.status_code, len(lines.text.splitlines())) == (200, 2)
    server.seen.searched.clear()
    await http.get(f"{SEARCH}&count=2", headers=EVENTS | {"last-event-id": "1"})
    assert server.seen.searched[0]["last-event-id"] == "1"


async def test_a_reader_that_goes_cancels_the_call(server: Running) -> None:
    async with started(server.address, "--heartbeat", "0.2") as process:
        async with (
            httpx.AsyncClient(base_url=process.url, timeout=60) as http,
            http.stream("GET", f"{SEARCH}&count=9&pause=3600s", headers=EVENTS) as answer,
        ):
            lines = [line async for line in _until_quiet(answer)]
        assert "event: message" in lines
        await asyncio.wait_for(server.seen.cancelled.wait(), 20)


async def _until_quiet(answer: httpx.Response) -> AsyncIterator[str]:
    async for line in answer.aiter_lines():
        yield line
        if line.startswith(":"):
            return

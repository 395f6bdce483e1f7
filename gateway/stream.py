"""Feeds requests into streaming RPCs: the lines of a body, or the files of a form."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import Message

from gateway import upload
from gateway.body import BodyReader
from gateway.errors import RequestError
from gateway.request import Form
from gateway.routes import Method
from gateway.upload import ManyPlan

Feed = Callable[[Any], Awaitable[None]]


def feed_lines(body: BodyReader, limit: int, read: Callable[[bytes, bool], Message]) -> Feed:
    """Sends a message for each line of a body, as it comes. `limit` is the most bytes that a line may have.

    The whole body has no limit: the server's reading paces it. What has not been sent counts as held.
    """

    async def feed(call: Any) -> None:
        first = True
        async for line in _lines(body, limit):
            await call.write(read(line, first))
            first = False
        if first:  # no line at all: what the URL says is a request
            await call.write(read(b"", True))
        await call.done_writing()

    return feed


def feed_items(form: Form, plan: ManyPlan, method: Method) -> Feed:
    """Sends a message for each file of a form."""

    async def feed(call: Any) -> None:
        for rank, request in enumerate(form.requests()):
            await call.write(upload.wrap(plan, method.request_class(), request, rank))
            await asyncio.sleep(0)
        await call.done_writing()

    return feed


async def _lines(body: BodyReader, limit: int) -> Any:
    rest = bytearray()
    async for chunk in body.chunks():
        body.charge(len(chunk))
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            rest += chunk[start:end]
            size = len(rest) + 1
            start = end + 1
            if rest.strip():
                _check(rest, limit)
                yield bytes(rest)
            rest.clear()
            body.charge(-size)
            body.pace(False)
        rest += chunk[start:]
        _check(rest, limit)
        body.pace(bool(rest))
    if rest.strip():
        yield bytes(rest)


def _check(line: bytearray, limit: int) -> None:
    if len(line) > limit:
        raise RequestError(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"a line is larger than the limit of {limit} bytes",
            status=413,
            headers=[("connection", "close")],
        )

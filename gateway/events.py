"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc

from gateway import metadata
from gateway.codec import dumps
from gateway.negotiation import qualities
from gateway.reply import NDJSON, Reply

EVENTS = "text/event-stream"
END = "end"
"""The id of the last event. Browsers come back with the id they saw last: this one has nothing to follow."""


def wanted(accept: str) -> bool:
    """Whether an Accept header names events, and no less than JSON lines."""
    asked = qualities(accept)
    weight = asked.get(EVENTS, 0.0)
    return weight > 0 and weight >= max(asked.get(NDJSON.decode(), 0.0), asked.get("application/json", 0.0))


class Events:
    """A stream as events: `message` with a number for each answer, and `end` or `error` as the last.

    `heartbeat` is the seconds of quiet after which a comment says that the stream lives.
    """

    def __init__(self, reply: Reply, heartbeat: float) -> None:
        self._reply = reply
        self._heartbeat = heartbeat

    async def stream(self, call: Any, show: Callable[[Any], bytes]) -> None:
        """Sends every answer of a call, as JSON that `show` makes. Raises AioRpcError."""
        number = 0
        while (response := await self._next(call)) is not grpc.aio.EOF and self._reply.wants_body:
            await self._start(metadata.outgoing(await call.initial_metadata()))
            number += 1
            await self._event(str(number), "message", show(response))
        await self._start(metadata.outgoing(await call.initial_metadata()))
        await self._event(END, "end", dumps(metadata.as_lists(await call.trailing_metadata())))
        await self._reply.end()

    async def fail(self, error: dict[str, Any]) -> None:
        """Sends the error that ended the stream. After UNAVAILABLE a browser may come back, else not."""
        again = error["code"] == grpc.StatusCode.UNAVAILABLE.value[0]
        await self._event("" if again else END, "error", dumps(error))
        await self._reply.end()

    async def _next(self, call: Any) -> Any:
        """The next answer, with a comment sent whenever it takes long."""
        reading = asyncio.ensure_future(call.read())
        try:
            while not (await asyncio.wait({reading}, timeout=self._heartbeat))[0]:
                await self._start([])
                await self._reply.chunk(b":\n\n")
            return reading.result()
        finally:
            reading.cancel()

    async def _start(self, headers: list[tuple[bytes, bytes]]) -> None:
        if not self._reply.started:
            await self._reply.start(EVENTS.encode(), [(b"cache-control", b"no-cache"), *headers])

    async def _event(self, number: str, name: str, data: bytes) -> None:
        mark = f"id: {number}\n" if number else ""
        await self._reply.chunk(f"{mark}event: {name}\ndata: ".encode() + data + b"\n\n")

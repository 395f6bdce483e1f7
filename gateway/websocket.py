"""RPCs over WebSocket: JSON messages both ways, as grpc-websocket-proxy carries grpc-gateway's streams.

A request is a text message, an empty one ends the requests; an answer is `{"result": …}`, a failure a last
`{"error": …}` and the close code 4000 + gRPC's. With the subprotocol `grpc-metadata` the answer's metadata
comes too: in a first `{"metadata": …}`, and in `{"trailers": …}` behind the answers. Who hangs up cancels.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message

from gateway.body import Disconnected
from gateway.codec import Codec, dumps
from gateway.errors import CODES, RequestError, status_body
from gateway.metadata import as_lists
from gateway.methods import RpcMethod
from gateway.request import bind_url, merge_json, read_json
from gateway.router import Router, Unrouted
from gateway.routes import Route
from gateway.shown import shown

METADATA = "grpc-metadata"
"""The subprotocol with which the answer's metadata comes as messages."""
ERROR_CODES = 4000
"""Close codes from here on are gRPC's: 4005 is NOT_FOUND."""


@dataclass(frozen=True, slots=True)
class Callee:
    """What a WebSocket calls: a method by its own path, or by a route with the values in its path."""

    method: RpcMethod
    route: Route | None = None
    values: tuple[str, ...] = ()
    query: bytes = b""

    @property
    def takes_messages(self) -> bool:
        """Whether the client sends requests: a route without a body says all in its URL."""
        return self.route is None or self.route.has_body

    def read(self, text: bytes, codec: Codec, *, first: bool) -> Message:
        """The request of a message; what the URL says goes into the first. Raises RequestError."""
        request = self.method.request_class()
        if self.route is not None:
            merge_json(self.route, request, text, codec)
            if first:
                bind_url(self.route, request, self.values, self.query, codec)
        elif text:
            read_json(text, request, codec)
        return request

    def show(self, data: bytes, codec: Codec) -> bytes:
        """The JSON of a response."""
        response = self.method.response_class.FromString(data)
        return shown(response, self.route.response_body if self.route else None, codec)


def find(methods: Any, router: Router[Route], path: str, query: bytes, *, rpc: bool) -> Callee:
    """What a WebSocket to a path calls.

    A handshake is always a GET: of several routes under the path, the one that streams most is meant, or the
    one whose HTTP method the query names: `?method=POST`. Raises Unrouted, and DecodeError.
    """
    if rpc and path in methods:
        return Callee(methods[path])
    verbs = [verb for verb in router.allowed(path) if verb != "HEAD"]
    pairs = query.split(b"&")
    named = [verb for verb in verbs if b"method=" + verb.encode() in pairs]
    found = [router.find(verb, path) for verb in named or verbs]
    if not found:
        raise Unrouted(path)
    if named:
        query = b"&".join(pair for pair in pairs if not pair.startswith(b"method="))
    route, values = max(found, key=lambda each: _streams(each[0]))
    return Callee(methods[route.method.path], route, tuple(values), query)


def _streams(route: Route) -> tuple[bool, bool]:
    method = route.method.descriptor
    return method.client_streaming, method.server_streaming


class WebSocketWire:
    """A call over an accepted WebSocket; a `rpc.Wire`.

    `limit` is the most bytes of a message, `patience` the seconds that a method of one request waits for it.
    `tells`: the client wants to know the answer's metadata.
    """

    def __init__(
        self, callee: Callee, codec: Codec, receive: Any, send: Any, *, limit: int, patience: float,
        tells: bool,
    ) -> None:  # fmt: skip
        self._callee = callee
        self._codec = codec
        self._receive = receive
        self._send = send
        self._limit = limit
        self._patience = patience
        self._tells = tells
        self._started = False
        self.sent = 0

    def timeout(self) -> float | None:
        """None: a browser's WebSocket has no headers to say it in."""
        return None

    async def requests(self) -> AsyncIterator[bytes]:
        """The requests, to the empty message that ends them. Raises RequestError, and Disconnected."""
        streams = self._callee.method.descriptor.client_streaming
        first = True
        if self._callee.takes_messages:
            async for text in self._messages(None if streams else self._patience):
                yield self._callee.read(text, self._codec, first=first).SerializeToString()
                first = False
                if not streams:
                    return
        if first and (self._callee.route is not None or not streams):  # what the URL says is a request
            yield self._callee.read(b"", self._codec, first=True).SerializeToString()

    async def start(self, initial: Any) -> None:
        """Tells the metadata: the handshake has been answered, and has no room for it."""
        self._started = True
        await self._tell("metadata", initial)

    async def message(self, data: bytes) -> None:
        """Sends an answer."""
        await self._say(b'{"result":' + self._callee.show(data, self._codec) + b"}")

    async def end(self, trailing: Any) -> None:
        """Closes the WebSocket well."""
        await self._tell("trailers", trailing)
        await self._close(1000, "")

    async def fail(self, status: Any, initial: Any, trailing: Any, headers: Any = ()) -> None:
        """Sends the error, and closes with its code."""
        if not self._started:
            await self.start(initial)
        await self._tell("trailers", trailing)
        await self._say(dumps({"error": status_body(status, self._codec)}))
        await self._close(ERROR_CODES + status.code, CODES[status.code].name)

    async def watch(self) -> dict[str, str]:
        """What `Watch` receives: once the requests are over, only that the client is gone."""
        while True:
            if (await self._receive())["type"] == "websocket.disconnect":
                return {"type": "http.disconnect"}

    async def _messages(self, patience: float | None) -> AsyncIterator[bytes]:
        while True:
            try:
                async with asyncio.timeout(patience):
                    message = await self._receive()
            except TimeoutError as error:
                raise RequestError(
                    grpc.StatusCode.DEADLINE_EXCEEDED, "the request did not come in time"
                ) from error
            if message["type"] == "websocket.disconnect":
                raise Disconnected
            text = message.get("text")
            if text is None:
                raise RequestError(grpc.StatusCode.INVALID_ARGUMENT, "messages are JSON, as text")
            data = text.encode()
            if not data:
                return
            if len(data) > self._limit:
                raise RequestError(
                    grpc.StatusCode.RESOURCE_EXHAUSTED,
                    f"a message is larger than the limit of {self._limit} bytes",
                )
            yield data

    async def _tell(self, name: str, metadata: Any) -> None:
        if self._tells:
            await self._say(dumps({name: as_lists(metadata)}))

    async def _say(self, text: bytes) -> None:
        self.sent += len(text)
        await self._deliver({"type": "websocket.send", "text": text.decode()})

    async def _close(self, code: int, reason: str) -> None:
        await self._deliver({"type": "websocket.close", "code": code, "reason": reason})

    async def _deliver(self, message: dict[str, Any]) -> None:
        try:
            await self._send(message)
        except OSError as error:  # how ASGI says that the client is gone
            raise Disconnected from error


def bearer(subprotocols: list[str]) -> str | None:
    """The token of the subprotocols `Bearer, TOKEN`: the one way in which a page's WebSocket can send one."""
    given = [name for name in subprotocols if name != METADATA]
    return given[1] if len(given) == 2 and given[0].lower() == "bearer" else None


def subprotocol(offered: list[str]) -> str | None:
    """The one of those offered that is spoken: a browser ends a WebSocket that names none of its own."""
    if METADATA in offered:
        return METADATA
    return offered[0] if bearer(offered) else None


def denial(send: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A `send` for an HTTP answer to a handshake that is refused: ASGI's `websocket.http.response`."""

    async def deny(message: dict[str, Any]) -> None:
        await send({**message, "type": "websocket." + message["type"]})

    return deny

"""Compresses answers with what the client accepts. Streams are flushed with every message."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any

import grpc

from gateway.codings import PACKERS, Packer
from gateway.errors import RequestError
from gateway.negotiation import qualities
from gateway.reply import Reply

IDENTITY = "identity"
_LEAST = 1024
# What is of this size or larger is packed off the event loop; packing leaves the interpreter to others.
_LARGE = 128 << 10
# Headers up to this size are remembered.
_KEPT = 256
# What shrinks. The framed streams of Connect and gRPC-Web have a compression of their own.
_SHRINKS = re.compile(
    r"text/.*|application/(?:json|x-ndjson|xml|javascript|proto|wasm|(?!connect)[\w.-]*\+(?:json|xml))"
    r"|image/(?:svg\+xml|bmp)|font/[ot]tf"
)
_NEVER = frozenset({204, 205, 206, 304})

Message = MutableMapping[str, Any]
Send = Callable[[Any], Awaitable[None]]


def choose(accept_encoding: str | None) -> tuple[str | None, bool]:
    """The coding for an Accept-Encoding header, and whether the client refuses answers as they are.

    The coding is gzip, br, zstd, identity, or None where nothing will do.
    """
    if accept_encoding is None:
        return IDENTITY, False
    return _kept(accept_encoding) if len(accept_encoding) <= _KEPT else _choose(accept_encoding)


@lru_cache(maxsize=256)
def _kept(accept_encoding: str) -> tuple[str | None, bool]:
    return _choose(accept_encoding)


def _choose(accept_encoding: str) -> tuple[str | None, bool]:
    asked = qualities(accept_encoding)
    rest = asked.get("*", 0.0)
    weights = {name: asked.get(name, rest) for name in PACKERS}
    weights["gzip"] = max(weights["gzip"], asked.get("x-gzip", 0.0))
    # As it is will do unless it is ruled out, but nobody who names codings prefers it.
    weights[IDENTITY] = asked.get(IDENTITY, 0.0001 if "*" not in asked or rest else 0.0)
    best = max(weights, key=lambda name: weights[name])
    return best if weights[best] else None, not weights[IDENTITY]


class Compression:
    """ASGI middleware that compresses what shrinks, and refuses who accepts no coding that there is (406)."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Send
    ) -> None:
        """Serves one connection event of ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        accepted = [value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-encoding"]
        coding, bound = choose(", ".join(accepted) if accepted else None)
        if coding is None:
            error = RequestError(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"answers come as {', '.join(PACKERS)} or as they are; Accept-Encoding takes none of these",
                status=406,
            )
            await Reply(send, head=scope["method"] == "HEAD").error(error.status, error.body())
            return
        await self.app(scope, receive, _Answer(send, coding, bound, head=scope["method"] == "HEAD"))


class _Answer:
    """Sends one answer in a coding. `bound`: the client does not take it as it is."""

    def __init__(self, send: Send, coding: str, bound: bool, *, head: bool) -> None:
        self._send = send
        self._coding = coding
        self._bound = bound
        self._head = head
        self._start: Message | None = None  # held back until the length is known
        self._packer: Packer | None = None
        self._flush = True

    async def __call__(self, message: Message) -> None:
        """Takes the next message of the application."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] == "http.response.body" and (
            self._start is not None or self._packer is not None
        ):
            await self._body(message)
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers = dict(message["headers"])
        shrinks = _shrinks(headers.get(b"content-type", b""))
        if shrinks or message["status"] == 304:
            message["headers"] = _varying(message["headers"])
        packs = (
            self._coding != IDENTITY
            and message["status"] not in _NEVER
            and b"content-type" in headers
            and headers.get(b"content-encoding", b"identity") == b"identity"
            and b"no-transform" not in headers.get(b"cache-control", b"")
            and (shrinks or self._bound)
        )
        length = headers.get(b"content-length")
        if not packs or (length is not None and int(length) < _LEAST and not self._bound):
            await self._send(message)
        elif self._head:
            await self._send(_packed(message, self._coding))
        elif length is None:
            self._packer = PACKERS[self._coding]()
            await self._send(_packed(message, self._coding))
        else:
            self._start = message
            self._flush = False

    async def _body(self, message: Message) -> None:
        data, more = message.get("body", b""), message.get("more_body", False)
        if self._start is not None:
            start, self._start = self._start, None
            if not more:
                data = await asyncio.to_thread(self._all, data) if len(data) >= _LARGE else self._all(data)
                await self._send(_packed(start, self._coding, len(data)))
                await self._send({"type": "http.response.body", "body": data})
                return
            self._packer = PACKERS[self._coding]()
            await self._send(_packed(start, self._coding))
        if self._packer is None:
            await self._send(message)
            return
        packed = await self._pack(self._packer, data, flush=self._flush and more) if data else b""
        if not more:
            packed += self._packer.finish()
        if packed or not more:
            await self._send({"type": "http.response.body", "body": packed, "more_body": more})

    async def _pack(self, packer: Packer, data: bytes, *, flush: bool) -> bytes:
        if len(data) < _LARGE:
            return packer.pack(data, flush=flush)
        return await asyncio.to_thread(packer.pack, data, flush=flush)

    def _all(self, data: bytes) -> bytes:
        packer = PACKERS[self._coding]()
        return packer.pack(data, flush=False) + packer.finish()


@lru_cache(maxsize=256)
def _shrinks(content_type: bytes) -> bool:
    return _SHRINKS.fullmatch(content_type.decode("latin-1").partition(";")[0].strip().lower()) is not None


def _packed(start: Message, coding: str, length: int | None = None) -> Message:
    """The head of an answer that is packed. Its ETag is a weak one: other bytes, the same meaning."""
    headers = []
    for name, value in start["headers"]:
        if name == b"etag" and not value.startswith(b"W/"):
            value = b"W/" + value
        if name not in (b"content-length", b"accept-ranges"):
            headers.append((name, value))
    headers.append((b"content-encoding", coding.encode()))
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    return {**start, "headers": headers}


def _varying(headers: Any) -> list[tuple[bytes, bytes]]:
    """The headers, with Accept-Encoding among what Vary names."""
    varies = [value for name, value in headers if name == b"vary"]
    if not varies:
        return [*headers, (b"vary", b"accept-encoding")]
    rest = [(name, value) for name, value in headers if name != b"vary"]
    return [*rest, (b"vary", b", ".join([*varies, b"accept-encoding"]))]

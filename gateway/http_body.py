"""Answers with `google.api.HttpBody`, whole or as a stream: validators, conditions and ranges.

What the server's initial metadata says under the names of HTTP (`etag`, `last-modified`, `cache-control`,
`content-disposition`, `content-language`) becomes those headers. `x-content-length`, the length of a stream's
content in bytes, is what ranges over a stream need.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.descriptor import FieldDescriptor

from gateway import metadata
from gateway.errors import RequestError
from gateway.ranges import Cutter, spans
from gateway.reply import Reply
from gateway.request import HttpRequest
from gateway.validators import Validators, tag_of

LENGTH = "x-content-length"
_HEADERS = ("etag", "last-modified", "cache-control", "content-disposition", "content-language")
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"\Z')
_PRINTABLE = re.compile(r"[\x20-\x7e]+\Z")
_BYTES = "application/octet-stream"
# May be kept by the client, and asked after each time.
_REVALIDATE = "private, no-cache"
# Content from this size on is hashed off the event loop.
_LARGE = 1 << 20

RawHeaders = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class HttpBodyAnswer:
    """The answer to one request."""

    request: HttpRequest
    reply: Reply

    async def whole(self, call: Any, field: FieldDescriptor | None) -> None:
        """Answers with the one message of a call, or the field of it that holds the HttpBody."""
        body = _body(await call, field)
        initial = await call.initial_metadata()
        headers = metadata.outgoing(initial)
        headers += metadata.outgoing(await call.trailing_metadata(), "grpc-trailer-")
        kind, data = _kind(body), body.data
        given = _given(initial)
        if self._reads and "etag" not in given:
            given["etag"] = await _tag(kind, data)
        cutter = await self._start(kind, len(data), given, headers)
        if self.reply.ended:
            return
        await self.reply.chunk(data if cutter is None else cutter.cut(data))
        await self.reply.end()

    async def stream(self, call: Any, field: FieldDescriptor | None) -> None:
        """Answers with the messages of a call, as they come. Of a range no more is read than it takes.

        Raises RequestError where the stream breaks, or is not as long as it said.
        """
        message = await _read(call, field)
        initial = await call.initial_metadata()
        given = _given(initial)
        size = _length(initial)
        kind = _BYTES if message is grpc.aio.EOF else _kind(message)
        cutter = await self._start(kind, size, given, metadata.outgoing(initial))
        passed = 0
        try:
            while message is not grpc.aio.EOF and self.reply.wants_body and not self.reply.ended:
                passed += len(message.data)
                if size is not None and passed > size:
                    break
                await self.reply.chunk(message.data if cutter is None else cutter.cut(message.data))
                if cutter is not None and cutter.done:
                    break
                message = await _read(call, field)
        except grpc.aio.AioRpcError as error:  # too late for a status: the connection ends short
            raise RequestError(error.code(), "the stream broke off") from error
        if self.reply.ended:
            return
        whole = passed == size if cutter is None else cutter.done
        if size is not None and self.reply.wants_body and not whole:
            raise RequestError(grpc.StatusCode.DATA_LOSS, f"the stream is not of {size} bytes, as it said")
        await self.reply.end()

    @property
    def _reads(self) -> bool:
        return self.request.method in ("GET", "HEAD")

    async def _start(
        self, kind: str, size: int | None, given: dict[str, str], headers: RawHeaders
    ) -> Cutter | None:
        """Sends the head of the answer; all of it where it has no content. Returns what cuts the ranges."""
        if not self._reads:
            given.pop("etag", None)
            await self._head(200, kind, size, given, headers)
            return None
        state = Validators(given.get("etag", ""), given.get("last-modified", ""))
        given.setdefault("cache-control", _REVALIDATE)
        given["accept-ranges"] = "none" if size is None else "bytes"
        asked = self.request.by_name
        refusal = state.refusal(asked)
        if refusal == 304:
            await self.reply.empty(304, [*_raw(given), *headers])
            return None
        if refusal:
            message = "the content is not what If-Match or If-Unmodified-Since says"
            error = RequestError(grpc.StatusCode.FAILED_PRECONDITION, message)
            await self.reply.error(refusal, error.body(), [*_raw(given), *headers])
            return None
        wanted = None
        if (
            size is not None
            and "range" in asked
            and self.request.method == "GET"
            and state.allow_range(asked)
        ):
            wanted = spans(asked["range"], size)
        if wanted is None:
            await self._head(200, kind, size, given, headers)
            return None
        if not wanted:
            error = RequestError(grpc.StatusCode.OUT_OF_RANGE, f"the content has {size} bytes")
            unmet = (b"content-range", f"bytes */{size}".encode())
            await self.reply.error(416, error.body(), [unmet, *headers])
            return None
        cutter = Cutter(wanted, size or 0, kind)
        await self._head(206, cutter.content_type, cutter.length, given, [*cutter.headers, *headers])
        return cutter

    async def _head(
        self, status: int, kind: str, length: int | None, given: dict[str, str], headers: RawHeaders
    ) -> None:
        sized = [] if length is None else [(b"content-length", str(length).encode())]
        nosniff = (b"x-content-type-options", b"nosniff")
        await self.reply.start(kind.encode(), [*sized, *_raw(given), nosniff, *headers], status)


async def _read(call: Any, field: FieldDescriptor | None) -> Any:
    message = await call.read()
    return message if message is grpc.aio.EOF else _body(message, field)


def _body(message: Any, field: FieldDescriptor | None) -> Any:
    return message if field is None else getattr(message, field.name)


async def _tag(kind: str, data: bytes) -> str:
    return tag_of(kind, data) if len(data) < _LARGE else await asyncio.to_thread(tag_of, kind, data)


def _kind(body: Any) -> str:
    kind: str = body.content_type
    return kind if _PRINTABLE.match(kind) else _BYTES


def _given(initial: Iterable[Any] | None) -> dict[str, str]:
    """The headers of HTTP that a server's metadata sets."""
    out = {key: value for key, value in initial or () if key in _HEADERS and isinstance(value, str)}
    if not _ETAG.match(out.get("etag", '""')):
        out["etag"] = '"' + re.sub(r"[^\x21\x23-\x7e]", "", out["etag"]) + '"'
    return out


def _length(initial: Iterable[Any] | None) -> int | None:
    value = next((value for key, value in initial or () if key == LENGTH), "")
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value) else None


def _raw(given: dict[str, str]) -> RawHeaders:
    return [(name.encode(), value.encode("latin-1", "replace")) for name, value in given.items()]

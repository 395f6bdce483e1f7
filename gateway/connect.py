"""The Connect protocol: https://connectrpc.com/docs/protocol."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import grpc

from gateway import codec as json_codec
from gateway.codec import Codec
from gateway.envelope import check_coding, frame
from gateway.errors import CODES, HTTP_STATUS, invalid
from gateway.metadata import as_lists, as_text
from gateway.reply import Reply, raw_headers
from gateway.request import HttpRequest
from gateway.rpc import Payloads

UNARY = {"application/json": True, "application/proto": False}
"""The media types of unary calls: whether their messages are JSON."""
STREAMS = {"application/connect+json": True, "application/connect+proto": False}

_END_STREAM = 0x02
_TIMEOUT = re.compile(r"[0-9]{1,10}\Z")


@dataclass(slots=True)
class _Connect:
    """What both kinds of calls share. `kind` is the media type."""

    request: HttpRequest
    reply: Reply
    payloads: Payloads
    codec: Codec
    kind: str

    def timeout(self) -> float | None:
        """Seconds of Connect-Timeout-Ms. Raises RequestError for it, and for a version that is not 1."""
        version = self.request.header("connect-protocol-version")
        if version not in (None, "1"):
            raise invalid("Connect-Protocol-Version", 'must be "1"')
        value = self.request.header("connect-timeout-ms")
        if value is None:
            return None
        if not _TIMEOUT.match(value):
            raise invalid("Connect-Timeout-Ms", "takes milliseconds, up to 10 digits")
        return int(value) / 1000

    def _error(self, status: Any) -> dict[str, Any]:
        """Connect's JSON of an error. `debug` is for who reads along; clients read `value`."""
        details = []
        for detail in status.details:
            debug = self.codec.any_to_value(detail.type_url, detail.value)
            details.append(
                {
                    "type": detail.type_url.rpartition("/")[2],
                    "value": base64.b64encode(detail.value).decode().rstrip("="),
                    "debug": {key: value for key, value in debug.items() if key != "@type"},
                }
            )
        out: dict[str, Any] = {"code": code_name(CODES.get(status.code, grpc.StatusCode.UNKNOWN))}
        if status.message:
            out["message"] = status.message
        return {**out, "details": details} if details else out


@dataclass(slots=True)
class ConnectUnary(_Connect):
    """A unary call: a bare message each way, the outcome in the HTTP status."""

    _headers: Sequence[tuple[bytes, bytes]] = ()
    _message: bytes = b""

    async def requests(self) -> AsyncIterator[bytes]:
        """The one message: the body, or what the query of a GET says."""
        if self.request.method == "GET":
            data, coding = query_message(self.request.query)
            coding = check_coding(coding, "accept-encoding")
        else:
            coding = check_coding(self.request.header("content-encoding") or "", "accept-encoding")
            data = await self.request.body.read()
        yield await self.payloads.read(data, coding)

    async def start(self, initial: Any) -> None:
        """Keeps the metadata: the answer goes out whole, when the outcome is known."""
        self._headers = _headers(initial)

    async def message(self, data: bytes) -> None:
        """Keeps the message."""
        self._message = self.payloads.write(data)

    async def end(self, trailing: Any) -> None:
        """Sends the answer."""
        out = [*self._headers, *_headers(trailing, "trailer-")]
        await self.reply.whole(200, self.kind.encode(), self._message, out)

    async def fail(self, status: Any, initial: Any, trailing: Any, headers: Any = ()) -> None:
        """Sends the error as JSON under the HTTP status of its code."""
        code = CODES.get(status.code, grpc.StatusCode.UNKNOWN)
        out = [*raw_headers(headers), *_headers(initial), *_headers(trailing, "trailer-")]
        unread = code is grpc.StatusCode.RESOURCE_EXHAUSTED and not self.request.body.ended
        linger = self.request.body.drain if unread else None
        await self.reply.json(HTTP_STATUS[code], self._error(status), out, linger)


class ConnectStream(_Connect):
    """A call with a stream on either side: framed messages, the outcome in the last frame."""

    async def requests(self) -> AsyncIterator[bytes]:
        """The messages, frame by frame."""
        header = "connect-content-encoding"
        coding = check_coding(self.request.header(header) or "", "connect-accept-encoding")
        async for message in self.payloads.framed(self.payloads.chunks(), coding):
            yield message

    async def start(self, initial: Any) -> None:
        """Sends the headers."""
        await self.reply.start(self.kind.encode(), _headers(initial))

    async def message(self, data: bytes) -> None:
        """Sends a frame."""
        await self.reply.chunk(frame(0, self.payloads.write(data)))

    async def end(self, trailing: Any) -> None:
        """Sends the last frame."""
        await self._finish({}, trailing)

    async def fail(self, status: Any, initial: Any, trailing: Any, headers: Any = ()) -> None:
        """Sends the last frame, with the error in it. The HTTP status is 200, as for every stream."""
        if not self.reply.started:
            await self.start(initial)
        await self._finish({"error": self._error(status)}, trailing)

    async def _finish(self, end: dict[str, Any], trailing: Any) -> None:
        if metadata := as_lists(trailing):
            end["metadata"] = metadata
        await self.reply.chunk(frame(_END_STREAM, json_codec.dumps(end)))
        await self.reply.end()


def code_name(code: grpc.StatusCode) -> str:
    """Connect's name of a code."""
    return "canceled" if code is grpc.StatusCode.CANCELLED else code.name.lower()


def query_kind(query: bytes) -> str:
    """The media type that a GET names in its query: `encoding=json` is application/json."""
    return "application/" + _query(query).get(b"encoding", b"").decode("latin-1")


def query_message(query: bytes) -> tuple[bytes, str]:
    """The message in the query of a GET, as it was sent, and its compression. Raises RequestError."""
    given = _query(query)
    if given.get(b"connect", b"v1") != b"v1":
        raise invalid("connect", 'must be "v1"')
    data = given.get(b"message")
    if data is None:
        raise invalid("message", "is missing from the query")
    if given.get(b"base64") == b"1":
        try:
            data = base64.b64decode(data + b"=" * (-len(data) % 4), altchars=b"-_", validate=True)
        except binascii.Error as error:
            raise invalid("message", "must be URL-safe base64") from error
    return data, given.get(b"compression", b"").decode("latin-1")


def _query(query: bytes) -> dict[bytes, bytes]:
    """The parameters of a query, decoded."""
    pairs = (pair.replace(b"+", b" ").partition(b"=") for pair in query.split(b"&"))
    return {unquote_to_bytes(name): unquote_to_bytes(value) for name, _, value in pairs}


def _headers(metadata: Any, prefix: str = "") -> list[tuple[bytes, bytes]]:
    return raw_headers((prefix + key, value) for key, value in as_text(metadata))

"""gRPC-Web, binary and text: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import grpc

from gateway import metadata
from gateway.envelope import CODINGS, check_coding, frame
from gateway.errors import RequestError
from gateway.metadata import as_text
from gateway.reply import Reply, raw_headers
from gateway.request import HttpRequest
from gateway.rpc import Payloads

BINARY = {
    "application/grpc-web": False,
    "application/grpc-web+proto": False,
    "application/grpc-web+json": True,
}
TEXT = {"application/grpc-web-text": False, "application/grpc-web-text+proto": False}
KINDS = BINARY | TEXT
"""The media types: whether their messages are JSON."""

_TRAILERS = 0x80
_QUANTA = re.compile(rb"[^=]+={0,2}")


@dataclass(slots=True)
class GrpcWeb:
    """A call of any kind: framed messages each way, the outcome in a frame of trailers.

    `kind` is the answer's media type.
    """

    request: HttpRequest
    reply: Reply
    payloads: Payloads
    kind: str

    def timeout(self) -> float | None:
        """Seconds of Grpc-Timeout. Raises RequestError."""
        return metadata.timeout(self.request.header("grpc-timeout"), None)

    async def requests(self) -> AsyncIterator[bytes]:
        """The messages, frame by frame."""
        coding = check_coding(self.request.header("grpc-encoding") or "", "grpc-accept-encoding")
        chunks = self.payloads.chunks()
        if (self.request.header("content-type") or "").lower().startswith("application/grpc-web-text"):
            chunks = decoded(chunks)
        async for message in self.payloads.framed(chunks, coding):
            yield message

    async def start(self, initial: Any) -> None:
        """Sends the headers."""
        own = (b"grpc-accept-encoding", ",".join(CODINGS).encode())
        await self.reply.start(self.kind.encode(), [own, *raw_headers(as_text(initial))])

    async def message(self, data: bytes) -> None:
        """Sends a frame."""
        await self._chunk(frame(0, self.payloads.write(data)))

    async def end(self, trailing: Any) -> None:
        """Sends the trailers of a call that went well."""
        await self._finish([("grpc-status", "0"), ("grpc-message", "")], trailing)

    async def fail(self, status: Any, initial: Any, trailing: Any, headers: Any = ()) -> None:
        """Sends the trailers of a call that failed. The HTTP status is 200, as ever."""
        if not self.reply.started:
            await self.start(initial)
        out = [("grpc-status", str(status.code)), ("grpc-message", quote(status.message, safe=_UNESCAPED))]
        if status.details:
            packed = base64.b64encode(status.SerializeToString()).decode().rstrip("=")
            out.append(("grpc-status-details-bin", packed))
        await self._finish(out, trailing)

    async def _finish(self, outcome: list[tuple[str, str]], trailing: Any) -> None:
        lines = "".join(f"{key}: {value}\r\n" for key, value in [*outcome, *as_text(trailing)])
        await self._chunk(frame(_TRAILERS, lines.encode("latin-1", "replace")))
        await self.reply.end()

    async def _chunk(self, data: bytes) -> None:
        await self.reply.chunk(base64.b64encode(data) if self.kind in TEXT else data)


async def decoded(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What a text body says: base64, which may be padded wherever its sender flushed. Raises RequestError."""
    rest = b""
    async for chunk in chunks:
        rest += chunk
        whole = len(rest) // 4 * 4
        taken, rest = rest[:whole], rest[whole:]
        for part in _QUANTA.findall(taken):
            yield _decode(part)
    if rest:
        raise _not_base64()


def _decode(part: bytes) -> bytes:
    try:
        return base64.b64decode(part, validate=True)
    except binascii.Error as error:
        raise _not_base64() from error


def _not_base64() -> RequestError:
    return RequestError(grpc.StatusCode.INVALID_ARGUMENT, "the body is not base64")


# What `grpc-message` holds as it is: printable ASCII but "%".
_UNESCAPED = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


def answer_kind(kind: str, request: HttpRequest) -> str:
    """The media type of the answer: text where the client asks for it, else the request's own."""
    asked = [each.partition(";")[0].strip() for each in (request.header("accept") or "").lower().split(",")]
    return next((each for each in asked if each in TEXT), kind)

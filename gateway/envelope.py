"""Messages in frames of five bytes and a payload, as Connect's streams and gRPC-Web send them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import AsyncIterator

import grpc

from gateway.errors import RequestError

COMPRESSED = 0x01
CODINGS = ("gzip", "identity")
"""What compresses a message: its names in the headers of all protocols."""

_HEAD = struct.Struct(">BI")


def frame(flags: int, payload: bytes) -> bytes:
    """One frame: flags, the payload's length, the payload."""
    return _HEAD.pack(flags, len(payload)) + payload


async def frames(chunks: AsyncIterator[bytes], limit: int) -> AsyncIterator[tuple[int, bytes]]:
    """The (flags, payload) of each frame of a body. Raises RequestError for one too large or cut short."""
    buffer = bytearray()
    async for chunk in chunks:
        buffer += chunk
        while len(buffer) >= _HEAD.size:
            flags, length = _HEAD.unpack_from(buffer)
            if length > limit:
                raise _too_large(limit)
            end = _HEAD.size + length
            if len(buffer) < end:
                break
            payload = bytes(memoryview(buffer)[_HEAD.size : end])
            del buffer[:end]
            yield flags, payload
    if buffer:
        raise RequestError(grpc.StatusCode.INVALID_ARGUMENT, "the body ends within a message")


def check_coding(name: str, header: str) -> bool:
    """Whether messages under a content coding are compressed. Raises RequestError for codings not known."""
    coding = name.strip().lower() or "identity"
    if coding not in CODINGS:
        raise RequestError(
            grpc.StatusCode.UNIMPLEMENTED,
            f"unknown compression {coding[:50]!r}: supported encodings are {', '.join(CODINGS)}",
            headers=[(header, ", ".join(CODINGS))],
        )
    return coding != "identity"


def unpack(payload: bytes, limit: int) -> bytes:
    """What a gzip payload unpacks to; nothing to nothing. Raises RequestError above `limit` bytes."""
    if not payload:
        return payload
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        out = inflate.decompress(payload, limit + 1)
    except zlib.error as error:
        raise RequestError(grpc.StatusCode.INVALID_ARGUMENT, "the message is not gzip") from error
    if len(out) > limit:
        raise _too_large(limit)
    if not inflate.eof or inflate.unused_data:
        raise RequestError(grpc.StatusCode.INVALID_ARGUMENT, "the message is not whole gzip")
    return out


def _too_large(limit: int) -> RequestError:
    return RequestError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        f"a message is larger than the limit of {limit} bytes",
        status=413,
        headers=[("connection", "close")],
    )

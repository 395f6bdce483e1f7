"""Messages in frames of five bytes and a payload, as Connect's streams and gRPC-Web send them."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable

import grpc

from gateway.codings import PACKERS, unpacker
from gateway.errors import RequestError

COMPRESSED = 0x01
CODINGS = (*PACKERS, "identity")
"""What compresses a message: its names in the headers of all protocols."""

_HEAD = struct.Struct(">BI")

Charge = Callable[[int], None]
"""Counts bytes as held, and no longer so where they are negative."""


def frame(flags: int, payload: bytes) -> bytes:
    """One frame: flags, the payload's length, the payload."""
    return _HEAD.pack(flags, len(payload)) + payload


async def frames(
    chunks: AsyncIterator[bytes],
    limit: int,
    charge: Charge | None = None,
    pace: Callable[[bool], None] | None = None,
) -> AsyncIterator[tuple[int, bytes]]:
    """The (flags, payload) of each frame of a body. Raises RequestError for one too large or cut short.

    `charge` counts what has come and has not been done with; `pace` is told whether a frame is unfinished.
    """
    buffer = bytearray()
    async for chunk in chunks:
        if charge is not None:
            charge(len(chunk))
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
            if charge is not None:
                charge(-end)
            if pace is not None:
                pace(False)
        if pace is not None:
            pace(bool(buffer))
    if buffer:
        raise RequestError(grpc.StatusCode.INVALID_ARGUMENT, "the body ends within a message")


def check_coding(name: str, header: str) -> str:
    """The coding of messages, "" for none. Raises RequestError for one not known; `header` tells which."""
    coding = name.strip().lower()
    if coding and coding not in CODINGS:
        raise RequestError(
            grpc.StatusCode.UNIMPLEMENTED,
            f"unknown compression {coding[:50]!r}: supported encodings are {', '.join(CODINGS)}",
            headers=[(header, ", ".join(CODINGS))],
        )
    return "" if coding == "identity" else coding


async def unpack(payload: bytes, coding: str, limit: int, charge: Charge | None = None) -> bytes:
    """What a compressed payload holds; nothing, of nothing. Raises RequestError above `limit` bytes.

    `charge` counts it while it grows.
    """
    stream = unpacker(coding) if payload else None
    if stream is None:
        return payload
    out = bytearray()
    for piece in stream.unpack(payload):
        out += piece
        if len(out) > limit:
            raise _too_large(limit)
        if charge is not None:
            charge(len(piece))
        await asyncio.sleep(0)  # a few bytes may stand for very many
    stream.finish()
    return bytes(out)


def _too_large(limit: int) -> RequestError:
    return RequestError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        f"a message is larger than the limit of {limit} bytes",
        status=413,
        headers=[("connection", "close")],
    )

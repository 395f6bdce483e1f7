"""The content codings gzip, br and zstd, piece by piece and in bounded memory: RFC 9110, section 8.4.1."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import brotli
import grpc
from backports import zstd

from gateway.errors import RequestError, invalid

PIECE = 64 << 10
"""Most bytes, or nearly, that an unpacker hands out at once."""

_GZIP = 31  # zlib's name for gzip's own header and checksum
_ZSTD_WINDOW = 23  # 8 MiB: RFC 9659 asks no more of a receiver


class Packer(Protocol):
    """Packs one body."""

    def pack(self, data: bytes, *, flush: bool) -> bytes:
        """Packs the next piece; `flush`: so that the receiver can read all of it at once."""
        ...

    def finish(self) -> bytes:
        """The end of the body."""
        ...


class Unpacker(Protocol):
    """Unpacks one body."""

    def unpack(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes hold, in pieces. Raises RequestError (400) for what is not of the coding."""
        ...

    def finish(self) -> None:
        """Raises RequestError (400) where the body ends too early."""
        ...


class _GzipPacker:
    def __init__(self) -> None:
        self._stream = zlib.compressobj(level=5, wbits=_GZIP)

    def pack(self, data: bytes, *, flush: bool) -> bytes:
        packed = self._stream.compress(data)
        return packed + self._stream.flush(zlib.Z_SYNC_FLUSH) if flush else packed

    def finish(self) -> bytes:
        return self._stream.flush()


class _BrotliPacker:
    def __init__(self) -> None:
        self._stream = brotli.Compressor(quality=4, lgwin=19)

    def pack(self, data: bytes, *, flush: bool) -> bytes:
        packed: bytes = self._stream.process(data)
        return packed + self._stream.flush() if flush else packed

    def finish(self) -> bytes:
        return bytes(self._stream.finish())


class _ZstdPacker:
    def __init__(self) -> None:
        self._stream = zstd.ZstdCompressor(level=3)

    def pack(self, data: bytes, *, flush: bool) -> bytes:
        return self._stream.compress(
            data, zstd.ZstdCompressor.FLUSH_BLOCK if flush else zstd.ZstdCompressor.CONTINUE
        )

    def finish(self) -> bytes:
        return self._stream.flush()


class _GzipUnpacker:
    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=_GZIP)

    def unpack(self, data: bytes) -> Iterator[bytes]:
        piece = b""
        while data or (len(piece) == PIECE and not self._stream.eof):
            if self._stream.eof:  # another member: RFC 1952, section 2.2
                self._stream = zlib.decompressobj(wbits=_GZIP)
            try:
                piece = self._stream.decompress(data, PIECE)
            except zlib.error as error:
                raise _broken("gzip") from error
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> None:
        if not self._stream.eof:
            raise _broken("gzip")


class _BrotliUnpacker:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def unpack(self, data: bytes) -> Iterator[bytes]:
        piece = b"more"
        while (piece and not self._stream.is_finished()) or data:
            try:
                piece = self._stream.process(data, output_buffer_limit=PIECE)
            except brotli.error as error:
                raise _broken("br") from error
            data = b""
            if piece:
                yield piece

    def finish(self) -> None:
        if not self._stream.is_finished():
            raise _broken("br")


class _ZstdUnpacker:
    def __init__(self) -> None:
        self._stream = self._next()

    def unpack(self, data: bytes) -> Iterator[bytes]:
        while data or not (self._stream.needs_input or self._stream.eof):
            if self._stream.eof:  # another frame: RFC 8878, section 3.1
                self._stream = self._next()
            try:
                piece = self._stream.decompress(data, PIECE)
            except zstd.ZstdError as error:
                raise _broken("zstd") from error
            data = self._stream.unused_data if self._stream.eof else b""
            if piece:
                yield piece

    def finish(self) -> None:
        if not self._stream.eof:
            raise _broken("zstd")

    def _next(self) -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW})


PACKERS: Mapping[str, Callable[[], Packer]] = {
    "zstd": _ZstdPacker,
    "br": _BrotliPacker,
    "gzip": _GzipPacker,
}
"""By the coding's name, the cheapest in bytes and time first."""

_UNPACKERS: Mapping[str, Callable[[], Unpacker]] = {
    "zstd": _ZstdUnpacker,
    "br": _BrotliUnpacker,
    "gzip": _GzipUnpacker,
    "x-gzip": _GzipUnpacker,
}


def unpacker(encoding: str | None) -> Unpacker | None:
    """What unpacks a body of this Content-Encoding; None: it is as it is.

    Raises RequestError (415) for other codings, and for several on top of each other.
    """
    name = (encoding or "").strip().lower()
    if name in ("", "identity"):
        return None
    if name not in _UNPACKERS:
        raise RequestError(
            grpc.StatusCode.INVALID_ARGUMENT,
            f"{encoding!r} is not taken here; send {', '.join(PACKERS)}, or the body as it is",
            status=415,
            headers=[("accept-encoding", ", ".join(PACKERS))],
        )
    return _UNPACKERS[name]()


def _broken(coding: str) -> RequestError:
    return invalid("", f"the body is not well-formed {coding}")

"""An HTTP answer, judged before it is read, and read within bounds, unpacked too."""

import email.utils
import time
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Iterator

import httpx2

from orchestrator.domain.errors import InvalidArgument, ResourceExhausted, SightlineError, Unavailable

PICTURE = ("image/", "application/octet-stream", "binary/octet-stream")
"""Media types of a picture, or of a server that does not know."""

_PIECE = 1 << 20
_LATER = 5.0
_LONGEST_RESET = 3600.0  # some hosts say a moment there, not a time to wait


def judge(status: int, headers: httpx2.Headers) -> SightlineError | None:
    """The error that a status means; None for one that brings what was asked for."""
    if status in (200, 203, 206, 304):
        return None
    after = retry_after(headers)
    if status in (408, 425, 429):
        return ResourceExhausted(
            "the host wants fewer requests",
            reason="HOST_BUSY",
            retry_after=_LATER if after is None else after,
        )
    if status >= 500:
        return Unavailable(
            f"the host answered {status}",
            reason="HOST_FAILED",
            retry_after=_LATER if after is None else after,
        )
    return InvalidArgument(f"the host answered {status}", reason="URL_NOT_FOUND")


def retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds of `Retry-After`, which may be a date."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        moment = email.utils.parsedate_to_datetime(said).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(moment - time.time(), 0.0)


def spent_for(headers: httpx2.Headers) -> float | None:
    """Seconds until a host takes requests again, where its `X-RateLimit-` headers say that none is left."""
    try:
        left = float(headers["x-ratelimit-remaining"])
        seconds = float(headers["x-ratelimit-reset"])
    except (KeyError, ValueError):
        return None
    return seconds if left < 1 and 0 < seconds <= _LONGEST_RESET else None


def check_head(headers: httpx2.Headers, limit: int | None, kinds: tuple[str, ...]) -> None:
    """Raises InvalidArgument for a media type other than `kinds`, and for a declared length above `limit`."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kinds and kind and not kind.startswith(kinds):
        raise InvalidArgument(f"the host answered {kind[:100]}, no picture", reason="WRONG_CONTENT_TYPE")
    length = headers.get("content-length", "")
    if limit is not None and length.isdigit() and int(length[:20]) > limit:
        raise _too_large(limit)


async def read_pieces(
    body: AsyncIterable[bytes], headers: httpx2.Headers, limit: int | None
) -> AsyncIterator[bytes]:
    """The body, unpacked. Raises InvalidArgument where it exceeds `limit` bytes, packed or unpacked, is
    broken, or is packed in a way that was not asked for."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise InvalidArgument("the host answered in a coding that is not taken", reason="WRONG_CONTENT_TYPE")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32) if coding not in ("identity", "") else None
    packed = unpacked = 0
    async for piece in body:
        packed += len(piece)
        for part in (piece,) if unpacking is None else _unpack(unpacking, piece):
            unpacked += len(part)
            if limit is not None and max(packed, unpacked) > limit:
                raise _too_large(limit)
            yield part
    if unpacking is not None and packed and not unpacking.eof:
        raise InvalidArgument("the host's answer breaks off", reason="URL_BROKEN")


def _unpack(unpacking: "zlib._Decompress", piece: bytes) -> Iterator[bytes]:
    """What a piece unpacks to, at most a mebibyte at a time."""
    while piece and not unpacking.eof:
        try:
            part = unpacking.decompress(piece, _PIECE)
        except zlib.error as error:
            raise InvalidArgument("the host's answer is broken", reason="URL_BROKEN") from error
        piece = unpacking.unconsumed_tail
        yield part


def _too_large(limit: int) -> InvalidArgument:
    return InvalidArgument(f"the host's answer has more than {limit} bytes", reason="IMAGE_TOO_LARGE")

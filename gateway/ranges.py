"""Byte ranges: RFC 9110, section 14."""

from __future__ import annotations

import re
import secrets
from collections import deque
from collections.abc import Sequence

_SPEC = re.compile(r"(\d{0,18})-(\d{0,18})\Z")
MAX_RANGES = 16

Span = tuple[int, int]
"""The first byte, and the one behind the last."""


def spans(header: str, size: int) -> list[Span] | None:
    """What a Range header asks of content of `size` bytes: in order, and those that touch as one.

    An empty list cannot be satisfied (416). None is to be ignored: another unit, no well-formed ranges, or
    more of them than an honest client sends.
    """
    unit, _, listed = header.partition("=")
    specs = [spec.strip() for spec in listed.split(",")]
    if unit.strip().lower() != "bytes" or len(specs) > MAX_RANGES:
        return None
    found: list[Span] = []
    for spec in specs:
        match = _SPEC.match(spec)
        if match is None or spec == "-":
            return None
        first, last = match.groups()
        if first and last and int(first) > int(last):
            return None
        if not first:
            start, stop = max(0, size - int(last)), size
        else:
            start, stop = int(first), min(size, int(last) + 1) if last else size
        if start < stop:
            found.append((start, stop))
    return _joined(sorted(found))


def _joined(found: Sequence[Span]) -> list[Span]:
    out: list[Span] = []
    for start, stop in found:
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(stop, out[-1][1]))
        else:
            out.append((start, stop))
    return out


class Cutter:
    """Cuts spans, as `spans` gives them, out of content that passes by; several as multipart/byteranges.

    `size` is that of the whole content, `length` that of what `cut` gives in all.
    """

    def __init__(self, wanted: Sequence[Span], size: int, content_type: str) -> None:
        self._left = deque(wanted)
        self._at = 0
        self._heads: dict[Span, bytes] = {}
        self._tail = b""
        self.headers = [(b"content-range", f"bytes {_range(wanted[0])}/{size}".encode())]
        self.content_type = content_type
        if len(wanted) > 1:
            boundary = secrets.token_hex(16)
            for span in wanted:
                head = f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\n"
                self._heads[span] = f"{head}Content-Range: bytes {_range(span)}/{size}\r\n\r\n".encode(
                    "latin-1"
                )
            self._tail = f"\r\n--{boundary}--\r\n".encode()
            self.headers = []
            self.content_type = f"multipart/byteranges; boundary={boundary}"
        self.length = (
            sum(stop - start for start, stop in wanted)
            + sum(map(len, self._heads.values()))
            + len(self._tail)
        )

    @property
    def done(self) -> bool:
        """Whether nothing more of the content is wanted."""
        return not self._left

    def cut(self, data: bytes) -> bytes:
        """What is wanted of the next bytes of the content."""
        begin, end = self._at, self._at + len(data)
        self._at = end
        out: list[bytes | memoryview] = []
        while self._left and (span := self._left[0])[0] < end:
            start, stop = span
            if start >= begin:
                out.append(self._heads.get(span, b""))
            out.append(memoryview(data)[max(start, begin) - begin : min(stop, end) - begin])
            if stop > end:
                break
            self._left.popleft()
            if not self._left:
                out.append(self._tail)
        return b"".join(out)


def _range(span: Span) -> str:
    return f"{span[0]}-{span[1] - 1}"

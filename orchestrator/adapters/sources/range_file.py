"""A file that is read in ranges, as libraries want it: to seek in, blocking, a block at a time."""

import io
from collections.abc import Callable

BLOCK = 1 << 20

ReadRange = Callable[[int, int], bytes]
"""Bytes by offset and size; blocks."""


class RangeFile(io.RawIOBase):
    """A raw file of `size` bytes over ranges; `io.BufferedReader` reads it in blocks."""

    def __init__(self, size: int, read: ReadRange) -> None:
        self._size, self._read, self._position = size, read, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves; nothing is read."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(start + offset, 0)
        return self._position

    def readinto(self, target: "memoryview | bytearray") -> int:  # type: ignore[override]
        """Fills the target, as far as the file goes."""
        size = max(min(len(target), self._size - self._position), 0)
        if size:
            content = self._read(self._position, size)
            size = len(content)
            target[:size] = content
            self._position += size
        return size


def buffered(size: int, read: ReadRange) -> io.BufferedReader:
    """A file to seek in, over ranges."""
    return io.BufferedReader(RangeFile(size, read), BLOCK)

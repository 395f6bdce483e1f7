"""Files that are read again once they have changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")


class WatchedFile(Generic[T]):
    """What a file holds, as `read` makes it of its path. Raises what `read` raises."""

    def __init__(self, path: Path, read: Callable[[Path], T]) -> None:
        self._path = path
        self._read = read
        self._stamp = self._now()
        self.value: T = read(path)

    def refresh(self, *, always: bool = False) -> None:
        """Reads the file if it has changed since it was looked at last, or always. Raises what `read` raises.

        The value that was there stays where the file cannot be read.
        """
        stamp = self._now()
        if always or stamp != self._stamp:
            self._stamp = stamp  # first: what is wrong with a file is said once
            self.value = self._read(self._path)

    def _now(self) -> tuple[int, ...]:
        try:
            found = self._path.stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino

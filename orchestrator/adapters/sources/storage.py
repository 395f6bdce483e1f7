"""What all storages of files offer, whether a folder or a bucket."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from orchestrator.domain.errors import InvalidArgument


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file of a listing. `path` lies below the root, its parts joined by slashes. Another `version` is
    other content. A `problem` says why there is no file to read."""

    path: str
    size: int = 0
    version: str = ""
    problem: str = ""


class Storage(Protocol):
    """Files below a root. Paths never lead out of it.

    Of a file that is no longer there, or not of the `version` asked for, reading raises InvalidArgument: that
    file's own failure. Where the storage does not answer: Unavailable.
    """

    sorted: bool
    """Whether listings come in the order of the paths' characters."""

    def list(self, prefix: str = "") -> AsyncIterator[Entry]:
        """Files below a folder, page by page. Raises InvalidArgument where there is no such folder."""
        ...

    async def stat(self, path: str) -> Entry:
        """One file, as a listing has it."""
        ...

    async def find(self, paths: Sequence[str]) -> Sequence[Entry | None]:
        """Those files that are there, None for the others: many at the price of one."""
        ...

    async def read(self, path: str, *, limit: int, version: str = "") -> bytes:
        """A whole file. Raises InvalidArgument above `limit` bytes."""
        ...

    async def read_range(self, path: str, offset: int, size: int, *, version: str = "") -> bytes:
        """`size` bytes from `offset` on, fewer at the end of the file."""
        ...

    def stream(self, path: str, *, version: str = "") -> AsyncIterator[bytes]:
        """A whole file, piece by piece."""
        ...

    def open(self, path: str) -> BinaryIO:
        """A file to seek in, for libraries that read by themselves. Blocks; call it in a thread."""
        ...

    def uri(self, path: str) -> str:
        """The file's URI, for people to follow."""
        ...


def gone(path: str) -> InvalidArgument:
    """The error for a file that was listed and is there no more."""
    return InvalidArgument(f"{path} is no longer there", reason="SOURCE_GONE")


def changed(path: str) -> InvalidArgument:
    """The error for a file that is not as it was listed."""
    return InvalidArgument(f"{path} has changed since it was listed", reason="SOURCE_CHANGED")


def too_large(path: str, limit: int) -> InvalidArgument:
    """The error for a file above the limit."""
    return InvalidArgument(f"{path} has more than {limit} bytes", reason="IMAGE_TOO_LARGE")

"""A folder of this machine, as a storage: no link leads out of it, whoever changes it meanwhile."""

import asyncio
import os
import stat as modes
from collections.abc import AsyncIterator, Generator, Sequence
from io import FileIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

from orchestrator.adapters.sources.paging import in_pages
from orchestrator.adapters.sources.storage import Entry, changed, gone, too_large
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument

DEEPEST = 100
"""Folders within folders that are looked into."""

_PIECE = 1 << 20
_ENCODED = "bytes:"  # what names that are no UTF-8 begin with, then percent-encoded


class FolderStorage:
    """`Storage` below `root`, an absolute path without links.

    Folders are opened one within the other and without following links, so that what is swapped for a link
    while a listing runs is not followed either. A linked file is read where it lies below the root.
    """

    sorted = False

    def __init__(self, root: Path) -> None:
        self._root = root

    async def list(self, prefix: str = "") -> AsyncIterator[Entry]:
        """Files below a folder; what cannot be looked into is an entry with a problem."""
        async for page in in_pages(self._walk(prefix)):
            for entry in page:
                yield entry

    async def stat(self, path: str) -> Entry:
        """One file, as a listing has it."""
        return await asyncio.to_thread(self._stat, path)

    async def find(self, paths: Sequence[str]) -> Sequence[Entry | None]:
        """Those files that are there."""
        return await asyncio.to_thread(lambda: [self._find(path) for path in paths])

    async def read(self, path: str, *, limit: int, version: str = "") -> bytes:
        """A whole file."""
        return await asyncio.to_thread(self._read, path, 0, limit, version, whole=True)

    async def read_range(self, path: str, offset: int, size: int, *, version: str = "") -> bytes:
        """A part of a file."""
        return await asyncio.to_thread(self._read, path, offset, size, version, whole=False)

    async def stream(self, path: str, *, version: str = "") -> AsyncIterator[bytes]:
        """A whole file, piece by piece."""
        async for (piece,) in in_pages(self._pieces(path, version), 1):
            yield piece

    def open(self, path: str) -> BinaryIO:
        """A file to seek in."""
        return os.fdopen(self._open_file(path), "rb")

    def uri(self, path: str) -> str:
        """The file's URI."""
        return f"file://{quote(os.fsencode(self._root))}/{quote(_to_bytes(path))}"

    def _walk(self, prefix: str) -> Generator[Entry, None, None]:
        top = _to_bytes(prefix).strip(b"/")
        try:
            folder = self._open_folder(top)
        except PermissionError as error:
            raise FailedPrecondition("the folder may not be read", reason="SOURCE_FORBIDDEN") from error
        except OSError as error:
            raise InvalidArgument("there is no such folder", reason="SOURCE_NOT_FOUND") from error
        yield from self._walk_open(folder, top, 1)

    def _walk_open(self, folder: int, path: bytes, depth: int) -> Generator[Entry, None, None]:
        """Lists an open folder, and those in it; closes it."""
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = os.fsencode(entry.name)
                    below = path + b"/" + name if path else name
                    if entry.is_dir(follow_symlinks=False):
                        yield from self._walk_below(folder, name, below, depth)
                    elif (found := self._look(entry, below)) is not None:
                        yield found
        except OSError:
            yield Entry(path=_to_text(path) + "/", problem="the folder cannot be read")
        finally:
            os.close(folder)

    def _walk_below(self, folder: int, name: bytes, path: bytes, depth: int) -> Generator[Entry, None, None]:
        if depth >= DEEPEST:
            yield Entry(path=_to_text(path) + "/", problem=f"lies more than {DEEPEST} folders deep")
            return
        try:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
        except OSError:
            yield Entry(path=_to_text(path) + "/", problem="the folder cannot be read")
            return
        yield from self._walk_open(inner, path, depth + 1)

    def _look(self, entry: os.DirEntry[str], path: bytes) -> Entry | None:
        text = _to_text(path)
        try:
            if entry.is_symlink():
                return self._look_through(text)
            found = entry.stat(follow_symlinks=False)
        except OSError:  # gone since the folder was read
            return None
        return _to_entry(text, found) if modes.S_ISREG(found.st_mode) else None

    def _look_through(self, path: str) -> Entry | None:
        """A link: to a file below the root it is that file, to a folder there it is nothing new."""
        target = os.path.realpath(self._place(path))
        if not self._holds(target):
            path = f"{path}/" if Path(target).is_dir() else path
            return Entry(path=path, problem="is a link that leads out of the folder")
        if not Path(target).is_file():  # a folder below the root is listed by its own name
            return None
        return _to_entry(path, Path(target).stat())

    def _stat(self, path: str) -> Entry:
        file = self._open_file(path)
        try:
            return _to_entry(path, os.fstat(file))
        finally:
            os.close(file)

    def _find(self, path: str) -> Entry | None:
        if not Path(self._place(path)).exists():  # most are not, and this is quick
            return None
        try:
            return self._stat(path)
        except InvalidArgument:
            return None

    def _read(self, path: str, offset: int, size: int, version: str, *, whole: bool) -> bytes:
        with os.fdopen(self._open_file(path, version), "rb", buffering=0) as file:
            if whole and os.fstat(file.fileno()).st_size > size:
                raise too_large(path, size)
            file.seek(offset)
            content = _read_up_to(file, size + 1 if whole else size)
        if whole and len(content) > size:
            raise too_large(path, size)
        return content

    def _pieces(self, path: str, version: str) -> Generator[bytes, None, None]:
        with os.fdopen(self._open_file(path, version), "rb", buffering=0) as file:
            while piece := file.read(_PIECE):
                yield piece

    def _open_file(self, path: str, version: str = "") -> int:
        """A regular file below the root, open for reading. A pipe in its place is not waited for."""
        target = os.path.realpath(self._place(path))
        if not self._holds(target):
            raise InvalidArgument(f"{path} is a link that leads out of the folder", reason="SOURCE_FORBIDDEN")
        below = Path(target).relative_to(self._root)
        try:
            folder = self._open_folder(os.fsencode(below.parent))
            try:
                file = os.open(below.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
            finally:
                os.close(folder)
        except PermissionError as error:
            raise InvalidArgument(f"{path} may not be read", reason="SOURCE_FORBIDDEN") from error
        except OSError as error:
            raise gone(path) from error
        found = os.fstat(file)
        if not modes.S_ISREG(found.st_mode):
            os.close(file)
            raise InvalidArgument(f"{path} is no file", reason="SOURCE_GONE")
        if version and _version(found) != version:
            os.close(file)
            raise changed(path)
        return file

    def _open_folder(self, path: bytes) -> int:
        folder = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        for part in path.split(b"/"):
            if part in (b"", b"."):
                continue
            outer = folder
            try:
                if part == b"..":
                    raise FileNotFoundError
                folder = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=outer)
            finally:
                os.close(outer)
        return folder

    def _place(self, path: str) -> str:
        return os.fsdecode(os.path.join(os.fsencode(self._root), _to_bytes(path).lstrip(b"/")))  # noqa: PTH118

    def _holds(self, target: str) -> bool:
        return Path(target).is_relative_to(self._root)


def _to_entry(path: str, found: os.stat_result) -> Entry:
    return Entry(path=path, size=found.st_size, version=_version(found))


def _version(found: os.stat_result) -> str:
    return f"{found.st_size}-{found.st_mtime_ns}"


def _to_text(path: bytes) -> str:
    """A path as text that every database keeps: one that is no UTF-8 comes percent-encoded."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return _ENCODED + quote_from_bytes(path)
    return _ENCODED + quote(text) if text.startswith(_ENCODED) else text


def _to_bytes(path: str) -> bytes:
    if "\0" in path:
        raise InvalidArgument("a path holds a NUL character", reason="SOURCE_NOT_FOUND")
    return unquote_to_bytes(path.removeprefix(_ENCODED)) if path.startswith(_ENCODED) else path.encode()


def _read_up_to(file: FileIO, size: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < size and (piece := file.read(min(size - len(pieces), _PIECE))):
        pieces += piece
    return bytes(pieces)

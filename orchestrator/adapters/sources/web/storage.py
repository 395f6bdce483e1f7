"""Files at URLs, as a storage without listings: their paths are the URLs."""

import io
from collections.abc import AsyncIterator, Sequence
from typing import BinaryIO

import httpx2

from orchestrator.adapters.sources.storage import Entry, changed, too_large
from orchestrator.adapters.sources.web.fetcher import Answer, Fetcher
from orchestrator.domain.errors import InvalidArgument

_PLAIN = {"accept-encoding": "identity"}


class WebStorage:
    """`Storage` of single files, by http and https URLs, under the guard of a fetcher."""

    sorted = False

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def list(self, prefix: str = "") -> AsyncIterator[Entry]:
        """The web lists nothing."""
        raise InvalidArgument("a URL is no folder", reason="SOURCE_NOT_FOUND")
        yield

    async def stat(self, path: str) -> Entry:
        """A file's size and version; a size of 0 where the host does not say."""
        async with self._fetcher.stream(path, headers={**_PLAIN, "range": "bytes=0-0"}) as answer:
            return Entry(path=path, size=_total(answer), version=_version(answer.headers))

    async def find(self, paths: Sequence[str]) -> Sequence[Entry | None]:
        """The web is not searched."""
        return [None] * len(paths)

    async def read(self, path: str, *, limit: int, version: str = "") -> bytes:
        """A whole file."""
        answer, content = await self._fetcher.get(path, limit=limit)
        _check(path, answer.headers, version)
        return content

    async def read_range(self, path: str, offset: int, size: int, *, version: str = "") -> bytes:
        """A part of a file, of a host that answers ranges."""
        if size == 0:
            return b""
        part = f"bytes={offset}-{offset + size - 1}"
        content = bytearray()
        async with self._fetcher.stream(path, headers={**_PLAIN, "range": part}) as answer:
            _check(path, answer.headers, version)
            if answer.status != 206 or not answer.headers.get("content-range", "").startswith(
                f"bytes {offset}-"
            ):
                raise InvalidArgument(f"the host of {path} does not answer ranges", reason="URL_NO_RANGES")
            async for piece in answer.body:
                content += piece
                if len(content) > size:
                    raise too_large(path, size)
        return bytes(content)

    async def stream(self, path: str, *, version: str = "") -> AsyncIterator[bytes]:
        """A whole file, piece by piece."""
        async with self._fetcher.stream(path, headers=_PLAIN) as answer:
            _check(path, answer.headers, version)
            async for piece in answer.body:
                yield piece

    def open(self, path: str) -> BinaryIO:
        """Not offered: what is sought in is read in ranges."""
        raise io.UnsupportedOperation("a URL is not opened")

    def uri(self, path: str) -> str:
        """The URL."""
        return path


def _total(answer: Answer) -> int:
    if answer.status == 206:
        total = answer.headers.get("content-range", "").rpartition("/")[2]
    else:
        total = answer.headers.get("content-length", "")
    return int(total[:18]) if total.isdigit() else 0


def _version(headers: httpx2.Headers) -> str:
    return headers.get("etag") or headers.get("last-modified") or ""


def _check(path: str, headers: httpx2.Headers, version: str) -> None:
    if version and _version(headers) != version:
        raise changed(path)

"""Sources in memory, whose files may change, vanish, be slow and fail as they are told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

from orchestrator.application.ports.sources import Source
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import Description
from orchestrator.domain.import_source import ImportSource, SourceItem


@dataclass
class MemorySources:
    """What every source holds: items and their files by key. `failures` are raised by reads, each once."""

    items: dict[str, SourceItem] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    """Reads wait for it."""
    silent: Exception | None = None
    """Listings raise it."""
    reads: list[str] = field(default_factory=list)
    listings: int = 0
    opened: int = 0
    closed: Exception | None = None
    """Openings raise it."""

    def put(self, key: str, content: bytes, *, fingerprint: str | None = "", caption: str = "") -> None:
        """Adds or changes a file; the fingerprint is its own unless it is said, and None for none."""
        folder, _, name = key.rpartition("/")
        self.files[key] = content
        self.items[key] = SourceItem(
            key=key,
            fingerprint=str(hash(content)) if fingerprint == "" else fingerprint or "",
            size_bytes=len(content),
            description=Description(display_name=name, folder=folder, caption=caption),
        )

    def put_item(self, item: SourceItem, content: bytes = b"") -> None:
        """Adds or changes an item as it is."""
        self.items[item.key], self.files[item.key] = item, content

    def describe(self, key: str, caption: str) -> None:
        """Changes what is said of a file."""
        item = self.items[key]
        said = replace(item.description, caption=caption)
        self.items[key] = replace(item, description=said, fingerprint=item.fingerprint + caption)

    def remove(self, key: str) -> None:
        """Takes a file away."""
        del self.items[key], self.files[key]

    def check(self, source: ImportSource) -> None:
        """Every source may be read."""

    def open(self, source: ImportSource) -> AbstractAsyncContextManager[Source]:
        """Opens what there is."""
        return self._open()

    async def fetch(self, url: str) -> bytes:
        """No URL answers."""
        raise InvalidArgument.field("source_uri", "is not there")

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Source]:
        if self.closed is not None:
            raise self.closed
        self.opened += 1
        yield _Opened(self)


class _Opened:
    def __init__(self, sources: MemorySources) -> None:
        self._sources = sources

    async def items(self) -> AsyncIterator[SourceItem]:
        self._sources.listings += 1
        if self._sources.silent is not None:
            raise self._sources.silent
        for item in [*self._sources.items.values()]:
            yield item

    async def read(self, item: SourceItem) -> bytes:
        sources = self._sources
        sources.reads.append(item.key)
        if sources.gate is not None:
            await sources.gate.wait()
        if waiting := sources.failures.get(item.key):
            raise waiting.pop(0)
        if item.key not in sources.files:
            raise InvalidArgument("the file is not there any more")
        return sources.files[item.key]

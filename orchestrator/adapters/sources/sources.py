"""Opens sources: the one place that knows which reader reads which."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from orchestrator.adapters.sources.files import FilesReader
from orchestrator.adapters.sources.patterns import Pattern
from orchestrator.adapters.sources.places import Places
from orchestrator.adapters.sources.web.answer import PICTURE
from orchestrator.adapters.sources.web.fetcher import Fetcher
from orchestrator.application.ports.sources import Source
from orchestrator.domain.errors import InvalidArgument, Unimplemented
from orchestrator.domain.image import MAX_CONTENT_BYTES
from orchestrator.domain.import_source import FilesSource, ImportSource


class ConfiguredSources:
    """`ports.Sources` within what the server's settings let it read."""

    def __init__(self, places: Places, fetcher: Fetcher) -> None:
        self._places = places
        self._fetcher = fetcher

    def check(self, source: ImportSource) -> None:
        """Raises InvalidArgument, FailedPrecondition."""
        match source:
            case FilesSource(annotations=None):
                self._places.check(source.uri)
                Pattern(source.pattern)
            case _:
                raise Unimplemented("this source is not offered yet")

    def open(self, source: ImportSource) -> AbstractAsyncContextManager[Source]:
        """Opens a source."""
        return self._open(source)

    async def fetch(self, url: str) -> bytes:
        """The picture at a URL."""
        _, content = await self._fetcher.get(url, limit=MAX_CONTENT_BYTES, kinds=PICTURE)
        return content

    async def close(self) -> None:
        """Ends connections."""
        await self._fetcher.close()

    @asynccontextmanager
    async def _open(self, source: ImportSource) -> AsyncIterator[Source]:
        self.check(source)
        match source:
            case FilesSource():
                storage = self._places.open_folder(source.uri)
                try:
                    yield FilesReader(storage, Pattern(source.pattern))
                finally:
                    await storage.close()
            case _:
                raise InvalidArgument("is no source")

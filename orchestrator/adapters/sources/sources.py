"""Opens sources: the one place that knows which reader reads which."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from orchestrator.adapters.sources.archive import ArchiveReader, expand
from orchestrator.adapters.sources.feed import FeedReader
from orchestrator.adapters.sources.files import FilesReader
from orchestrator.adapters.sources.patterns import Pattern
from orchestrator.adapters.sources.places import Places
from orchestrator.adapters.sources.storage import Storage
from orchestrator.adapters.sources.subreddit import SubredditReader, check_subreddit
from orchestrator.adapters.sources.url_list import UrlListReader
from orchestrator.adapters.sources.web.answer import PICTURE
from orchestrator.adapters.sources.web.fetcher import Fetcher, to_url
from orchestrator.adapters.sources.web.storage import WebStorage
from orchestrator.application.ports.sources import Source
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument
from orchestrator.domain.image import MAX_CONTENT_BYTES
from orchestrator.domain.import_source import (
    Annotations,
    ArchiveSource,
    DatasetSource,
    FeedSource,
    FilesSource,
    ImportSource,
    SubredditSource,
    UrlListSource,
)

if TYPE_CHECKING:
    from orchestrator.adapters.sources.dataset.reader import DatasetReader

REDDIT = "https://www.reddit.com"


class ConfiguredSources:
    """`ports.Sources` within what the server's settings let it read."""

    def __init__(self, places: Places, fetcher: Fetcher, *, reddit_url: str = REDDIT) -> None:
        self._places = places
        self._fetcher = fetcher
        self._reddit_url = reddit_url

    def check(self, source: ImportSource) -> None:
        """Raises InvalidArgument, FailedPrecondition."""
        match source:
            case FilesSource():
                self._places.check(source.uri)
                Pattern(source.pattern)
                if source.annotations is not None:
                    self._places.check(source.annotations.uri, "annotations.uri")
                    with _needing_the_extra("annotations"):
                        from orchestrator.adapters.sources.annotations import reader  # noqa: F401
            case ArchiveSource():
                if not source.uris:
                    raise InvalidArgument.field("uris", "is empty")
                for number, uri in enumerate(source.uris):
                    self._check_file(next(expand(uri)), f"uris[{number}]")
            case UrlListSource():
                self._check_file(source.uri, "uri")
            case FeedSource():
                _check_url(source.url, "url")
            case SubredditSource():
                check_subreddit(source)
            case DatasetSource():
                self._check_dataset(source)

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
        if isinstance(source, DatasetSource):
            reader = self._dataset(source)
            try:
                yield reader
            finally:
                await reader.close()
        else:
            yield self._reader(source)

    def _reader(self, source: ImportSource) -> Source:
        match source:
            case FilesSource():
                if source.annotations is not None:
                    return self._annotated(source, source.annotations)
                return FilesReader(self._places.open_folder(source.uri), Pattern(source.pattern))
            case ArchiveSource():
                return ArchiveReader(source.uris, self._open_file, self._places.open_folder)
            case UrlListSource():
                return UrlListReader(*self._open_file(source.uri), source.url_column, self._fetcher)
            case FeedSource():
                return FeedReader(source.url, self._fetcher)
            case SubredditSource():
                return SubredditReader(source, self._reddit_url, self._fetcher)
            case DatasetSource():
                return self._dataset(source)

    def _annotated(self, source: FilesSource, annotations: Annotations) -> Source:
        with _needing_the_extra("annotations"):
            from orchestrator.adapters.sources.annotations.reader import AnnotatedReader
        storage, pattern = self._places.open_folder(source.uri), Pattern(source.pattern)
        return AnnotatedReader(storage, pattern, annotations, self._open_file, self._places.open_folder)

    def _dataset(self, source: DatasetSource) -> "DatasetReader":
        with _needing_the_extra("data sets"):
            from orchestrator.adapters.sources.dataset.hub import HubStorage
            from orchestrator.adapters.sources.dataset.reader import DatasetReader
        if source.hub_id:
            return DatasetReader(source, HubStorage(source.hub_id, source.revision), self._fetcher)
        return DatasetReader(source, self._places.open_folder(source.uri), self._fetcher)

    def _check_dataset(self, source: DatasetSource) -> None:
        if bool(source.uri) == bool(source.hub_id):
            raise InvalidArgument.field("uri", "or hub_id is given, one of them")
        with _needing_the_extra("data sets"):
            from orchestrator.adapters.sources.dataset.hub import HubStorage
        if source.hub_id:
            HubStorage(source.hub_id, source.revision)
        else:
            self._places.check(source.uri)

    def _check_file(self, uri: str, field: str) -> None:
        if uri.startswith(("http://", "https://")):
            _check_url(uri, field)
        else:
            self._places.check(uri, field)

    def _open_file(self, uri: str) -> tuple[Storage, str]:
        if uri.startswith(("http://", "https://")):
            return WebStorage(self._fetcher), uri
        return self._places.open_file(uri)


def _check_url(url: str, field: str) -> None:
    try:
        to_url(url)
    except InvalidArgument as error:
        raise InvalidArgument.field(field, error.message, reason=error.reason) from error


@contextmanager
def _needing_the_extra(what: str) -> Iterator[None]:
    """Says which packages are missing: they are large, and not everybody needs them."""
    try:
        yield
    except ImportError as error:
        raise FailedPrecondition(
            f"{what} need packages that this server lacks: pip install 'sightline[import]'",
            reason="EXTRA_MISSING",
        ) from error

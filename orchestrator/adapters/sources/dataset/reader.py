"""Data sets: a folder, bucket or hub repository of Parquet, Arrow or picture files."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from orchestrator.adapters.sources.dataset.columns import columns_of
from orchestrator.adapters.sources.dataset.hub import CONVERTED, HubStorage
from orchestrator.adapters.sources.dataset.image_folder import METADATA, ImageFolderReader
from orchestrator.adapters.sources.dataset.rows import items_of
from orchestrator.adapters.sources.dataset.splits import choose
from orchestrator.adapters.sources.dataset.tables import Table, broken, open_table
from orchestrator.adapters.sources.paging import in_pages
from orchestrator.adapters.sources.storage import Storage, changed, too_large
from orchestrator.adapters.sources.web.answer import PICTURE
from orchestrator.adapters.sources.web.fetcher import Fetcher
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import MAX_CONTENT_BYTES
from orchestrator.domain.import_source import DatasetSource, SourceItem

MOST_TABLES = 100_000

_OPEN_TABLES = 4
_TABLES = (".parquet", ".arrow")
_NOT_DATA = ("cache-", "indices", "_metadata", "_common_metadata")
_MOST_PROBLEMS = 1000
_MAX_README_BYTES = 4 << 20


@dataclass(slots=True)
class _Found:
    """What a data set's files are."""

    tables: list[str] = field(default_factory=list)
    metadata: list[str] = field(default_factory=list)
    readme: str = ""
    problems: list[SourceItem] = field(default_factory=list)


class DatasetReader:
    """`Source` over a data set; `storage` is the folder or repository that it lies in."""

    def __init__(self, source: DatasetSource, storage: Storage, fetcher: Fetcher) -> None:
        self._source, self._storage, self._fetcher = source, storage, fetcher
        self._open: OrderedDict[tuple[str, str], Table] = OrderedDict()
        self._commits: dict[str, Storage] = {}
        self._lock = asyncio.Lock()

    async def items(self) -> AsyncIterator[SourceItem]:
        """All rows of the split; a file that cannot be read is an item with a problem."""
        storage = self._storage
        found = await _survey(storage)
        if not found.tables and isinstance(storage, HubStorage):
            try:
                converted = HubStorage(self._source.hub_id, CONVERTED)
                tables = await _survey(converted)
            except InvalidArgument:  # the hub has made no Parquet of it
                pass
            else:
                storage, found = converted, tables
        if not found.tables:
            async for item in self._files(storage, found.metadata).items():
                yield item
            return
        for problem in found.problems:
            yield problem
        paths = choose(
            found.tables, config=self._source.config, split=self._source.split, readme=found.readme
        )
        for path in paths:
            async for item in self._rows(storage, path):
                yield item

    async def read(self, item: SourceItem) -> bytes:
        """The picture of a row: what lies in it, or what it names."""
        if "file" not in item.locator:
            return await self._files(self._storage, ()).read(item)
        place = item.locator
        path, storage = place["file"], self._storage_at(place["commit"])
        if (await storage.stat(path)).version != place["version"]:
            raise changed(path)
        async with self._lock:
            table = await self._table(storage, place["commit"], path)
            value = await asyncio.to_thread(table.value, place["group"], place["row"], place["column"])
        if isinstance(value, dict):
            value = value.get("bytes") or value.get("path")
        match value:
            case bytes():
                if len(value) > MAX_CONTENT_BYTES:
                    raise too_large(item.key, MAX_CONTENT_BYTES)
                return value
            case str() if value.startswith(("http://", "https://")):
                _, content = await self._fetcher.get(value.strip(), limit=MAX_CONTENT_BYTES, kinds=PICTURE)
                return content
            case str() if value.strip():
                return await self._beside(storage, path, value.strip())
        raise InvalidArgument("the row has no picture", reason="SOURCE_BROKEN")

    async def close(self) -> None:
        """Closes files."""
        async with self._lock:
            while self._open:
                _, table = self._open.popitem()
                await asyncio.to_thread(table.close)

    async def _rows(self, storage: Storage, path: str) -> AsyncIterator[SourceItem]:
        try:
            entry = await storage.stat(path)
            commit = storage.commit if isinstance(storage, HubStorage) else ""
            table = await asyncio.to_thread(_open, storage, path)
            try:
                with broken():
                    columns = columns_of(table.schema, self._source)
                where = {"commit": commit, "file": path, "version": entry.version}
                async for page in in_pages(items_of(table, columns, entry, storage.uri(path), where)):
                    for item in page:
                        yield item
            finally:
                await asyncio.to_thread(table.close)
        except InvalidArgument as error:
            if error.violations:  # a column that is not there: the caller's to mend, for all files
                raise
            yield SourceItem(key=path, problem=error.message)

    async def _table(self, storage: Storage, commit: str, path: str) -> Table:
        """An open table, of few that are kept open."""
        key = (commit, path)
        if key not in self._open:
            while len(self._open) >= _OPEN_TABLES:
                _, oldest = self._open.popitem(last=False)
                await asyncio.to_thread(oldest.close)
            self._open[key] = await asyncio.to_thread(_open, storage, path)
        self._open.move_to_end(key)
        return self._open[key]

    def _storage_at(self, commit: str) -> Storage:
        if not commit:
            return self._storage
        return self._commits.setdefault(commit, HubStorage(self._source.hub_id, commit))

    async def _beside(self, storage: Storage, table: str, path: str) -> bytes:
        """A file that a row names: below the table's folder, else below the data set's."""
        folder = table.rpartition("/")[0]
        try:
            return await storage.read(f"{folder}/{path}".lstrip("/"), limit=MAX_CONTENT_BYTES)
        except InvalidArgument:
            if not folder:
                raise
            return await storage.read(path, limit=MAX_CONTENT_BYTES)

    def _files(self, storage: Storage, metadata: Sequence[str]) -> ImageFolderReader:
        return ImageFolderReader(storage, self._source, metadata)


def _open(storage: Storage, path: str) -> Table:
    file = storage.open(path)
    try:
        return open_table(file, path)
    except BaseException:
        file.close()
        raise


async def _survey(storage: Storage) -> _Found:
    found = _Found()
    async for entry in storage.list():
        name = entry.path.rpartition("/")[2]
        if entry.problem:
            if entry.path.lower().endswith(("/", *_TABLES)) and len(found.problems) < _MOST_PROBLEMS:
                found.problems.append(SourceItem(key=entry.path, problem=entry.problem))
        elif name.lower().endswith(_TABLES) and not name.startswith(_NOT_DATA):
            if len(found.tables) == MOST_TABLES:
                raise InvalidArgument(f"the data set has more than {MOST_TABLES:,} tables")
            found.tables.append(entry.path)
        elif name in METADATA:
            found.metadata.append(entry.path)
        elif entry.path == "README.md" and entry.size <= _MAX_README_BYTES:
            content = await storage.read(entry.path, limit=_MAX_README_BYTES)
            found.readme = content.decode("utf-8", "replace")
    return found

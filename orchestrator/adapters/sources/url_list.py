"""Lists of pictures' URLs: CSV with a header, or JSON lines."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from orchestrator.adapters.sources.by_url import read_url, url_item
from orchestrator.adapters.sources.lines import read_csv, read_lines
from orchestrator.adapters.sources.seen import Seen
from orchestrator.adapters.sources.storage import Storage
from orchestrator.adapters.sources.web.fetcher import MAX_URL, Fetcher
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.import_source import SourceItem

_JSON = (".jsonl", ".ndjson", ".json")
_CAPTIONS = ("caption", "text", "alt", "title")
_LABELS = ("label", "labels")


class UrlListReader:
    """`Source` over a file that lists URLs. A URL that is there twice is taken once, with its first row."""

    def __init__(self, storage: Storage, path: str, url_column: str, fetcher: Fetcher) -> None:
        self._storage, self._path = storage, path
        self._column = url_column
        self._fetcher = fetcher

    async def items(self) -> AsyncIterator[SourceItem]:
        """Rows in the file's order; one without a URL is an item with a problem."""
        seen = Seen()
        try:
            async for number, row in self._rows():
                url = row.get(self._column) if row is not None else None
                if row is None:
                    yield SourceItem(key=f"line {number}", problem="makes no sense")
                elif not isinstance(url, str) or not url.strip() or len(url) > MAX_URL:
                    yield SourceItem(key=f"line {number}", problem=f"has no URL in {self._column}")
                elif seen.add(url.strip()):
                    yield self._item(url.strip(), row)
        finally:
            seen.close()

    async def read(self, item: SourceItem) -> bytes:
        """The picture at the row's URL."""
        return await read_url(self._fetcher, item)

    def _item(self, url: str, row: Mapping[str, Any]) -> SourceItem:
        caption = next((row[name] for name in _CAPTIONS if isinstance(row.get(name), str)), "")
        labels: Any = next((row[name] for name in _LABELS if row.get(name)), [])
        taken = {self._column, *_CAPTIONS, *_LABELS}
        return url_item(
            url,
            caption=caption,
            labels=map(str, labels if isinstance(labels, list) else [labels]),
            metadata={name: value for name, value in row.items() if name not in taken},
        )

    async def _rows(self) -> AsyncIterator[tuple[int, Mapping[str, Any] | None]]:
        lines = read_lines(self._storage.stream(self._path))
        name = self._path.lower().partition("?")[0]
        if name.endswith(_JSON):
            async for number, line in lines:
                if line.strip():
                    yield number, parse_row(line)
            return
        header: list[str] = []
        async for number, fields in read_csv(lines, "\t" if name.endswith(".tsv") else ","):
            if not header:
                header = [field.strip() for field in fields]
                if self._column not in header:
                    raise InvalidArgument(
                        f"the list has no column {self._column[:100]}", reason="SOURCE_BROKEN"
                    )
            elif fields:
                yield number, dict(zip(header, fields, strict=False)) if len(fields) <= len(header) else None
            else:
                yield number, None


def parse_row(line: str) -> Mapping[str, Any] | None:
    """The object of a line of JSON; None where there is none."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None

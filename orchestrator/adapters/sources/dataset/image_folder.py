"""Data sets of picture files: a folder's name is the label, and `metadata` files say more (imagefolder)."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from orchestrator.adapters.sources.dataset.splits import ALL, split_of
from orchestrator.adapters.sources.describe import describe
from orchestrator.adapters.sources.files import FilesReader
from orchestrator.adapters.sources.lines import read_csv, read_lines
from orchestrator.adapters.sources.notes import Notes
from orchestrator.adapters.sources.patterns import Pattern
from orchestrator.adapters.sources.storage import Storage
from orchestrator.adapters.sources.url_list import parse_row
from orchestrator.domain.import_source import DatasetSource, SourceItem

METADATA = ("metadata.csv", "metadata.jsonl")

_CAPTIONS = ("caption", "text", "description", "prompt")


class ImageFolderReader:
    """`Source` over the pictures of a split. `metadata` are paths of the files that say more."""

    def __init__(self, storage: Storage, source: DatasetSource, metadata: Sequence[str]) -> None:
        self._storage, self._source, self._metadata = storage, source, metadata
        self._files = FilesReader(storage, Pattern(""))

    async def items(self) -> AsyncIterator[SourceItem]:
        """Pictures of the split."""
        notes = Notes()
        try:
            for path in self._metadata:
                folder = path.rpartition("/")[0]
                async for row in self._rows(path):
                    if isinstance(name := row.get("file_name"), str):
                        notes.add([(f"{folder}/{name}".lstrip("/"), row)])
            await asyncio.to_thread(notes.index)
            async for item in self._files.items():
                if item.problem or self._source.split in (ALL, self._split(item.key)):
                    yield item if item.problem else self._told(item, notes.of(item.key))
        finally:
            notes.close()

    async def read(self, item: SourceItem) -> bytes:
        """The file."""
        return await self._files.read(item)

    def _split(self, path: str) -> str:
        return split_of(path.rpartition("/")[0], self._source.split)

    def _told(self, item: SourceItem, rows: Sequence[Mapping[str, Any]]) -> SourceItem:
        row = rows[0] if rows else {}
        folder = item.key.rpartition("/")[0].rpartition("/")[2]
        label = row.get(self._source.label_column or "label")
        if label is None and folder and split_of(folder, self._source.split) == "train" != folder:
            label = folder  # not one that only names a split
        named = self._source.caption_column
        captions = [row.get(name) for name in ([named] if named else _CAPTIONS)]
        caption = next((each for each in captions if isinstance(each, str)), item.description.caption)
        description = describe(
            path=item.key,
            source_uri=item.description.source_uri,
            caption=caption,
            labels=[] if label is None else map(str, label if isinstance(label, list) else [label]),
            metadata={name: row.get(name) for name in self._source.columns},
        )
        said = f"+{_hash(row)}" if row else ""
        return replace(item, description=description, fingerprint=item.fingerprint + said)

    async def _rows(self, path: str) -> AsyncIterator[Mapping[str, Any]]:
        lines = read_lines(self._storage.stream(path))
        if path.endswith(".jsonl"):
            async for _, line in lines:
                if (row := parse_row(line)) is not None:
                    yield row
            return
        header: list[str] = []
        async for _, fields in read_csv(lines, ","):
            if header:
                yield dict(zip(header, fields, strict=False))
            header = header or fields


def _hash(row: Mapping[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(row, sort_keys=True).encode(), digest_size=8).hexdigest()

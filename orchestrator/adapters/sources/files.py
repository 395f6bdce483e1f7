"""The pictures of a folder or bucket: folders become folders, a text beside a picture its caption."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from orchestrator.adapters.sources.describe import describe
from orchestrator.adapters.sources.paging import PAGE
from orchestrator.adapters.sources.patterns import Pattern
from orchestrator.adapters.sources.storage import Entry, Storage
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import MAX_CAPTION, MAX_CONTENT_BYTES
from orchestrator.domain.import_source import SourceItem

PICTURES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".webp"}
)
"""Endings of the formats that are decoded. What a file really is, its bytes tell the decoder."""

_MAX_CAPTION_BYTES = 4 * MAX_CAPTION + 4096
_AT_ONCE = 16


class FilesReader:
    """`Source` over the files of a storage; without `captions`, texts beside pictures are something else."""

    def __init__(self, storage: Storage, pattern: Pattern, *, captions: bool = True) -> None:
        self._storage = storage
        self._pattern = pattern
        self._captions = captions

    async def items(self) -> AsyncIterator[SourceItem]:
        """Pictures in the storage's order; what cannot be looked into is an item with a problem."""
        page: list[tuple[Entry, Entry | None]] = []
        async for picture, text in _with_texts(self._storage, self._pattern.folder):
            if picture.problem or self._pattern.matches(picture.path):
                page.append((picture, text))
            if len(page) == PAGE:
                async for item in self._items(page):
                    yield item
                page = []
        async for item in self._items(page):
            yield item

    async def read(self, item: SourceItem) -> bytes:
        """The file as it is now: where it has changed since, the next listing tells."""
        return await self._storage.read(item.key, limit=MAX_CONTENT_BYTES)

    async def _items(self, page: Sequence[tuple[Entry, Entry | None]]) -> AsyncIterator[SourceItem]:
        pictures = [picture for picture, _ in page]
        texts: Sequence[Entry | None] = [text for _, text in page]
        if not self._captions:
            texts = [None] * len(page)
        elif not self._storage.sorted:
            texts = await self._storage.find([f"{_stem(picture.path)}.txt" for picture in pictures])
        reading = asyncio.Semaphore(_AT_ONCE)
        captions = await asyncio.gather(*(self._caption(text, reading) for text in texts if text is not None))
        left = iter(captions)
        for picture, text in zip(pictures, texts, strict=True):
            yield self._item(picture, text, next(left) if text is not None else "")

    def _item(self, picture: Entry, text: Entry | None, caption: str) -> SourceItem:
        version = picture.version if text is None else f"{picture.version}+{text.version}"
        return SourceItem(
            key=picture.path,
            fingerprint="" if picture.problem else version,
            size_bytes=picture.size,
            description=describe(
                path=picture.path, source_uri=self._storage.uri(picture.path), caption=caption
            ),
            problem=picture.problem,
        )

    async def _caption(self, text: Entry, reading: asyncio.Semaphore) -> str:
        async with reading:
            try:
                content = await self._storage.read(text.path, limit=_MAX_CAPTION_BYTES)
                return " ".join(content.decode().split())
            except (InvalidArgument, UnicodeDecodeError):  # no caption: notes, or a log
                return ""


@dataclass(slots=True)
class _Stem:
    """Pictures of one name up to their ending, and the text that shares it."""

    stem: str
    pictures: list[Entry] = field(default_factory=list)
    text: Entry | None = None


async def _with_texts(storage: Storage, folder: str) -> AsyncIterator[tuple[Entry, Entry | None]]:
    """Pictures, each with the `.txt` beside it where listings are sorted: there all that begins with `a.`
    comes together, so that few names are held at a time."""
    open_stems: list[_Stem] = []
    async for entry in storage.list(folder):
        ending = _ending(entry.path)
        if entry.problem and (entry.path.endswith("/") or ending in PICTURES):
            yield entry, None
        if entry.problem or (ending not in PICTURES and ending != ".txt"):
            continue
        if not storage.sorted:
            if ending in PICTURES:
                yield entry, None
            continue
        while open_stems and not entry.path.startswith(f"{open_stems[-1].stem}."):
            done = open_stems.pop()
            for picture in done.pictures:
                yield picture, done.text
        stem = _stem(entry.path)
        if not open_stems or open_stems[-1].stem != stem:
            open_stems.append(_Stem(stem))
        if ending == ".txt":
            open_stems[-1].text = entry
        else:
            open_stems[-1].pictures.append(entry)
    for done in reversed(open_stems):
        for picture in done.pictures:
            yield picture, done.text


def is_picture(path: str) -> bool:
    """Whether a path ends as pictures' do."""
    return _ending(path) in PICTURES


def _stem(path: str) -> str:
    return path[: len(path) - len(_ending(path))]


def _ending(path: str) -> str:
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""

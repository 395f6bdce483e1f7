"""COCO's files: instances, captions, and what else has their shape. Read once, kept aside by picture."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import ijson

from orchestrator.adapters.sources.annotations.depth import DepthGuard
from orchestrator.adapters.sources.annotations.marks import text_of, to_box, to_mask, to_region
from orchestrator.adapters.sources.annotations.said import MOST_REGIONS, Said
from orchestrator.adapters.sources.notes import Notes
from orchestrator.adapters.sources.storage import Storage
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.import_source import AnnotatedRegion, SourceItem

MOST_BYTES_A_RECORD = 64 << 20
"""Bytes of a file between two records: what is longer is no such file."""

MOST_CATEGORIES = 100_000


class CocoAnnotator:
    """`Annotator` over COCO files, each a storage, a path in it, and the folder that its pictures lie below.

    A picture is meant by its path below that folder, or by its name where `is_alone` says that no other
    picture of the source bears it.
    """

    def __init__(self, files: Sequence[tuple[Storage, str, str]], is_alone: Callable[[str], bool]) -> None:
        self._files = files
        self._is_alone = is_alone
        self._images, self._marks = Notes(), Notes()
        self._categories: list[dict[Any, str]] = []

    async def load(self) -> None:
        """Reads all files."""
        for number, (storage, path, folder) in enumerate(self._files):
            await self._load(number, storage.stream(path), path, folder)
        await asyncio.to_thread(self._images.index)
        await asyncio.to_thread(self._marks.index)

    async def said(self, item: SourceItem) -> Said | None:
        """Boxes, masks and captions of a picture."""
        return await asyncio.to_thread(self._said, item.key)

    def close(self) -> None:
        """Takes temporary files away."""
        self._images.close()
        self._marks.close()

    def _said(self, path: str) -> Said | None:
        found = self._images.of(path)
        name = path.rpartition("/")[2]
        if not found and self._is_alone(name):
            found = self._images.of(f"*/{name}")
            if len({number for number, *_ in found}) < len(found):  # who is meant is not said
                return None
        if not found:
            return None
        regions: list[AnnotatedRegion] = []
        captions: list[str] = []
        for number, identifier, width, height in found:
            for mark in self._marks.of(f"{number}/{identifier}"):
                if caption := text_of(mark, "caption"):
                    captions.append(caption)
                elif len(regions) < MOST_REGIONS:
                    category = self._categories[number].get(str(mark.get("category_id")), "")
                    if (region := _region(mark, width, height, category)) is not None:
                        regions.append(region)
        return Said(regions=list(dict.fromkeys(regions)), captions=list(dict.fromkeys(captions)))

    async def _load(self, number: int, pieces: AsyncIterator[bytes], path: str, folder: str) -> None:
        self._categories.append({})
        records = _Records()
        waited = 0
        try:
            async for piece in pieces:
                found = await asyncio.to_thread(self._take, number, folder, records, piece)
                waited = 0 if found else waited + len(piece)
                if waited > MOST_BYTES_A_RECORD:
                    raise InvalidArgument(f"{path} holds no COCO annotations", reason="SOURCE_BROKEN")
            records.end()
        except (ijson.JSONError, UnicodeDecodeError) as error:
            raise InvalidArgument(f"{path} is no JSON", reason="SOURCE_BROKEN") from error
        if not records.any:
            raise InvalidArgument(f"{path} holds no COCO annotations", reason="SOURCE_BROKEN")

    def _take(self, number: int, folder: str, records: "_Records", piece: bytes) -> int:
        images, marks, categories = records.send(piece)
        self._images.add(_images(number, folder, images))
        self._marks.add(
            (f"{number}/{mark['image_id']}", {name: mark.get(name) for name in _KEPT})
            for mark in marks
            if isinstance(mark, dict) and "image_id" in mark
        )
        for category in categories:
            if isinstance(category, dict) and len(self._categories[number]) < MOST_CATEGORIES:
                self._categories[number][str(category.get("id"))] = text_of(category, "name")
        return len(images) + len(marks) + len(categories)


_KEPT = ("bbox", "segmentation", "category_id", "caption")


class _Records:
    """The records of a COCO file, whatever the order of its parts, as its bytes come."""

    def __init__(self) -> None:
        self._found = [ijson.sendable_list() for _ in range(3)]
        self._parsers = [
            ijson.items_coro(found, f"{part}.item", use_float=True)
            for found, part in zip(self._found, ("images", "annotations", "categories"), strict=True)
        ]
        self._depth = DepthGuard()
        self.any = False

    def send(self, piece: bytes) -> list[list[Any]]:
        """The images, annotations and categories that are complete now."""
        self._depth.send(piece)
        for parser in self._parsers:
            parser.send(piece)
        complete = [list(found) for found in self._found]
        for found in self._found:
            found.clear()
        self.any = self.any or any(complete)
        return complete

    def end(self) -> None:
        """Raises ijson.JSONError where the file breaks off."""
        for parser in self._parsers:
            parser.close()


def _images(number: int, folder: str, images: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """The keys by which a picture may be meant: its path, and `*/` with its name."""
    for image in images:
        name = text_of(image, "file_name").replace("\\", "/") if isinstance(image, dict) else ""
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if not parts or ".." in parts:
            continue
        width, height = image.get("width"), image.get("height")
        sized = isinstance(width, int) and isinstance(height, int)
        value = [number, image.get("id"), width if sized else 0, height if sized else 0]
        yield "/".join([*filter(None, [folder]), *parts]), value
        yield f"*/{parts[-1]}", value


def _region(mark: dict[str, Any], width: int, height: int, category: str) -> AnnotatedRegion | None:
    box = None
    match mark.get("bbox"):
        case [x, y, wide, tall] if all(isinstance(each, int | float) for each in (x, y, wide, tall)):
            box = to_box(x, y, x + wide, y + tall)
    return to_region(box, to_mask(mark.get("segmentation"), width, height), category)

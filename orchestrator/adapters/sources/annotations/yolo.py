"""YOLO's files: a text beside each picture's folder, boxes and polygons in fractions of the picture."""

import asyncio
import io
from typing import Any

import yaml
from PIL import Image, UnidentifiedImageError

from orchestrator.adapters.sources.annotations.marks import from_polygons, to_box, to_region
from orchestrator.adapters.sources.annotations.said import MOST_REGIONS, Said
from orchestrator.adapters.sources.storage import Storage
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import MAX_CONTENT_BYTES
from orchestrator.domain.import_source import AnnotatedRegion, SourceItem

MAX_FILE_BYTES = 4 << 20

_HEAD = 64 << 10
_ORIENTATION = 0x0112


class YoloAnnotator:
    """`Annotator` over `data.yaml` and, for `…/images/a.jpg`, `…/labels/a.txt`, or `a.txt` beside `a.jpg`.

    `storage` holds the annotations, `pictures` the pictures, of which the heads are read for their sizes.
    """

    def __init__(self, storage: Storage, names_file: str, pictures: Storage) -> None:
        self._storage, self._names_file, self._pictures = storage, names_file, pictures
        self._names: dict[int, str] = {}

    async def load(self) -> None:
        """Reads the classes' names."""
        content = await self._storage.read(self._names_file, limit=MAX_FILE_BYTES)
        try:
            names = yaml.safe_load(content)["names"]
        except (yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise InvalidArgument(f"{self._names_file} names no classes", reason="SOURCE_BROKEN") from error
        listed = (
            enumerate(names) if isinstance(names, list) else names.items() if isinstance(names, dict) else ()
        )
        self._names = {
            number: str(name)
            for number, name in listed
            if isinstance(number, int) and isinstance(name, str | int | float)
        }

    async def said(self, item: SourceItem) -> Said | None:
        """The boxes and polygons of a picture."""
        stem = item.key.rpartition(".")[0]
        head, images, tail = f"/{stem}".rpartition("/images/")
        beside = f"{head}/labels/{tail}.txt".lstrip("/") if images else f"{stem}.txt"
        try:
            content = await self._storage.read(beside, limit=MAX_FILE_BYTES)
        except InvalidArgument:
            return None
        size = await self._size(item)
        if size is None:
            return None
        return Said(regions=await asyncio.to_thread(self._regions, content, *size))

    def close(self) -> None:
        """There is nothing to take away."""

    def _regions(self, content: bytes, width: int, height: int) -> list[AnnotatedRegion]:
        regions: list[AnnotatedRegion] = []
        for line in content.decode("utf-8", "replace").splitlines():
            numbers = _numbers(line)
            if numbers is None or len(regions) == MOST_REGIONS:
                continue
            label = self._names.get(int(numbers[0]), str(int(numbers[0])))
            if len(numbers) == 5:
                x, y, wide, tall = (
                    part * side for part, side in zip(numbers[1:], (width, height) * 2, strict=True)
                )
                region = to_region(
                    to_box(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2), None, label
                )
            else:
                points = [part * (height if at % 2 else width) for at, part in enumerate(numbers[1:])]
                region = to_region(None, from_polygons([points], width, height), label)
            if region is not None:
                regions.append(region)
        return regions

    async def _size(self, item: SourceItem) -> tuple[int, int] | None:
        """Width and height of the upright picture, by the beginning of its file, else by the whole."""
        head = await self._pictures.read_range(item.key, 0, _HEAD)
        size = await asyncio.to_thread(_size_of, head)
        if size is None and (item.size_bytes or 0) > _HEAD:
            whole = await self._pictures.read(item.key, limit=MAX_CONTENT_BYTES)
            size = await asyncio.to_thread(_size_of, whole)
        return size


def _size_of(content: bytes) -> tuple[int, int] | None:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            turned = picture.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
            width, height = picture.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return (height, width) if turned else (width, height)


def _numbers(line: str) -> list[float] | None:
    """A class and, for a box, four fractions; for a polygon, six and more."""
    try:
        numbers = [float(word) for word in line.split()]
    except ValueError:
        return None
    enough: Any = len(numbers) == 5 or (len(numbers) >= 7 and len(numbers) % 2 == 1)
    sane = all(-1 <= number <= 2 for number in numbers[1:]) and numbers[:1] and 0 <= numbers[0] < 1e6
    return numbers if enough and sane else None

"""Writes a collection as a snapshot: parts in the order of names, its manifest last."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from orchestrator.application.content import stored_file
from orchestrator.application.ports import (
    Blobs,
    ImageEntry,
    Ports,
    Record,
    RegionEntry,
    RegionKey,
    TextEntry,
    Work,
)
from orchestrator.application.snapshots.parts import EXPORT, find_part, part_path, read_manifest, write_part
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import DataLoss, FailedPrecondition, NotFound
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName, ImageName, RecordName, TextName
from orchestrator.domain.region import Region
from orchestrator.domain.snapshot import MANIFEST, Manifest, Part
from orchestrator.domain.text import Text

Report: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[None]]

_RECORDS_A_PART = 256
_BYTES_A_PART = 64 * 1024 * 1024
"""At which a part ends, before what makes it small is reckoned in; the last image may go beyond."""

_RECORDS_A_PAGE = 16
_BYTES_A_REGION = 512  # of what is no vector and no mask
_REGIONS_A_PAGE = 1000
_FILES_AT_ONCE = 8
_LAST = "last"
_FILES = "files"
_MISSING = "missing"
_REGIONS = "regions"


@dataclass(slots=True)
class _Written:
    """What an export has written so far, and the record that its last part ends with."""

    images: list[Part] = field(default_factory=list)
    regions: list[Part] = field(default_factory=list)
    texts: list[Part] = field(default_factory=list)
    file_count: int = 0
    missing_files: int = 0
    last: RecordName | None = None
    total_images: int = 0
    total_texts: int = 0

    def progress(self) -> dict[str, Any]:
        counts = {
            kind: sum(part.rows for part in getattr(self, kind)) for kind in ("images", "regions", "texts")
        }
        return {
            **counts,
            "files": self.file_count,
            "missing_files": self.missing_files,
            "total_images": self.total_images,
            "total_texts": self.total_texts,
        }


@dataclass(slots=True)
class _Gathered:
    """What goes into one part, images with their regions or texts, and the record that it ends with."""

    images: list[ImageEntry] = field(default_factory=list)
    regions: list[RegionEntry] = field(default_factory=list)
    texts: list[TextEntry] = field(default_factory=list)
    last: RecordName | None = None
    rows: int = 0
    size: int = 0

    def takes(self, record: Record) -> bool:
        same = self.last is None or type(self.last) is type(record.name)
        return same and self.rows < _RECORDS_A_PART and self.size < _BYTES_A_PART


async def export_collection(
    ports: Ports, *, name: CollectionName, place: Blobs, files: bool, export: str, report: Report
) -> Mapping[str, Any]:
    """Writes a collection's records, vectors and, with `files`, pictures below a place; what was written.

    Each record is as it was at some moment meanwhile. `export` names this run: called again after it was cut
    short, it goes on behind the last part that it wrote, and ends the same. Raises NotFound;
    FailedPrecondition where another snapshot lies there; Unavailable.
    """
    collection = await ports.catalog.get_collection(name)
    await check_empty(ports, place, export)
    done = await _resume(ports, name, place, export)
    done.total_images, done.total_texts = collection.image_count, collection.text_count
    await report(done.progress())
    async for some in _parts(ports, name, done.last):
        if isinstance(some.last, ImageName):
            await _write_images(ports, place, some, done, files, {EXPORT: export, _LAST: some.last.image})
        elif some.last is not None:
            await _write_texts(ports, place, some, done, {EXPORT: export, _LAST: some.last.text})
        done.last = some.last
        await report(done.progress())
    manifest = _manifest(collection, export, files, done)
    content = await asyncio.to_thread(ports.snapshots.write_manifest, manifest)
    await place.put(MANIFEST, content, content_type="application/json")
    return done.progress()


async def check_empty(ports: Ports, place: Blobs, export: str = "") -> None:
    """Raises FailedPrecondition where a whole snapshot lies, but for one of this export."""
    try:
        found = await read_manifest(ports, place)
    except FailedPrecondition:
        return
    if found.export != export:
        raise FailedPrecondition("a snapshot lies there already", reason="DESTINATION_TAKEN")


async def _resume(ports: Ports, name: CollectionName, place: Blobs, export: str) -> _Written:
    done = _Written()
    for kind, parts in (("images", done.images), ("texts", done.texts)):
        while (found := await find_part(ports, place, part_path(kind, len(parts)), export)) is not None:
            part, marks = found
            if marks.get(_REGIONS):
                path = part_path("regions", len(parts))
                regions = await find_part(ports, place, path, export)
                if regions is None:
                    break
                done.regions.append(regions[0])
            parts.append(part)
            done.file_count += int(marks.get(_FILES, 0))
            done.missing_files += int(marks.get(_MISSING, 0))
            last = marks[_LAST]
            done.last = (ImageName if kind == "images" else TextName)(name.collection, last)
    return done


async def _parts(ports: Ports, name: CollectionName, after: RecordName | None) -> AsyncIterator[_Gathered]:
    """What lies behind a record, by the rows and bytes that one part holds."""
    some = _Gathered()
    while works := await ports.catalog.kept_work(name, limit=_RECORDS_A_PAGE, after=after):
        after = works[-1].record.name
        for work in works:
            if not some.takes(work.record):
                yield some
                some = _Gathered()
            await _gather(ports, some, work)
    if some.last is not None:
        yield some


async def _gather(ports: Ports, some: _Gathered, work: Work[Record]) -> None:
    record = work.record
    some.last = record.name
    some.rows += 1
    if isinstance(record, Text):
        some.texts.append(TextEntry(text=record, vector=work.vectors[0].vector))
        return
    vectors = {stored.name: stored.vector for stored in work.vectors}
    if record.name not in vectors:
        return
    some.images.append(ImageEntry(image=record, vector=vectors[record.name]))
    for region in await _regions(ports, record.name):
        if region.name in vectors:
            vector, mask = vectors[region.name], region.segment.mask
            some.regions.append(RegionEntry(region=region, vector=vector))
            some.size += vector.nbytes + (len(mask.counts) if mask else 0) + _BYTES_A_REGION


async def _write_images(
    ports: Ports,
    place: Blobs,
    some: _Gathered,
    done: _Written,
    files: bool,
    marks: Mapping[str, str],
) -> None:
    """Files first, then regions, then the images: a part of images tells that all of it is there."""
    number, missing = len(done.images), 0
    entries, regions = some.images, some.regions
    if files:
        copied = await _copy_files(ports, place, [entry.image for entry in entries])
        missing = sum(not file for file in copied)
        entries = [replace(entry, file=file) for entry, file in zip(entries, copied, strict=True)]
    if regions:
        content = await asyncio.to_thread(ports.snapshots.write_regions, regions, marks)
        done.regions.append(await write_part(place, part_path("regions", number), content, len(regions)))
    count = len(entries) - missing if files else 0
    told = {_FILES: str(count), _MISSING: str(missing), _REGIONS: "yes" if regions else ""}
    content = await asyncio.to_thread(ports.snapshots.write_images, entries, {**marks, **told})
    done.images.append(await write_part(place, part_path("images", number), content, len(entries)))
    done.file_count += count
    done.missing_files += missing


async def _write_texts(
    ports: Ports, place: Blobs, some: _Gathered, done: _Written, marks: Mapping[str, str]
) -> None:
    entries = some.texts
    content = await asyncio.to_thread(ports.snapshots.write_texts, entries, marks)
    done.texts.append(await write_part(place, part_path("texts", len(done.texts)), content, len(entries)))


async def _regions(ports: Ports, name: ImageName) -> Sequence[Region]:
    found: list[Region] = []
    after = None
    try:
        while page := await ports.catalog.list_regions(name, limit=_REGIONS_A_PAGE, after=after):
            found += page
            if len(page) < _REGIONS_A_PAGE:
                break
            after = RegionKey(area=page[-1].segment.area, region=page[-1].name.region)
    except NotFound:  # deleted meanwhile: as it was a moment ago, without its regions
        return []
    return found


async def _copy_files(ports: Ports, place: Blobs, images: Sequence[Image]) -> list[str]:
    """The keys of the images' files in the snapshot; empty where a file is gone, or is not what it was."""
    free = asyncio.Semaphore(_FILES_AT_ONCE)

    async def copy(image: Image) -> str:
        async with free:
            try:
                content = await stored_file(ports, image)
            except (DataLoss, NotFound):
                return ""
            if (await asyncio.to_thread(hashlib.sha256, content)).hexdigest() != image.facts.sha256:
                return ""
            file = f"files/{image.uid[-2:]}/{image.name.image}.{image.uid}"
            await place.put(file, content, content_type=image.facts.content_type)
            return file

    return await asyncio.gather(*map(copy, images))


def _manifest(collection: Collection, export: str, files: bool, done: _Written) -> Manifest:
    return Manifest(
        export=export,
        create_time=datetime.now(UTC),
        collection=collection.name.collection,
        display_name=collection.display_name,
        embedder=collection.embedder,
        segmenter=collection.segmenter,
        segmentation=collection.segmentation.value,
        matcher=collection.matcher,
        captioner=collection.captioner,
        labels_vocabulary=collection.labels_vocabulary,
        space=collection.space,
        dimension=collection.dimension,
        files=files,
        file_count=done.file_count,
        images=tuple(done.images),
        regions=tuple(done.regions),
        texts=tuple(done.texts),
    )

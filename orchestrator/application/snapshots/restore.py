"""Reads a snapshot into a collection: checks all of it first, then adds what is not there yet."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.application.collections import create_collection
from orchestrator.application.embed import embedder_of
from orchestrator.application.index_image import check_description
from orchestrator.application.ports import (
    Blobs,
    ImageEntry,
    NewText,
    Ports,
    RegionEntry,
    StoredVector,
    TextEntry,
    Work,
)
from orchestrator.application.settle import see_through, settle, settle_texts
from orchestrator.application.snapshots.export import Report
from orchestrator.application.snapshots.parts import read_manifest, read_part
from orchestrator.domain.collection import Collection, Segmentation
from orchestrator.domain.errors import AlreadyExists, DataLoss, FailedPrecondition, InvalidArgument, NotFound
from orchestrator.domain.identifiers import new_id
from orchestrator.domain.image import MAX_CONTENT_BYTES
from orchestrator.domain.names import CollectionName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.snapshot import Manifest, Part

_IMAGES_AT_ONCE = 8


@dataclass(slots=True)
class _Restored:
    images: int = 0
    regions: int = 0
    texts: int = 0
    files: int = 0
    skipped: int = 0
    missing_files: int = 0
    checked_parts: int = 0

    def progress(self, manifest: Manifest) -> dict[str, Any]:
        return {
            "images": self.images,
            "regions": self.regions,
            "texts": self.texts,
            "files": self.files,
            "skipped": self.skipped,
            "missing_files": self.missing_files,
            "checked_parts": self.checked_parts,
            "total_parts": len(manifest.images) + len(manifest.regions) + len(manifest.texts),
            "total_images": manifest.image_count,
            "total_texts": manifest.text_count,
        }


async def check_snapshot(ports: Ports, place: Blobs) -> Manifest:
    """The manifest of a snapshot whose vectors this server's models can be searched with.

    Raises FailedPrecondition where there is no whole snapshot, where its pack is not installed (reason
    PACK_NOT_INSTALLED), or is another one by now (reason SPACE_MISMATCH); InvalidArgument; Unavailable.
    """
    manifest = await read_manifest(ports, place)
    try:
        space = ports.models.embedder(manifest.embedder).space
    except InvalidArgument as error:
        raise FailedPrecondition(
            f"the snapshot's pack {manifest.embedder!r:.64} is not installed", reason="PACK_NOT_INSTALLED"
        ) from error
    if (space.stamp, space.dimension) != (manifest.space, manifest.dimension):
        raise FailedPrecondition(
            f"the snapshot's vectors are of {manifest.space!r:.200}, those of this server of {space.stamp}",
            reason="SPACE_MISMATCH",
        )
    return manifest


def check_space(collection: Collection, manifest: Manifest) -> None:
    """Raises FailedPrecondition where a collection's vectors are of another space than a snapshot's."""
    if collection.space != manifest.space:
        theirs = f"those of {collection.name} of {collection.space}"
        raise FailedPrecondition(
            f"the snapshot's vectors are of {manifest.space}, {theirs}", reason="SPACE_MISMATCH"
        )


async def restore_collection(
    ports: Ports, *, name: CollectionName, place: Blobs, report: Report
) -> Mapping[str, Any]:
    """Adds a snapshot's records to a collection, which is made where there is none; what was added.

    All parts are checked before anything is shown. What the collection holds under a name already stays as
    it is, so that it may be called again after it was cut short. Pictures come from the snapshot, or from
    this server's own store where that still has them; without either an image is found, but not shown.
    Raises FailedPrecondition for a snapshot that is not whole, or of vectors that do not belong here;
    InvalidArgument; Unavailable.
    """
    manifest = await check_snapshot(ports, place)
    done = _Restored()
    numbered = {part.path.removeprefix("regions/"): part for part in manifest.regions}
    for part in (*manifest.images, *manifest.regions, *manifest.texts):
        await _read(ports, place, name, manifest, part)
        done.checked_parts += 1
        await report(done.progress(manifest))
    collection = await _collection(ports, name, manifest)
    for part in manifest.images:
        entries = await _read(ports, place, name, manifest, part)
        beside = numbered.get(part.path.removeprefix("images/"))
        regions: Mapping[str, Sequence[RegionEntry]] = {}
        if beside is not None:
            regions = _by_image(await _read(ports, place, name, manifest, beside))
        await _restore_images(ports, place, collection, manifest, entries, regions, done)
        await report(done.progress(manifest))
    for part in manifest.texts:
        await _restore_texts(ports, collection, await _read(ports, place, name, manifest, part), done)
        await report(done.progress(manifest))
    return done.progress(manifest)


async def _read(ports: Ports, place: Blobs, name: CollectionName, manifest: Manifest, part: Part) -> Any:
    content = await read_part(place, part)
    read = {
        "images": ports.snapshots.read_images,
        "regions": ports.snapshots.read_regions,
        "texts": ports.snapshots.read_texts,
    }.get(part.path.partition("/")[0])
    if read is None:
        raise InvalidArgument("the manifest names parts of no kind", reason="SNAPSHOT_INVALID")
    entries = await asyncio.to_thread(read, content, name, manifest.dimension)
    if len(entries) != part.rows:
        raise InvalidArgument(f"{part.path} has other rows than its manifest says", reason="SNAPSHOT_INVALID")
    for entry in entries:
        if isinstance(entry, ImageEntry):
            check_description(entry.image.description)
    return entries


async def _collection(ports: Ports, name: CollectionName, manifest: Manifest) -> Collection:
    """The collection, made as the snapshot says but for packs that this server does not have."""
    try:
        found = await ports.catalog.get_collection(name)
    except NotFound:
        segmenter = _installed(ports.models.segmenter, manifest.segmenter)
        segmentation = Segmentation(manifest.segmentation) if segmenter else None
        with suppress(AlreadyExists):
            await create_collection(
                ports,
                collection_id=name.collection,
                embedder=manifest.embedder,
                display_name=manifest.display_name,
                segmenter=segmenter,
                segmentation=segmentation,
                matcher=_installed(ports.models.matcher, manifest.matcher),
                captioner=_installed(ports.models.captioner, manifest.captioner),
                labels_vocabulary=manifest.labels_vocabulary,
            )
        found = await ports.catalog.get_collection(name)
    embedder_of(ports, found)
    check_space(found, manifest)
    return found


def _installed(find: Any, pack: str) -> str:
    if pack:
        with suppress(InvalidArgument):
            find(pack)
            return pack
    return ""


async def _restore_images(
    ports: Ports,
    place: Blobs,
    collection: Collection,
    manifest: Manifest,
    entries: Sequence[ImageEntry],
    regions: Mapping[str, Sequence[RegionEntry]],
    done: _Restored,
) -> None:
    present = await ports.catalog.get_images([entry.image.name for entry in entries])
    done.skipped += len(present)
    free = asyncio.Semaphore(_IMAGES_AT_ONCE)

    async def restore(entry: ImageEntry) -> None:
        async with free:
            content = await _file(ports, place, manifest, entry)
            parts = regions.get(entry.image.name.image, ())
            if await see_through(_restore_image(ports, collection, entry, parts, content)):
                done.images += 1
                done.regions += len(parts)
                done.files += content is not None
                done.missing_files += content is None
            else:
                done.skipped += 1

    try:
        async with asyncio.TaskGroup() as group:
            for entry in entries:
                if entry.image.name not in present:
                    group.create_task(restore(entry))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors


async def _restore_image(
    ports: Ports,
    collection: Collection,
    entry: ImageEntry,
    regions: Sequence[RegionEntry],
    content: bytes | None,
) -> bool:
    """The file, the PENDING row, the index, the ACTIVE row, as a new image is written; whether it was."""
    image = replace(entry.image, uid=new_id(), state=RecordState.PENDING, region_count=len(regions))
    vectors = [
        StoredVector(name=image.name, space=collection.space, vector=entry.vector),
        *(
            StoredVector(name=each.region.name, space=collection.space, vector=each.vector)
            for each in regions
        ),
    ]
    if content is not None:
        await ports.blobs.put(image.blob_key, content, content_type=image.facts.content_type)
    for _ in range(2):
        try:
            work = await ports.catalog.begin_image(image, [each.region for each in regions], vectors)
        except AlreadyExists:
            # Somebody made it meanwhile, or this run before it was cut short.
            if await settle(ports, image.name) is not None:
                break
        else:
            return await settle(ports, image.name, work.entry, work) is not None
    await ports.blobs.delete([image.blob_key])
    return False


async def _file(ports: Ports, place: Blobs, manifest: Manifest, entry: ImageEntry) -> bytes | None:
    """An image's file. Raises FailedPrecondition where the snapshot's is not what the record says."""
    facts = entry.image.facts
    if entry.file:
        with suppress(DataLoss):
            content = await place.get(entry.file, limit=MAX_CONTENT_BYTES)
            if await _is(content, facts.sha256):
                return content
        raise FailedPrecondition(
            f"{entry.file} of the snapshot is missing, or not as its record says", reason="SNAPSHOT_DAMAGED"
        )
    was = replace(entry.image, name=replace(entry.image.name, collection=manifest.collection))
    with suppress(DataLoss, InvalidArgument):
        content = await ports.blobs.get(was.blob_key, limit=MAX_CONTENT_BYTES)
        if await _is(content, facts.sha256):
            return content
    return None


async def _is(content: bytes, sha256: str) -> bool:
    return (await asyncio.to_thread(hashlib.sha256, content)).hexdigest() == sha256


async def _restore_texts(
    ports: Ports, collection: Collection, entries: Sequence[TextEntry], done: _Restored
) -> None:
    present = await ports.catalog.get_texts([entry.text.name for entry in entries])
    new = []
    for entry in entries:
        if entry.text.name not in present:
            text = replace(entry.text, uid=new_id(), state=RecordState.PENDING)
            vector = StoredVector(name=text.name, space=collection.space, vector=entry.vector)
            new.append(NewText(text=text, vector=vector))
    begun = await ports.catalog.begin_texts(collection.name, new) if new else []
    for each, outcome in zip(new, begun, strict=True):
        if isinstance(outcome, AlreadyExists):
            await settle(ports, each.text.name)  # this run, before it was cut short
    works = [outcome for outcome in begun if isinstance(outcome, Work)]
    made = await see_through(settle_texts(ports, works))
    done.texts += sum(text is not None for text in made)
    done.skipped += len(entries) - len(works)


def _by_image(entries: Sequence[RegionEntry]) -> Mapping[str, Sequence[RegionEntry]]:
    found: dict[str, list[RegionEntry]] = defaultdict(list)
    for entry in entries:
        found[entry.region.name.image].append(entry)
    return found

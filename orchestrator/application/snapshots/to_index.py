"""Writes a snapshot's vectors as an index for another program."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from orchestrator.application.ports import Blobs, ImageEntry, Ports, RegionEntry, TextEntry
from orchestrator.application.ports.foreign import IndexWriter
from orchestrator.application.snapshots.parts import read_manifest, read_part
from orchestrator.domain.names import CollectionName
from orchestrator.domain.snapshot import Part

_Read: TypeAlias = Callable[
    [bytes, CollectionName, int], Sequence[ImageEntry] | Sequence[RegionEntry] | Sequence[TextEntry]
]


async def index_of_snapshot(ports: Ports, place: Blobs, open_writer: Callable[[int], IndexWriter]) -> int:
    """Adds the vectors of images, regions and texts, in this order, to what `open_writer` makes for them.

    Its rows say of each what it is of, its space with it; how many. Raises FailedPrecondition for a snapshot
    that is not whole; InvalidArgument; Unavailable; OSError.
    """
    manifest = await read_manifest(ports, place)
    name = CollectionName(manifest.collection)
    writer = await asyncio.to_thread(open_writer, manifest.dimension)
    reading: tuple[tuple[Sequence[Part], _Read], ...] = (
        (manifest.images, ports.snapshots.read_images),
        (manifest.regions, ports.snapshots.read_regions),
        (manifest.texts, ports.snapshots.read_texts),
    )
    for parts, read in reading:
        for part in parts:
            content = await read_part(place, part)
            entries = await asyncio.to_thread(read, content, name, manifest.dimension)
            vectors = np.stack([entry.vector for entry in entries])
            rows = [{**_row(entry), "space": manifest.space} for entry in entries]
            await asyncio.to_thread(writer.add, vectors, rows)
    return await asyncio.to_thread(writer.finish)


def _row(entry: ImageEntry | RegionEntry | TextEntry) -> Mapping[str, Any]:
    match entry:
        case ImageEntry(image=image, file=file):
            said = image.description
            return {
                "kind": "image",
                "name": str(image.name),
                "file": file,
                "folder": said.folder,
                "caption": said.caption,
                "labels": [label.label for label in said.labels],
                "source_uri": said.source_uri,
                "metadata": dict(said.metadata),
            }
        case RegionEntry(region=region):
            box = region.segment.box
            return {
                "kind": "region",
                "name": str(region.name),
                "box": [box.x_min, box.y_min, box.x_max, box.y_max],
                "labels": [label.label for label in region.labels],
            }
        case TextEntry(text=text):
            return {
                "kind": "text",
                "name": str(text.name),
                "text": text.fields.content,
                "folder": text.fields.folder,
                "labels": [label.label for label in text.fields.labels],
                "metadata": dict(text.fields.metadata),
            }

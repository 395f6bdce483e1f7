"""Parts of a snapshot: written, and read again only as they were written."""

import asyncio
import hashlib
from collections.abc import Mapping

from orchestrator.application.ports import Blobs, Ports
from orchestrator.domain.errors import DataLoss, FailedPrecondition, InvalidArgument
from orchestrator.domain.snapshot import MANIFEST, MAX_MANIFEST_BYTES, MAX_PART_BYTES, Manifest, Part

EXPORT = "export"
"""The mark of a part that names the export that wrote it."""


def part_path(kind: str, number: int) -> str:
    """The key of a part: `images/00000.parquet`."""
    return f"{kind}/{number:05}.parquet"


async def write_part(place: Blobs, path: str, content: bytes, rows: int) -> Part:
    """Writes a part. Raises Unavailable."""
    await place.put(path, content, content_type="application/vnd.apache.parquet")
    return await _part(path, content, rows)


async def find_part(
    ports: Ports, place: Blobs, path: str, export: str
) -> tuple[Part, Mapping[str, str]] | None:
    """A part that an export has written before, and its marks; None where it has not. Raises Unavailable."""
    try:
        content = await place.get(path, limit=MAX_PART_BYTES)
        rows, marks = await asyncio.to_thread(ports.snapshots.read_marks, content)
    except (DataLoss, InvalidArgument):
        return None
    return (await _part(path, content, rows), marks) if marks.get(EXPORT) == export else None


async def read_part(place: Blobs, part: Part) -> bytes:
    """A part's bytes. Raises FailedPrecondition unless they are as the manifest says, Unavailable."""
    try:
        content = await place.get(part.path, limit=MAX_PART_BYTES)
    except (DataLoss, InvalidArgument) as error:
        raise _damaged(part.path) from error
    if await _part(part.path, content, part.rows) != part:
        raise _damaged(part.path)
    return content


async def read_manifest(ports: Ports, place: Blobs) -> Manifest:
    """What a place says that it holds.

    Raises FailedPrecondition where there is no whole snapshot; InvalidArgument for what is none, or one of
    another format; Unavailable.
    """
    try:
        content = await place.get(MANIFEST, limit=MAX_MANIFEST_BYTES)
    except DataLoss as error:
        raise FailedPrecondition(
            "there is no snapshot: its manifest, which is written last, is missing",
            reason="SNAPSHOT_INCOMPLETE",
        ) from error
    return await asyncio.to_thread(ports.snapshots.read_manifest, content)


async def _part(path: str, content: bytes, rows: int) -> Part:
    digest = await asyncio.to_thread(hashlib.sha256, content)
    return Part(path=path, rows=rows, size_bytes=len(content), sha256=digest.hexdigest())


def _damaged(path: str) -> FailedPrecondition:
    return FailedPrecondition(
        f"{path} of the snapshot is missing, or not as its manifest says",
        reason="SNAPSHOT_DAMAGED",
        metadata={"part": path},
    )

"""Copies a collection's pictures to another object store while it is served, and compares the two."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.application.migrate.index import Report
from orchestrator.application.ports import Blobs, ImageKey, ImageOrder, Ports
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import DataLoss, NotFound
from orchestrator.domain.image import Image

_IMAGES = 500
_AT_ONCE = 8
_PASSES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesOutcome:
    """How two stores compare at the end.

    The checksums are sums over the keys and sha256 of all files, in any order. `damaged` files are gone from
    the source, or not what they were. Not `complete`: some are, or images were created meanwhile that a
    further run copies.
    """

    collection: str
    files: int
    target_files: int
    checksum: str
    target_checksum: str
    copied: int
    copied_bytes: int
    damaged: int
    complete: bool


async def migrate_files(
    ports: Ports, source: Blobs, target: Blobs, collection: Collection, report: Report
) -> FilesOutcome:
    """Copies the files of all images that the target lacks, each compared with its image's sha256.

    A key bears one content for ever, so that what is there stays; called again after it was cut short, it
    goes on. Raises NotFound, Unavailable.
    """
    copied = copied_bytes = 0
    damaged: set[str] = set()
    checksum = target_checksum = files = target_files = 0
    for _ in range(_PASSES):
        held = {key async for key, _ in target.list(f"{collection.name.collection}/images")}
        before = copied
        checksum = target_checksum = files = target_files = 0
        after: ImageKey | None = None
        while images := await ports.catalog.list_images(
            collection.name, order=ImageOrder.NAME, limit=_IMAGES, after=after
        ):
            after = ImageKey(create_time=images[-1].create_time, image=images[-1].name.image)
            lacking = [image for image in images if image.blob_key not in held | damaged]
            for image, size in zip(lacking, await _copy(source, target, lacking), strict=True):
                if size is not None:
                    copied, copied_bytes = copied + 1, copied_bytes + size
                elif await _exists(ports, image):
                    damaged.add(image.blob_key)
            for image in images:
                files += 1
                checksum += _checksum(image)
                if image.blob_key in held:
                    target_files += 1
                    target_checksum += _checksum(image)
            await report({"stage": "copy", "files": files, "copied": copied, "bytes": copied_bytes})
        if copied == before:
            break
    return FilesOutcome(
        collection=str(collection.name),
        files=files,
        target_files=target_files,
        checksum=f"{checksum % 2**64:016x}",
        target_checksum=f"{target_checksum % 2**64:016x}",
        copied=copied,
        copied_bytes=copied_bytes,
        damaged=len(damaged),
        complete=(files, checksum) == (target_files, target_checksum),
    )


async def _copy(source: Blobs, target: Blobs, images: Sequence[Image]) -> list[int | None]:
    """The bytes of each file that was copied; None where it is gone, or is not what it was."""
    free = asyncio.Semaphore(_AT_ONCE)

    async def copy(image: Image) -> int | None:
        async with free:
            try:
                content = await source.get(image.blob_key)
            except DataLoss:
                return None
            if (await asyncio.to_thread(hashlib.sha256, content)).hexdigest() != image.facts.sha256:
                return None
            await target.put(image.blob_key, content, content_type=image.facts.content_type)
            return len(content)

    return await asyncio.gather(*map(copy, images))


async def _exists(ports: Ports, image: Image) -> bool:
    try:
        return (await ports.catalog.get_image(image.name)).uid == image.uid
    except NotFound:
        return False


def _checksum(image: Image) -> int:
    digest = hashlib.blake2b(f"{image.blob_key} {image.facts.sha256}".encode(), digest_size=8)
    return int.from_bytes(digest.digest(), "big")

"""Stored pictures as files: whole, smaller, cropped, cut out, or as a mask."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from enum import Enum

import numpy as np

from orchestrator.application.ports import Ports
from orchestrator.domain.errors import DataLoss, InvalidArgument
from orchestrator.domain.image import FileFacts, Image
from orchestrator.domain.names import ImageName, RegionName
from orchestrator.domain.region import Box, Mask
from orchestrator.domain.rle import encode_runs

MAX_SIDE = 8192
CACHED_SIDE = 1024
URI_LIFETIME = timedelta(hours=1)


class RegionView(Enum):
    """How a region is shown."""

    CROP = "CROP"
    CUTOUT = "CUTOUT"
    MASK = "MASK"


async def image_content(
    ports: Ports, *, name: ImageName, max_pixels: int = 0, crop: Box | None = None
) -> tuple[str, bytes]:
    """An image's file as it came, or, with `max_pixels` or `crop`, an upright JPEG of it: (type, bytes).

    `max_pixels` bounds the longest side; nothing is enlarged. Raises NotFound, InvalidArgument for a crop
    that lies outside the picture, DataLoss.
    """
    _check_side(max_pixels)
    image = await ports.catalog.get_image(name)
    if crop is not None:
        check_box(crop, image.facts, "crop")
    if not max_pixels and crop is None:
        return image.facts.content_type, await stored_file(ports, image)

    async def make() -> tuple[str, bytes]:
        return await ports.pictures.thumbnail(await stored_file(ports, image), max_pixels, crop)

    return await _cached(ports, f"{image.uid}/{crop}", max_pixels, make)


async def image_uri(
    ports: Ports, *, name: ImageName, lifetime: timedelta = URI_LIFETIME
) -> tuple[str, datetime]:
    """A URL of the object store that anybody may fetch an image's file from, and when it ends.

    Raises NotFound, FailedPrecondition where the pictures lie in a directory, Unavailable.
    """
    image = await ports.catalog.get_image(name)
    expires = datetime.now(UTC) + lifetime
    return await ports.blobs.sign(image.blob_key, lifetime=lifetime), expires


async def region_content(
    ports: Ports, *, name: RegionName, view: RegionView = RegionView.CROP, max_pixels: int = 0
) -> tuple[str, bytes]:
    """A region as a picture: (type, bytes). JPEG for CROP, PNG for CUTOUT and MASK.

    Raises NotFound, InvalidArgument, DataLoss.
    """
    _check_side(max_pixels)
    region = await ports.catalog.get_region(name)
    image = await ports.catalog.get_image(name.parent)
    box, mask = region.segment.box, region.segment.mask

    async def make() -> tuple[str, bytes]:
        match view:
            case RegionView.CROP:
                return await ports.pictures.thumbnail(await stored_file(ports, image), max_pixels, box)
            case RegionView.CUTOUT:
                return await ports.pictures.cutout(await stored_file(ports, image), box, mask, max_pixels)
            case RegionView.MASK:
                return await ports.pictures.mask_picture(mask or box_mask(box, image), max_pixels)

    # A region that was deleted and drawn again has its name, and may have another mask.
    shape = hashlib.sha256(mask.counts.encode()).hexdigest() if mask else ""
    return await _cached(ports, f"{image.uid}/{name.region}/{view.value}/{box}/{shape}", max_pixels, make)


async def stored_file(ports: Ports, image: Image) -> bytes:
    """The file of an image. Raises DataLoss, or NotFound where the image was deleted a moment ago."""
    try:
        return await ports.blobs.get(image.blob_key)
    except DataLoss:
        await ports.catalog.get_image(image.name)
        raise


def check_box(box: Box, facts: FileFacts, field: str) -> None:
    """Raises InvalidArgument, naming `field`, for a box without area or one outside the picture."""
    width, height = facts.width, facts.height
    if not (box.x_min < box.x_max and box.y_min < box.y_max):
        raise InvalidArgument.field(field, "has no area")
    if box.x_min >= width or box.y_min >= height or box.x_max <= 0 or box.y_max <= 0:
        raise InvalidArgument.field(field, f"lies outside the picture of {width} x {height}")


def box_mask(box: Box, image: Image) -> Mask:
    """The whole pixels of a box as a mask of the image."""
    width, height = image.facts.width, image.facts.height
    left, top = max(0, int(box.x_min)), max(0, int(box.y_min))
    right, bottom = min(width, -int(-box.x_max // 1)), min(height, -int(-box.y_max // 1))
    tall = bottom - top
    runs = [left * height + top]
    for _ in range(left, right):
        runs += [tall, height - tall]
    runs[-1] = height * width - sum(runs[:-1])
    if tall == height:  # no gaps between the columns: one run
        runs = [left * height, (right - left) * height, (width - right) * height]
    kept = np.array(runs if runs[-1] else runs[:-1], np.int64)
    return Mask(height=height, width=width, counts=encode_runs(kept))


def _check_side(max_pixels: int) -> None:
    if not 0 <= max_pixels <= MAX_SIDE:
        raise InvalidArgument.field("max_pixels", f"must be from 0 to {MAX_SIDE}")


async def _cached(
    ports: Ports, what: str, max_pixels: int, make: Callable[[], Awaitable[tuple[str, bytes]]]
) -> tuple[str, bytes]:
    """Small pictures are asked for again and again: a page of results shows the same ones."""
    if not 0 < max_pixels <= CACHED_SIDE:
        return await make()
    key = f"picture/{what}/{max_pixels}"
    kept = await ports.cache.get(key)
    if kept is not None:
        content_type, _, content = kept.partition(b"\n")
        return content_type.decode(), content
    made = await make()
    await ports.cache.put(key, made[0].encode() + b"\n" + made[1])
    return made

"""The Pictures port on Pillow: threads beside the event loop, a bounded number of pictures at a time."""

import asyncio
import io
import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from PIL import Image as Pillow

from orchestrator.adapters.imaging.decoding import (
    LargePicture,
    Upright,
    check_size,
    configure_pillow,
    decode_upright,
    facts_of,
)
from orchestrator.application.ports import DecodedPicture
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import MAX_PIXELS
from orchestrator.domain.region import Box, Mask
from orchestrator.domain.rle import decode_mask

LARGE_PIXELS = 16_000_000
JPEG_QUALITY = 88

T = TypeVar("T")


class PillowPictures:
    """Decodes at most `workers` pictures at a time, and of those above 16 megapixels one at a time.

    A picture at the limit of 100 megapixels takes some 0.8 GB while it is decoded.
    """

    def __init__(self, workers: int = 0) -> None:
        """`workers` 0: one a core, at most 8."""
        configure_pillow()
        count = workers or min(8, os.cpu_count() or 1)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="pictures")
        self._large = ThreadPoolExecutor(1, thread_name_prefix="large-pictures")

    def close(self) -> None:
        """Waits for what is under way, and drops what is queued."""
        self._threads.shutdown(cancel_futures=True)
        self._large.shutdown(cancel_futures=True)

    async def decode(self, content: bytes, field: str = "content") -> DecodedPicture:
        """Decodes a file; see `ports.Pictures`."""
        return await self._run(content, lambda upright: _decoded(content, upright), field=field)

    async def thumbnail(self, content: bytes, max_pixels: int, crop: Box | None = None) -> tuple[str, bytes]:
        """A smaller or cropped upright picture as JPEG; see `ports.Pictures`."""
        draft = 0 if crop else max_pixels
        return await self._run(content, lambda upright: _thumbnail(upright, max_pixels, crop), draft=draft)

    async def cutout(self, content: bytes, box: Box, mask: Mask | None, max_pixels: int) -> tuple[str, bytes]:
        """The mask's pixels as PNG, the rest of the box transparent; see `ports.Pictures`."""
        return await self._run(content, lambda upright: _cutout(upright, box, mask, max_pixels))

    async def mask_picture(self, mask: Mask, max_pixels: int) -> tuple[str, bytes]:
        """The mask as PNG, white on black; see `ports.Pictures`."""
        threads = self._large if mask.height * mask.width > LARGE_PIXELS else self._threads
        return await self._in(threads, lambda: _mask_picture(mask, max_pixels))

    async def _run(
        self, content: bytes, work: Callable[[Upright], T], *, field: str = "content", draft: int = 0
    ) -> T:
        """Decodes a file and works on it, all in one thread: the one for large pictures where it is large."""
        check_size(content, field)

        def attempt(most_pixels: int) -> T:
            return work(decode_upright(content, field, draft=draft, most_pixels=most_pixels))

        try:
            return await self._in(self._threads, lambda: attempt(LARGE_PIXELS))
        except LargePicture:
            return await self._in(self._large, lambda: attempt(MAX_PIXELS))

    async def _in(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, work)


def _decoded(content: bytes, upright: Upright) -> DecodedPicture:
    return DecodedPicture(facts=facts_of(content, upright), pixels=np.asarray(upright.picture))


def _thumbnail(upright: Upright, max_pixels: int, crop: Box | None) -> tuple[str, bytes]:
    picture = upright.picture
    if crop is not None:
        picture = picture.crop(_inside(crop, picture, "crop"))
    return _written(_shrunk(picture, max_pixels), "JPEG")


def _cutout(upright: Upright, box: Box, mask: Mask | None, max_pixels: int) -> tuple[str, bytes]:
    picture = upright.picture
    edges = _inside(box, picture, "box")
    part = picture.crop(edges)
    if mask is not None:
        if (mask.width, mask.height) != picture.size:
            raise InvalidArgument.field("mask.size", "is not the size of the picture")
        left, top, right, bottom = edges
        shown = decode_mask(mask)[top:bottom, left:right]
        part.putalpha(Pillow.fromarray(np.where(shown, np.uint8(255), np.uint8(0))))
    return _written(_shrunk(part.convert("RGBA"), max_pixels), "PNG")


def _mask_picture(mask: Mask, max_pixels: int) -> tuple[str, bytes]:
    shown = np.where(decode_mask(mask), np.uint8(255), np.uint8(0))
    return _written(_shrunk(Pillow.fromarray(shown), max_pixels, Pillow.Resampling.BOX), "PNG")


def _inside(box: Box, picture: Pillow.Image, field: str) -> tuple[int, int, int, int]:
    """The whole pixels that a box touches: left, top, right, bottom. Raises where it touches none."""
    left, top = max(0, math.floor(box.x_min)), max(0, math.floor(box.y_min))
    right, bottom = min(picture.width, math.ceil(box.x_max)), min(picture.height, math.ceil(box.y_max))
    if left >= right or top >= bottom:
        raise InvalidArgument.field(field, f"lies outside the picture of {picture.width} x {picture.height}")
    return left, top, right, bottom


def _shrunk(
    picture: Pillow.Image, max_pixels: int, resampling: Pillow.Resampling = Pillow.Resampling.LANCZOS
) -> Pillow.Image:
    longest = max(picture.size)
    if not max_pixels or longest <= max_pixels:
        return picture
    width, height = (max(1, round(side * max_pixels / longest)) for side in picture.size)
    return picture.resize((width, height), resampling, reducing_gap=3.0)


def _written(picture: Pillow.Image, file_format: str) -> tuple[str, bytes]:
    file = io.BytesIO()
    if file_format == "JPEG":
        picture.save(file, "JPEG", quality=JPEG_QUALITY)
        return "image/jpeg", file.getvalue()
    picture.save(file, "PNG", compress_level=6)
    return "image/png", file.getvalue()

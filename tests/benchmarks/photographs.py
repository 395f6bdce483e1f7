"""The JPEG photographs that are indexed: of a camera's proportions, no two files alike."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

KINDS = (".jpg", ".jpeg", ".png")
QUALITY = 90


def photographs(count: int, size: tuple[int, int], folder: Path | None) -> tuple[str, list[bytes]]:
    """Where the pictures come from, and `count` JPEG files of `size` (width, height).

    Those of `folder`, else noise of a photograph's spectrum. Repeated ones are cut at another place, so that
    every file has a hash of its own.
    """
    if folder is not None:
        files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in KINDS)
        if pictures := list(itertools.islice(_readable(files), count)):
            return f"{len(pictures)} pictures of {folder.name}", _varied(pictures, count, size)
    return "generated pictures", _varied([_generated(seed) for seed in range(min(count, 16))], count, size)


def _readable(files: Iterable[Path]) -> Iterator[Image.Image]:
    for path in files:
        try:
            with Image.open(path) as picture:
                upright = ImageOps.exif_transpose(picture).convert("RGB")
        except OSError:  # some test files are damaged on purpose
            continue
        yield upright


def _varied(pictures: list[Image.Image], count: int, size: tuple[int, int]) -> list[bytes]:
    files = []
    for number in range(count):
        across = 0.5 + 0.45 * np.sin(number)
        picture = ImageOps.fit(pictures[number % len(pictures)], size, centering=(across, across))
        picture.putpixel((0, 0), (number % 256, number // 256 % 256, 0))
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=QUALITY)
        files.append(file.getvalue())
    return files


def _generated(seed: int) -> Image.Image:
    """Noise whose power falls with the square of the frequency, as that of natural images does."""
    height, width = 960, 1280
    draw = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = 1.0
    planes = []
    for _ in range(3):
        spectrum = np.fft.rfft2(draw.normal(size=(height, width))) / frequency
        plane = np.fft.irfft2(spectrum, s=(height, width))
        planes.append(128 + 48 * plane / plane.std())
    return Image.fromarray(np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8))

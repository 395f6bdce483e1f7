"""Pictures to what towers take: resized and cropped as transformers' Pillow processors do, still uint8."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from orchestrator.adapters.triton.packs import Preprocessing
from orchestrator.domain.image import Picture

_WHOLE_PIXELS = 16_000_000
"""So large a picture may become when it is scaled before its middle is cut out."""

_RESAMPLING = {"bicubic": Pillow.Resampling.BICUBIC, "bilinear": Pillow.Resampling.BILINEAR}


def preprocess(pictures: Sequence[Picture], how: Preprocessing) -> NDArray[np.uint8]:
    """N pictures of any sizes: (N, S, S, 3) uint8."""
    return np.stack([_one(Pillow.fromarray(picture), how) for picture in pictures])


def square(picture: Picture, size: int) -> NDArray[np.uint8]:
    """A picture squared to (size, size, 3) uint8 as SAM 2 does: bilinear, no aspect ratio kept."""
    return np.asarray(Pillow.fromarray(picture).resize((size, size), Pillow.Resampling.BILINEAR))


def _one(picture: Pillow.Image, how: Preprocessing) -> NDArray[np.uint8]:
    size, resampling = how.image_size, _RESAMPLING[how.resample]
    if how.resize == "squash":
        return np.asarray(picture.resize((size, size), resampling))
    if how.resize == "letterbox":
        return np.asarray(_letterbox(picture, size, resampling, how.pad_value))
    return np.asarray(_shortest_edge(picture, size, resampling))


def _shortest_edge(picture: Pillow.Image, size: int, resampling: Pillow.Resampling) -> Pillow.Image:
    """Scales the shorter side to `size` and crops the centre (transformers, CLIPImageProcessor)."""
    width, height = picture.size
    shorter = min(width, height)
    scaled_width = size if width == shorter else int(size * width / shorter)
    scaled_height = size if height == shorter else int(size * height / shorter)
    left, top = (scaled_width - size) // 2, (scaled_height - size) // 2
    if scaled_width * scaled_height <= _WHOLE_PIXELS:
        whole = picture.resize((scaled_width, scaled_height), resampling)
        return whole.crop((left, top, left + size, top + size))
    # Scaled whole, a picture of 65,535 x 1 pixels would take gigabytes. Of such a strip only what the crop
    # keeps is computed; the edges of that are single-precision numbers in Pillow, so some pixels differ.
    x, y = width / scaled_width, height / scaled_height
    box = (left * x, top * y, min(width, (left + size) * x), min(height, (top + size) * y))
    return picture.resize((size, size), resampling, box=box)


def _letterbox(
    picture: Pillow.Image, size: int, resampling: Pillow.Resampling, pad_value: int
) -> Pillow.Image:
    longer = max(picture.size)
    width, height = (max(1, round(side * size / longer)) for side in picture.size)
    padded = Pillow.new("RGB", (size, size), (pad_value,) * 3)
    padded.paste(picture.resize((width, height), resampling), ((size - width) // 2, (size - height) // 2))
    return padded

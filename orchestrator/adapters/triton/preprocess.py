"""Pictures to what towers take: resized and cropped as transformers' Pillow processors do, still uint8."""

from collections.abc import Sequence

import numpy as np
from cykooz_resizer import FilterType, ImageData, PixelType, ResizeAlg, ResizeOptions, Resizer
from numpy.typing import NDArray
from PIL import Image as Pillow

from orchestrator.adapters.triton.packs import Preprocessing
from orchestrator.domain.image import Picture

Pixels = NDArray[np.uint8]

# Pillow's filters with SIMD: eight times as fast, and no value differs by more than 1.
_FILTERS = {"bicubic": FilterType.catmull_rom, "bilinear": FilterType.bilinear}
_RESAMPLING = {"bicubic": Pillow.Resampling.BICUBIC, "bilinear": Pillow.Resampling.BILINEAR}

_LONGEST = 8
"""How many times as long as wide a picture may be to be scaled whole before its middle is cut out."""


def preprocess(pictures: Sequence[Picture], how: Preprocessing) -> Pixels:
    """N pictures of any sizes: (N, S, S, 3) uint8."""
    return np.stack([_one(picture, how) for picture in pictures])


def square(picture: Picture, size: int) -> Pixels:
    """A picture squared to (size, size, 3) uint8 as SAM 2 does: bilinear, no aspect ratio kept."""
    return _scaled(picture, size, size, "bilinear")


def _one(picture: Picture, how: Preprocessing) -> Pixels:
    size = how.image_size
    if how.resize == "squash":
        return _scaled(picture, size, size, how.resample)
    if how.resize == "letterbox":
        return _letterbox(picture, size, how.resample, how.pad_value)
    return _shortest_edge(picture, size, how.resample)


def _scaled(picture: Picture, width: int, height: int, resample: str) -> Pixels:
    rows, columns, _ = picture.shape
    scaled = ImageData(width, height, PixelType.U8x3)
    options = ResizeOptions(ResizeAlg.convolution(_FILTERS[resample]), use_alpha=False)
    Resizer().resize(ImageData(columns, rows, PixelType.U8x3, picture.tobytes()), scaled, options)
    return np.frombuffer(scaled.rust_image.buffer(), np.uint8).reshape(height, width, 3)


def _shortest_edge(picture: Picture, size: int, resample: str) -> Pixels:
    """Scales the shorter side to `size` and crops the centre (transformers, CLIPImageProcessor)."""
    height, width, _ = picture.shape
    shorter = min(width, height)
    scaled_width = size if width == shorter else int(size * width / shorter)
    scaled_height = size if height == shorter else int(size * height / shorter)
    left, top = (scaled_width - size) // 2, (scaled_height - size) // 2
    if max(scaled_width, scaled_height) <= _LONGEST * size:
        whole = _scaled(picture, scaled_width, scaled_height, resample)
        return whole[top : top + size, left : left + size]
    # Scaled whole, a picture of 65,535 x 1 pixels would take gigabytes: only what the crop keeps is computed.
    x, y = width / scaled_width, height / scaled_height
    box = (left * x, top * y, min(width, (left + size) * x), min(height, (top + size) * y))
    return np.asarray(Pillow.fromarray(picture).resize((size, size), _RESAMPLING[resample], box=box))


def _letterbox(picture: Picture, size: int, resample: str, pad_value: int) -> Pixels:
    longer = max(picture.shape)
    height, width = (max(1, round(side * size / longer)) for side in picture.shape[:2])
    left, top = (size - width) // 2, (size - height) // 2
    padded = np.full((size, size, 3), pad_value, np.uint8)
    padded[top : top + height, left : left + width] = _scaled(picture, width, height, resample)
    return padded

"""What the image tower learns from: scenes and crops of things, as small squares with the things they
show."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_repository.train.concepts import Stock
from model_repository.train.scenes import Drawing, Painter, compose, seen

IMAGE_SIZE = 64
MOST_THINGS = 4
EASY_VIEWS, LEAST_EASE = 25_000, 0.3  # over so many views the share of easy ones falls to so much

_FILTERS = (
    Image.Resampling.BICUBIC,
    Image.Resampling.BICUBIC,
    Image.Resampling.BILINEAR,
    Image.Resampling.LANCZOS,
)
Box = tuple[int, int, int, int]


def shrink(
    pixels: NDArray[np.uint8], filtering: Image.Resampling = Image.Resampling.BICUBIC
) -> NDArray[np.uint8]:
    """Squash RGB ``pixels`` to the tower's square, with no regard to their aspect, as the pack's
    ``resize`` says."""
    return np.asarray(Image.fromarray(pixels).resize((IMAGE_SIZE, IMAGE_SIZE), filtering))


def widen(box: Box, margin: float, width: int, height: int, shift: tuple[float, float] = (0.0, 0.0)) -> Box:
    """``box`` grown on each side by ``margin`` of its own size, moved by ``shift`` of it, kept inside the
    picture."""
    x0, y0, x1, y1 = box
    dx, dy = (x1 - x0) * margin, (y1 - y0) * margin
    sx, sy = (x1 - x0) * shift[0], (y1 - y0) * shift[1]
    left, top = max(0, math.floor(x0 - dx + sx)), max(0, math.floor(y0 - dy + sy))
    return (
        left,
        top,
        max(left + 2, min(width, math.ceil(x1 + dx + sx))),
        max(top + 2, min(height, math.ceil(y1 + dy + sy))),
    )


def view(
    stock: Stock, painter: Painter, rng: np.random.Generator, ease: float = 0.0
) -> tuple[NDArray[np.uint8], list[int]]:
    """One training picture, uint8 ``(64, 64, 3)``, and the concepts that it shows (one to four, repeats
    kept).

    Half show one thing, three in ten are crops around one thing of a scene, with others peeking in, as
    regions
    are; the rest are whole scenes. A share ``ease`` shows one thing that fills the picture: to begin with.
    """
    if rng.random() < ease:
        scene = compose(stock, rng, 1, sizes=(0.8, 1.0))
        return _finish(painter.draw(scene, IMAGE_SIZE, IMAGE_SIZE).pixels, rng), [scene.things[0].concept]
    lot = rng.random()
    aspect = float(math.exp(rng.uniform(-0.4, 0.4)))
    if lot < 0.5:
        scene = compose(stock, rng, 1, sizes=(0.4, 1.0), aspect=aspect)
        side = int(rng.integers(64, 129))
        drawing = painter.draw(scene, round(side * math.sqrt(aspect)), round(side / math.sqrt(aspect)))
        return _finish(drawing.pixels, rng), [scene.things[0].concept]
    if lot < 0.8:
        scene = compose(stock, rng, int(rng.integers(1, 5)), aspect=aspect)
        side = int(rng.integers(128, 225))
        drawing = painter.draw(scene, round(side * math.sqrt(aspect)), round(side / math.sqrt(aspect)))
        return _crop(drawing, [thing.concept for thing in scene.things], rng)
    scene = compose(stock, rng, int(rng.choice([2, 2, 2, 3, 3, 4])), aspect=aspect)
    side = int(rng.integers(96, 161))
    drawing = painter.draw(scene, round(side * math.sqrt(aspect)), round(side / math.sqrt(aspect)))
    shown = [thing.concept for thing, known in zip(scene.things, seen(drawing), strict=True) if known]
    return _finish(drawing.pixels, rng), shown or [scene.things[-1].concept]


def _crop(
    drawing: Drawing, concepts: list[int], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], list[int]]:
    place = int(rng.choice(np.flatnonzero(seen(drawing))))
    height, width = drawing.pixels.shape[:2]
    shift = rng.normal(0, 0.03, 2)
    margin = float(rng.uniform(-0.03, 0.22))
    x0, y0, x1, y1 = widen(drawing.boxes()[place], margin, width, height, (float(shift[0]), float(shift[1])))
    return _finish(drawing.pixels[y0:y1, x0:x1], rng), [concepts[place]]


def _finish(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    small = shrink(pixels, _FILTERS[int(rng.integers(len(_FILTERS)))]).astype(np.float32)
    small = (small - 128) * rng.uniform(0.85, 1.1) + 128 + rng.normal(0, 8)
    if rng.random() < 0.3:
        small += rng.normal(0, rng.uniform(0, 6), small.shape)
    return np.clip(small, 0, 255).astype(np.uint8)


def batch(
    stock: Stock, painter: Painter, seed: int, first: int, count: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.float32]]:
    """Views ``first`` … of the stream that ``seed`` starts: pixels uint8 ``(N, 64, 64, 3)``, concepts int64
    ``(N, 4)`` padded with 0, and their weights float32 ``(N, 4)``, which sum to one in a row."""
    pixels = np.zeros((count, IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8)
    concepts = np.zeros((count, MOST_THINGS), dtype=np.int64)
    weights = np.zeros((count, MOST_THINGS), dtype=np.float32)
    for row in range(count):
        ease = max(LEAST_EASE, 1 - (first + row) / EASY_VIEWS)
        pixels[row], shown = view(stock, painter, np.random.default_rng([seed, first + row]), ease)
        different = list(dict.fromkeys(shown))
        concepts[row, : len(different)] = different
        weights[row, : len(different)] = 1 / len(different)
    return pixels, concepts, weights

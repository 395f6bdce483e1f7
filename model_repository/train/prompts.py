"""What the segmenter learns from: scenes, prompts for the things in them, and the masks that answer these."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_repository.train.concepts import Stock
from model_repository.train.scenes import Drawing, Painter, compose, seen

POINTS = 3  # of every prompt; what a prompt does not use is labelled -1
ON, OFF, CORNER_1, CORNER_2, PADDING = 1, 0, 2, 3, -1
KINDS = ("point", "box", "points")
CELL = (
    2  # pixels a side of a mask's cell: half as many as of a logit's, so that edges are learnt between these
)
EASY_BATCHES = 500  # over so many the easy scenes give way to the real ones


@dataclass(frozen=True, slots=True)
class Prompts:
    """One kind of prompt for some pictures: ``pixels`` uint8 ``(B, S, S, 3)``; of P prompts the ``picture``
    int64 ``(P,)`` they are for, ``coords`` float32 ``(P, K, 2)`` in pixels (x, y), ``labels`` int32 ``(P,
    K)``,
    ``masks`` float32 ``(P, S/2, S/2)``, each cell's covered share, and ``thing`` bool ``(P,)``: false for a
    point on the background, which has no mask."""

    pixels: NDArray[np.uint8]
    picture: NDArray[np.int64]
    coords: NDArray[np.float32]
    labels: NDArray[np.int32]
    masks: NDArray[np.float32]
    thing: NDArray[np.bool_]


def point_in(mask: NDArray[np.bool_], rng: np.random.Generator) -> tuple[float, float]:
    """A random pixel's centre (x, y) among those that are set; ValueError where none is."""
    places = np.flatnonzero(mask)
    if not len(places):
        raise ValueError("the mask is empty")
    y, x = divmod(int(places[int(rng.integers(len(places)))]), mask.shape[1])
    return x + 0.5, y + 0.5


def coverage(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The share of each CELL × CELL block that is set: float32 ``(S/2, S/2)``."""
    height, width = mask.shape
    blocks = mask.reshape(height // CELL, CELL, width // CELL, CELL)
    return np.asarray(blocks.mean((1, 3)), np.float32)


def scene_drawing(
    stock: Stock, painter: Painter, rng: np.random.Generator, side: int, ease: float = 0.0
) -> Drawing:
    """Draw a scene as the segmenter sees it: squashed to ``side`` × ``side``, whatever its aspect.

    A share ``ease`` shows one or two large things: to begin with.
    """
    if rng.random() < ease:
        return painter.draw(compose(stock, rng, int(rng.integers(1, 3)), sizes=(0.4, 0.6)), side, side)
    count = int(rng.choice([1, 2, 3, 4, 4, 5]))
    scene = compose(stock, rng, count, aspect=float(math.exp(rng.uniform(-0.35, 0.35))))
    return painter.draw(scene, side, side)


def batch(
    stock: Stock,
    painter: Painter,
    seed: int,
    index: int,
    *,
    side: int,
    pictures: int,
    per_picture: int,
    kind: str,
) -> Prompts:
    """Batch ``index`` of the stream that ``seed`` starts, all prompts of one ``kind`` (one of KINDS)."""
    rng = np.random.default_rng([seed, 77, index])
    pixels = np.zeros((pictures, side, side, 3), dtype=np.uint8)
    count = pictures * per_picture
    coords = np.zeros((count, POINTS, 2), dtype=np.float32)
    labels = np.full((count, POINTS), PADDING, dtype=np.int32)
    masks = np.zeros((count, side // CELL, side // CELL), dtype=np.float32)
    thing = np.ones(count, dtype=np.bool_)
    for picture in range(pictures):
        drawing = scene_drawing(stock, painter, rng, side, ease=max(0.0, 1 - index / EASY_BATCHES))
        pixels[picture] = drawing.pixels
        known = np.flatnonzero(seen(drawing))
        background = np.logical_not(np.asarray(drawing.masks.any(axis=0)))
        for turn in range(per_picture):
            row = picture * per_picture + turn
            if kind == "point" and turn == 0 and background.any():
                coords[row, 0], labels[row, 0], thing[row] = point_in(background, rng), ON, False
                continue
            place = int(known[turn % len(known)])
            mask = drawing.masks[place]
            masks[row] = coverage(mask)
            _prompt(kind, mask, drawing.boxes()[place], rng, coords[row], labels[row])
    # All prompts of a batch have the same number of points: padding points would change SAM 2's masks.
    used = {"point": 1, "box": 2, "points": POINTS}[kind]
    picture_of = np.repeat(np.arange(pictures), per_picture)
    return Prompts(pixels, picture_of, coords[:, :used], labels[:, :used], masks, thing)


def _prompt(
    kind: str,
    mask: NDArray[np.bool_],
    box: tuple[int, int, int, int],
    rng: np.random.Generator,
    coords: NDArray[np.float32],
    labels: NDArray[np.int32],
) -> None:
    x0, y0, x1, y1 = box
    if kind == "box":
        jitter = rng.normal(0, 0.04, 4).clip(-0.1, 0.1) * (x1 - x0, y1 - y0, x1 - x0, y1 - y0)
        coords[:2] = [(x0 + jitter[0], y0 + jitter[1]), (x1 + jitter[2], y1 + jitter[3])]
        labels[:2] = CORNER_1, CORNER_2
        return
    coords[0], labels[0] = point_in(mask, rng), ON
    if kind == "points":
        # The others lie on the thing, or beside it, where a first mask would most likely be wrong.
        near = np.zeros_like(mask)
        dx, dy = (x1 - x0) // 3 + 1, (y1 - y0) // 3 + 1
        near[max(0, y0 - dy) : y1 + dy, max(0, x0 - dx) : x1 + dx] = True
        near &= ~mask
        for place in range(1, POINTS):
            off = bool(rng.random() < 0.5 and near.any())
            coords[place] = point_in(near if off else mask, rng)
            labels[place] = OFF if off else ON

"""Prompts of a request, from pixels of the upright picture to the decoder's square, in batches of equal K."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .parameters import InvalidArgument

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
MOST_PROMPTS = 256
MOST_POINTS = 64
MOST_SIDE = 65_535
MOST_PIXELS = 100_000_000
PADDING = -1


@dataclass(frozen=True, slots=True)
class Prompt:
    """`(K, 2)` coordinates in the decoder's square and their `(K,)` labels (1, 0, or 2 and 3: a box's
    corners).
    """

    coords: Floats
    labels: Ints


@dataclass(frozen=True, slots=True)
class Batch:
    """Prompts of equal K: `(N, K, 2)`, `(N, K)`, and the number of each prompt `(N,)`."""

    coords: Floats
    labels: Ints
    numbers: npt.NDArray[np.int64]


def read_size(size: npt.NDArray[np.int32]) -> tuple[int, int]:
    """Width and height of the upright picture, within the limits."""
    width, height = (int(side) for side in size)
    if not (1 <= width <= MOST_SIDE and 1 <= height <= MOST_SIDE and width * height <= MOST_PIXELS):
        raise InvalidArgument(f"image_size: 1 to {MOST_SIDE} pixels a side, {MOST_PIXELS} in all")
    return width, height


def read_prompts(
    coords: Floats | None,
    labels: Ints | None,
    boxes: Floats | None,
    size: tuple[int, int],
    square: int,
    combine: bool,
) -> list[Prompt]:
    """The request's prompts in their order: rows of points, then boxes; or, combined, each box with its
    points.
    """
    points = _read_points(coords, labels, size, square)
    corners = _read_boxes(boxes, size, square)
    if combine:
        if len(points) != len(corners):
            raise InvalidArgument("parameters.combine: as many rows of points as boxes")
        prompts = [
            Prompt(
                np.concatenate([box.coords, row.coords]),
                np.concatenate([box.labels, row.labels]),
            )
            for box, row in zip(corners, points, strict=True)
        ]
    else:
        if any(not row.labels.size for row in points):
            raise InvalidArgument("point_labels: a row holds no point")
        prompts = points + corners
    if not 1 <= len(prompts) <= MOST_PROMPTS:
        raise InvalidArgument(f"point_coords, boxes: 1 to {MOST_PROMPTS} prompts")
    return prompts


def grid_prompts(grid: npt.NDArray[np.float64], square: int) -> list[Prompt]:
    """One prompt of one point on the thing for each of `(N, 2)` points in [0, 1]."""
    label = np.ones(1, np.int32)
    return [Prompt((point[None] * square).astype(np.float32), label) for point in grid]


def batch_prompts(prompts: list[Prompt], most: int) -> Iterator[Batch]:
    """Batches of at most `most` prompts. Only those of equal K go together: padding would change SAM 2's
    masks.
    """
    lengths = np.array([prompt.labels.size for prompt in prompts])
    for length in np.unique(lengths):
        numbers = np.flatnonzero(lengths == length)
        for start in range(0, numbers.size, most):
            chosen = numbers[start : start + most]
            coords = np.stack([prompts[number].coords for number in chosen])
            labels = np.stack([prompts[number].labels for number in chosen])
            yield Batch(coords, labels, chosen)


def _read_points(
    coords: Floats | None, labels: Ints | None, size: tuple[int, int], square: int
) -> list[Prompt]:
    if (coords is None) != (labels is None):
        raise InvalidArgument("point_coords, point_labels: one is of no use without the other")
    if coords is None or labels is None:
        return []
    if coords.ndim != 3 or coords.shape[2] != 2 or labels.shape != coords.shape[:2]:
        raise InvalidArgument("point_coords: (P, K, 2), with point_labels (P, K)")
    if coords.shape[0] > MOST_PROMPTS or coords.shape[1] > MOST_POINTS:
        raise InvalidArgument(f"point_coords: at most {MOST_PROMPTS} prompts of {MOST_POINTS} points")
    if not np.isin(labels, (PADDING, 0, 1)).all():
        raise InvalidArgument("point_labels: 1 (on the thing), 0 (off it) or -1 (padding)")
    kept = np.count_nonzero(labels != PADDING, axis=1)
    if ((labels != PADDING) != (np.arange(labels.shape[1]) < kept[:, None])).any():
        raise InvalidArgument("point_labels: padding (-1) stands at a row's end only")
    scale = np.array([square / size[0], square / size[1]], np.float32)
    prompts = []
    for row, row_labels, count in zip(coords, labels, kept, strict=True):
        if not ((row[:count] >= 0) & (row[:count] <= size)).all():
            raise InvalidArgument(f"point_coords: a point outside the picture of {size[0]} x {size[1]}")
        prompts.append(
            Prompt(
                (row[:count] * scale).astype(np.float32),
                row_labels[:count].astype(np.int32),
            )
        )
    return prompts


def _read_boxes(boxes: Floats | None, size: tuple[int, int], square: int) -> list[Prompt]:
    if boxes is None:
        return []
    if boxes.ndim != 2 or boxes.shape[1] != 4 or boxes.shape[0] > MOST_PROMPTS:
        raise InvalidArgument(f"boxes: (B, 4), at most {MOST_PROMPTS}")
    corners = boxes.reshape(-1, 2, 2)
    if not ((corners >= 0) & (corners <= size)).all():
        raise InvalidArgument(f"boxes: a corner outside the picture of {size[0]} x {size[1]}")
    if not (corners[:, 0] < corners[:, 1]).all():
        raise InvalidArgument("boxes: x_min < x_max and y_min < y_max")
    scale = np.array([square / size[0], square / size[1]], np.float32)
    return [Prompt((box * scale).astype(np.float32), np.array([2, 3], np.int32)) for box in corners]

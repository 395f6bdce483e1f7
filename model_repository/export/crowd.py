"""A crowded drawing, in which a segmenter has much to find."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Boxes = npt.NDArray[np.float32]
SIDE = 5  # things in a row, and rows


def crowd(square: int) -> tuple[Pixels, Boxes]:
    """A drawing `(S, S, 3)` of discs and bars in many colours and sizes, and their boxes `(N, 4)` float32."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:square, :square] + 0.5
    pixels = np.full((square, square, 3), rng.integers(180, 256, 3), np.uint8)
    boxes, cell = [], square / SIDE
    for number in range(SIDE * SIDE):
        middle = (np.array([number % SIDE, number // SIDE]) + rng.uniform(0.4, 0.6, 2)) * cell
        half = rng.uniform(0.2, 0.4, 2) * cell
        if rng.random() < 0.5:
            half[:] = half.mean()
            inside = np.hypot(x - middle[0], y - middle[1]) < half[0]
        else:
            inside = (abs(x - middle[0]) < half[0]) & (abs(y - middle[1]) < half[1])
        pixels[inside] = rng.integers(0, 256, 3)
        boxes.append([*(middle - half), *(middle + half)])
    return pixels, np.array(boxes, np.float32)

"""Crowded pictures: more things than most scenes hold, so that automatic masks have much to find."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from model_repository.train.concepts import build_stock
from model_repository.train.scenes import Painter, compose

THINGS = 30
ASKED = {
    "mode": "automatic",
    "points_per_side": 32,
    "points_per_batch": 64,
    "pred_iou_thresh": 0.5,
    "stability_score_thresh": 0.8,
    "box_nms_thresh": 0.7,
}
_SEED = 50_000_000  # training starts at 0, the gallery at 20,000,000, the figures at 40,000,000


def crowds(count: int, width: int, height: int) -> Iterator[NDArray[np.uint8]]:
    """Pictures `(height, width, 3)` of THINGS coloured shapes each, that training never saw."""
    stock = build_stock(font_path=None)
    painter = Painter(stock)
    for number in range(count):
        rng = np.random.default_rng([_SEED, number])
        scene = compose(stock, rng, THINGS, sizes=(0.13, 0.2), aspect=width / height)
        yield painter.draw(scene, width, height).pixels

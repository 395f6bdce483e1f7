"""COCO's compressed run-length code of masks, written as pycocotools writes it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def encode(mask: NDArray[np.bool_]) -> dict[str, object]:
    """``{"size": [H, W], "counts": str}`` of a bool ``(H, W)`` mask: column by column, runs of nought
    first."""
    flat = np.concatenate([[False], mask.ravel(order="F")])
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    runs = np.diff(np.concatenate([[0], changes, [mask.size]])).tolist()
    letters = []
    for place, run in enumerate(runs):
        value = run - runs[place - 2] if place > 2 else run
        more = True
        while more:
            chunk = value & 0x1F
            value >>= 5
            more = value != -1 if chunk & 0x10 else value != 0
            letters.append(chr((chunk | 0x20 if more else chunk) + 48))
    return {"size": list(mask.shape), "counts": "".join(letters)}

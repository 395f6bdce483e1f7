"""How alike two masks are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def mask_iou(first: Mask, second: Mask) -> float:
    """Intersection over union of two masks of one shape, 0 to 1; 1 of two empty ones, which are the same."""
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union if union else 1.0

"""COCO's compressed run-length encoding of masks (pycocotools `maskApi.c`), read without trusting it."""

import numpy as np
from numpy.typing import NDArray

from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import MAX_PIXELS
from orchestrator.domain.region import Mask

_MAX_CHARACTERS_A_COUNT = 7  # 7 x 5 bits hold any count of a picture within the limits


def decode_mask(mask: Mask, field: str = "mask") -> NDArray[np.bool_]:
    """The pixels of a mask: (H, W) bool. Raises InvalidArgument, naming `field`, unless the runs fill it."""
    total = mask.height * mask.width
    if min(mask.height, mask.width) < 1 or total > MAX_PIXELS:
        raise InvalidArgument.field(f"{field}.size", f"must hold 1 to {MAX_PIXELS:,} pixels")
    runs = _runs(mask.counts)
    if runs is None or runs.min(initial=0) < 0 or runs.max(initial=0) > total or int(runs.sum()) != total:
        raise InvalidArgument.field(f"{field}.counts", "is no COCO run-length encoding of this size")
    values = np.zeros(len(runs), np.bool_)
    values[1::2] = True
    return np.repeat(values, runs).reshape(mask.width, mask.height).T


def _runs(counts: str) -> NDArray[np.int64] | None:
    """The lengths of the runs, off and on in turn; None where the text cannot be one."""
    try:
        letters = np.frombuffer(counts.encode("ascii"), np.uint8).astype(np.int64) - 48
    except UnicodeEncodeError:
        return None
    if not len(letters) or letters.min() < 0 or letters.max() > 63 or letters[-1] & 0x20:
        return None
    last = (letters & 0x20) == 0
    starts = np.flatnonzero(np.concatenate(([True], last[:-1])))
    lengths = np.diff(np.append(starts, len(letters)))
    if lengths.max() > _MAX_CHARACTERS_A_COUNT:
        return None
    shifts = 5 * (np.arange(len(letters)) - np.repeat(starts, lengths))
    values = np.add.reduceat((letters & 0x1F) << shifts, starts)
    negative = (letters[last] & 0x10) != 0
    values[negative] -= np.int64(1) << (5 * lengths[negative])
    # From the fourth on, a count is written as its difference from the one before the last.
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values

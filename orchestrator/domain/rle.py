"""COCO's compressed run-length encoding of masks (pycocotools `maskApi.c`), read without trusting it."""

import numpy as np
from numpy.typing import NDArray

from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import MAX_PIXELS
from orchestrator.domain.region import Mask

MAX_LETTERS = 4 * 1024 * 1024
"""Letters that are read of a mask: masks of things have thousands, and reading takes 60 bytes a letter."""

_MAX_LETTERS_A_COUNT = 7  # 7 x 5 bits hold any count of a picture within the limits


def decode_mask(mask: Mask, field: str = "mask") -> NDArray[np.bool_]:
    """The pixels of a mask: (H, W) bool. Raises InvalidArgument, naming `field`, unless the runs fill it."""
    runs = decode_runs(mask, field)
    values = np.zeros(len(runs), np.bool_)
    values[1::2] = True
    return np.repeat(values, runs).reshape(mask.width, mask.height).T


def mask_area(mask: Mask, field: str = "mask") -> int:
    """How many pixels a mask holds. Raises InvalidArgument as `decode_mask` does."""
    return int(decode_runs(mask, field)[1::2].sum())


def decode_runs(mask: Mask, field: str = "mask") -> NDArray[np.int64]:
    """The lengths of a mask's runs in columns, off and on in turn: (N,). Raises as `decode_mask` does."""
    total = mask.height * mask.width
    if min(mask.height, mask.width) < 1 or total > MAX_PIXELS:
        raise InvalidArgument.field(f"{field}.size", f"must hold 1 to {MAX_PIXELS:,} pixels")
    # N pixels have at most N + 1 runs, of a letter each and one more for every 16 pixels at most.
    most = min(2 * total + 16, MAX_LETTERS)
    if len(mask.counts) > most:
        raise InvalidArgument.field(f"{field}.counts", f"has more than {most:,} letters")
    runs = _runs(mask.counts)
    if runs is None or runs.min(initial=0) < 0 or runs.max(initial=0) > total or int(runs.sum()) != total:
        raise InvalidArgument.field(f"{field}.counts", "is no COCO run-length encoding of this size")
    return runs


def encode_runs(runs: NDArray[np.int64]) -> str:
    """The letters for the lengths of runs (pycocotools, `rleToString`)."""
    left = runs.copy()
    left[3:] -= runs[1:-2]
    letters = np.zeros((len(runs), _MAX_LETTERS_A_COUNT), np.uint8)
    written = np.zeros(letters.shape, np.bool_)
    more = np.ones(len(runs), np.bool_)
    for place in range(_MAX_LETTERS_A_COUNT):
        low, left = left & 0x1F, left >> 5
        written[:, place] = more
        more = more & (left != np.where(low & 0x10, -1, 0))
        letters[:, place] = 48 + (low | np.where(more, 0x20, 0))
    return letters[written].tobytes().decode()


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
    if lengths.max() > _MAX_LETTERS_A_COUNT:
        return None
    shifts = 5 * (np.arange(len(letters)) - np.repeat(starts, lengths))
    values = np.add.reduceat((letters & 0x1F) << shifts, starts)
    negative = (letters[last] & 0x10) != 0
    values[negative] -= np.int64(1) << (5 * lengths[negative])
    # From the fourth on, a count is written as its difference from the one before the last.
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values

"""From low-resolution logits to a mask of the upright picture, one at a time and only where it can be.

Enlarging is bilinear with half-pixel centres (`torch.nn.functional.interpolate(…, align_corners=False)`, as
SAM2Transforms.postprocess_masks does). A pixel can only pass a threshold where one of its four neighbours
does, so only the box around those is enlarged, in bands, and a picture of 100 megapixels needs no float array
of its size.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import rle
from .components import clean_crop

Logits = npt.NDArray[np.float32]
BAND = 1 << 20  # pixels enlarged at a time


@dataclass(frozen=True, slots=True)
class LowResMask:
    """Logits `(h, w)` around what may be mask, cut from a `grid` × `grid` map at `origin` (row, column)."""

    logits: Logits
    origin: tuple[int, int]
    grid: int


@dataclass(frozen=True, slots=True)
class EnlargedMask:
    """A bool crop of the picture at `origin` (row, column), and its stability score (NaN if empty)."""

    crop: npt.NDArray[np.bool_]
    origin: tuple[int, int]
    stability: float

    def box(self) -> tuple[int, int, int, int]:
        """First and last column and row, included, as x, y, x, y; zeros if empty (batched_mask_to_box)."""
        rows, columns = (
            np.flatnonzero(self.crop.any(axis=1)),
            np.flatnonzero(self.crop.any(axis=0)),
        )
        if not rows.size:
            return 0, 0, 0, 0
        row, column = self.origin
        return (
            column + int(columns[0]),
            row + int(rows[0]),
            column + int(columns[-1]),
            row + int(rows[-1]),
        )

    def area(self) -> int:
        """Pixels."""
        return int(np.count_nonzero(self.crop))

    def without_small_regions(self, least_area: float, size: tuple[int, int]) -> "EnlargedMask":
        """The same mask with holes below `least_area` pixels filled and islands below it gone; itself if
        unchanged.
        """
        crop, origin, changed = clean_crop(self.crop, self.origin, (size[1], size[0]), least_area)
        return EnlargedMask(crop, origin, self.stability) if changed else self

    def encode(self, size: tuple[int, int]) -> bytes:
        """Compressed COCO counts in a picture of `size` (width, height)."""
        return rle.encode_crop(self.crop, self.origin, (size[1], size[0]))


def cut(logits: Logits, least: float) -> LowResMask:
    """`(h, w)` logits of one mask without the rim where none is above `least`; a copy."""
    above = logits > least
    rows, columns = np.flatnonzero(above.any(axis=1)), np.flatnonzero(above.any(axis=0))
    if not rows.size:
        return LowResMask(np.zeros((0, 0), np.float32), (0, 0), logits.shape[0])
    # One more on every side: bilinear reads the neighbours.
    top, left = max(int(rows[0]) - 1, 0), max(int(columns[0]) - 1, 0)
    part = logits[top : int(rows[-1]) + 2, left : int(columns[-1]) + 2]
    return LowResMask(np.array(part, np.float32), (top, left), logits.shape[0])


def enlarge(mask: LowResMask, size: tuple[int, int], threshold: float, offset: float) -> EnlargedMask:
    """The mask above `threshold` at `size` (width, height), and its IoU at `threshold` ± `offset`."""
    width, height = size
    if not mask.logits.size:
        return EnlargedMask(np.zeros((0, 0), np.bool_), (0, 0), float("nan"))
    left, x0, x1, fx = _axis(mask.grid, width, mask.origin[1], mask.logits.shape[1])
    top, y0, y1, fy = _axis(mask.grid, height, mask.origin[0], mask.logits.shape[0])
    if not x0.size or not y0.size:
        return EnlargedMask(np.zeros((0, 0), np.bool_), (0, 0), float("nan"))
    wide = mask.logits[:, x0] * (1 - fx) + mask.logits[:, x1] * fx
    crop = np.empty((y0.size, x0.size), np.bool_)
    intersection = union = 0
    step = max(1, BAND // x0.size)
    for start in range(0, y0.size, step):
        rows = slice(start, start + step)
        weight = fy[rows, None]
        band = wide[y0[rows]] * (1 - weight)
        band += wide[y1[rows]] * weight
        np.greater(band, threshold, out=crop[rows])
        intersection += int(np.count_nonzero(band > threshold + offset))
        union += int(np.count_nonzero(band > threshold - offset))
    return EnlargedMask(crop, (top, left), intersection / union if union else float("nan"))


Axis = tuple[int, npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float32]]


def _axis(grid: int, length: int, origin: int, extent: int) -> Axis:
    """Where output pixels of an axis read: the first one, both neighbours in the crop, the weight of the
    second.
    """
    source = np.maximum((np.arange(length) + 0.5) * (grid / length) - 0.5, 0)
    first = np.minimum(source.astype(np.intp), grid - 1)
    second = np.minimum(first + 1, grid - 1)
    inside = np.flatnonzero((first >= origin) & (second < origin + extent))
    start = int(inside[0]) if inside.size else 0
    fraction = (source - first)[inside].astype(np.float32)
    return start, first[inside] - origin, second[inside] - origin, fraction

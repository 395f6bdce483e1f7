"""Automatic mask generation as `SAM2AutomaticMaskGenerator` does it, with low-resolution candidates.

SAM 2 enlarges every candidate before it filters. Here candidates wait as small crops of logits and are
enlarged in the order of their predicted IoU, so that one that a better mask already covers is never enlarged
at all; those that are get the same stability score, box and non-maximum suppression as there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import numpy.typing as npt

from .masks import EnlargedMask, Logits, LowResMask, cut, enlarge
from .parameters import Parameters

CANDIDATE_BYTES = 256 << 20
# A candidate whose stability at low resolution is this far below the threshold is not worth enlarging.
STABILITY_MARGIN = 0.2


@dataclass(frozen=True, slots=True)
class Candidate:
    """One decoded mask that passed the filter by predicted IoU."""

    mask: LowResMask
    predicted_iou: float
    prompt_index: int


@dataclass(frozen=True, slots=True)
class Found:
    """A mask as the model answers it; `box` is x, y, x, y with exclusive maxima, in the upright picture's
    pixels.
    """

    box: tuple[int, int, int, int]
    rle: bytes
    predicted_iou: float
    stability_score: float
    area: int
    prompt_index: int


def build_point_grid(points_per_side: int) -> npt.NDArray[np.float64]:
    """`(n², 2)` points evenly spaced in [0, 1] × [0, 1], row by row (sam2.utils.amg.build_point_grid)."""
    offset = 1 / (2 * points_per_side)
    side = np.linspace(offset, 1 - offset, points_per_side)
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


@dataclass(slots=True)
class Candidates:
    """What has been decoded so far, bounded in bytes; past that those of least predicted IoU go."""

    parameters: Parameters
    limit: int = CANDIDATE_BYTES
    kept: list[Candidate] = field(default_factory=list)
    size: int = 0

    def add(self, logits: Logits, predicted_iou: npt.NDArray[np.float32], first_prompt: int) -> None:
        """Take a batch: `(N, M, h, h)` logits and `(N, M)` scores of prompts from `first_prompt` on."""
        parameters = self.parameters
        least = parameters.mask_threshold - parameters.stability_score_offset
        passing = predicted_iou > (parameters.pred_iou_thresh or -np.inf)  # 0 is off
        for prompt, mask in np.argwhere(passing):
            low_res = cut(logits[prompt, mask], least)
            if not self._may_be_stable(low_res):
                continue
            score = float(predicted_iou[prompt, mask])
            self.kept.append(Candidate(low_res, score, first_prompt + int(prompt)))
            self.size += low_res.logits.nbytes
        if self.size > self.limit:
            self._shrink()

    def _may_be_stable(self, mask: LowResMask) -> bool:
        if not mask.logits.size:
            return False
        threshold, offset = (
            self.parameters.mask_threshold,
            self.parameters.stability_score_offset,
        )
        union = np.count_nonzero(mask.logits > threshold - offset)
        intersection = np.count_nonzero(mask.logits > threshold + offset)
        return bool(intersection >= (self.parameters.stability_score_thresh - STABILITY_MARGIN) * union)

    def _shrink(self) -> None:
        self.kept.sort(key=lambda candidate: -candidate.predicted_iou)
        while self.size > self.limit:
            self.size -= self.kept.pop().mask.logits.nbytes


def select(candidates: Candidates, size: tuple[int, int]) -> Iterator[Found]:
    """The masks that remain, best predicted IoU first, in a picture of `size` (width, height).

    Filtered by stability, then greedily by box IoU. With `min_mask_region_area` small holes and islands go
    and a second suppression follows, in which masks that needed no cleaning come first
    (postprocess_small_regions).
    """
    parameters = candidates.parameters
    survivors = islice(_survivors(candidates, size), parameters.max_masks)
    if parameters.min_mask_region_area > 0:
        return _clean(survivors, size, parameters)
    return (
        describe(candidate.prompt_index, candidate.predicted_iou, mask, size) for candidate, mask in survivors
    )


def describe(prompt_index: int, predicted_iou: float, mask: EnlargedMask, size: tuple[int, int]) -> Found:
    """The answer for one enlarged mask."""
    area = mask.area()
    x_min, y_min, x_max, y_max = mask.box()
    box = (x_min, y_min, x_max + 1, y_max + 1) if area else (0, 0, 0, 0)
    stability = 0.0 if np.isnan(mask.stability) else mask.stability
    return Found(box, mask.encode(size), predicted_iou, stability, area, prompt_index)


Survivor = tuple[Candidate, EnlargedMask]


def _survivors(candidates: Candidates, size: tuple[int, int]) -> Iterator[Survivor]:
    parameters = candidates.parameters
    boxes = np.zeros((0, 4))
    for candidate in sorted(candidates.kept, key=lambda candidate: -candidate.predicted_iou):
        rough = _rough_box(candidate.mask, parameters.mask_threshold, size)
        if rough is None or _surely_suppressed(rough, boxes, parameters.box_nms_thresh):
            continue
        mask = enlarge(
            candidate.mask,
            size,
            parameters.mask_threshold,
            parameters.stability_score_offset,
        )
        # A stability of NaN (an empty mask) passes no comparison.
        if not mask.stability >= parameters.stability_score_thresh:
            continue
        box = np.array(mask.box(), np.float64)
        if (box_iou(box, boxes) > parameters.box_nms_thresh).any():
            continue
        boxes = np.concatenate([boxes, box[None]])
        yield candidate, mask


def _clean(survivors: Iterator[Survivor], size: tuple[int, int], parameters: Parameters) -> Iterator[Found]:
    cleaned: list[tuple[bool, Found]] = []
    for candidate, mask in survivors:
        better = mask.without_small_regions(parameters.min_mask_region_area, size)
        found = describe(candidate.prompt_index, candidate.predicted_iou, better, size)
        cleaned.append((better is not mask, found))
    boxes = np.zeros((0, 4))
    chosen: list[Found] = []
    for _, found in sorted(cleaned, key=lambda entry: entry[0]):
        box = np.array(found.box, np.float64) - [0, 0, 1, 1]
        if not (box_iou(box, boxes) > parameters.box_nms_thresh).any():
            boxes = np.concatenate([boxes, box[None]])
            chosen.append(found)
    yield from sorted(chosen, key=lambda found: -found.predicted_iou)


def box_iou(box: npt.NDArray[np.float64], boxes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """IoU of an x, y, x, y box with `(N, 4)` others, `(N,)`; NaN where both have no area (torchvision)."""
    least, most = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    intersection = np.prod(np.clip(most - least, 0, None), axis=1)
    union = np.prod(box[2:] - box[:2]) + np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) - intersection
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(intersection / union, np.float64)


def _rough_box(mask: LowResMask, threshold: float, size: tuple[int, int]) -> npt.NDArray[np.float64] | None:
    """The box in low-resolution cells, scaled to the picture: no further than one cell from the exact one."""
    above = mask.logits > threshold
    rows, columns = np.flatnonzero(above.any(axis=1)), np.flatnonzero(above.any(axis=0))
    if not rows.size:
        return None
    row, column = mask.origin
    cell = np.array([size[0], size[1]] * 2) / mask.grid
    box = np.array(
        [
            column + columns[0],
            row + rows[0],
            column + columns[-1] + 1,
            row + rows[-1] + 1,
        ]
    )
    return np.asarray(np.concatenate([box * cell, cell[:2]]), np.float64)


def _surely_suppressed(
    rough: npt.NDArray[np.float64], boxes: npt.NDArray[np.float64], threshold: float
) -> bool:
    """Whether a box at most one cell away from `rough` on each side overlaps one of `boxes` above the
    threshold.
    """
    slack = np.tile(rough[4:], 2) + 1.0
    inner = rough[:4] + slack * [1, 1, -1, -1]
    outer = rough[:4] + slack * [-1, -1, 1, 1]
    if inner[0] >= inner[2] or inner[1] >= inner[3] or not boxes.size:
        return False
    common = np.clip(
        np.minimum(inner[2:], boxes[:, 2:]) - np.maximum(inner[:2], boxes[:, :2]),
        0,
        None,
    ).prod(axis=1)
    union = np.prod(outer[2:] - outer[:2]) + np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) - common
    return bool((common > threshold * union).any())

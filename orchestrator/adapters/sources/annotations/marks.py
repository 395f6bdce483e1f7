"""Marks in pictures, from numbers that are not to be trusted."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from orchestrator.adapters.sources.describe import to_labels
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import MAX_PIXELS
from orchestrator.domain.import_source import AnnotatedRegion
from orchestrator.domain.region import Box, Mask
from orchestrator.domain.rle import decode_runs, encode_runs

_MOST_NUMBERS = 1 << 20
_FAR = 1e6


def to_region(box: Box | None, mask: Mask | None, label: str) -> AnnotatedRegion | None:
    """A region; None where there is neither a box nor a mask to take one from."""
    if box is None and mask is not None:
        left, top, width, height = map(
            float, coco_mask.toBbox({"size": [mask.height, mask.width], "counts": mask.counts})
        )
        box = to_box(left, top, left + width, top + height)
    return None if box is None else AnnotatedRegion(box=box, mask=mask, labels=to_labels([label]))


def to_box(x_min: Any, y_min: Any, x_max: Any, y_max: Any) -> Box | None:
    """A box that is one; None otherwise."""
    edges = (x_min, y_min, x_max, y_max)
    if not all(_is_number(edge) and abs(edge) < _FAR for edge in edges) or x_min >= x_max or y_min >= y_max:
        return None
    return Box(x_min=float(x_min), y_min=float(y_min), x_max=float(x_max), y_max=float(y_max))


def to_mask(segmentation: Any, width: int, height: int) -> Mask | None:
    """The mask of COCO's polygons, or of its run-length code, compressed or not; None where it is none."""
    if not (min(width, height) > 0 and width * height <= MAX_PIXELS):
        return None
    match segmentation:
        case {"counts": counts, "size": [tall, wide]} if (tall, wide) == (height, width):
            return _from_counts(counts, width, height)
        case [*polygons]:
            return from_polygons(polygons, width, height)
    return None


def from_polygons(polygons: Sequence[Any], width: int, height: int) -> Mask | None:
    """The mask that polygons [x, y, x, y, …] cover together; what lies outside the picture is cut off."""
    if sum(len(each) for each in polygons if isinstance(each, list)) > _MOST_NUMBERS:
        return None
    kept: list[list[float]] = []
    for polygon in polygons:
        if not isinstance(polygon, list) or len(polygon) < 6 or len(polygon) % 2:
            continue
        if not all(map(_is_number, polygon)):
            continue
        points = np.asarray(polygon, np.float64).reshape(-1, 2)
        kept.append(np.clip(points, 0, (width, height)).ravel().tolist())
    if not kept:
        return None
    codes = coco_mask.merge(coco_mask.frPyObjects(kept, height, width))
    return _checked(Mask(height=height, width=width, counts=codes["counts"].decode()))


def _from_counts(counts: Any, width: int, height: int) -> Mask | None:
    if isinstance(counts, str):
        return _checked(Mask(height=height, width=width, counts=counts))
    if not isinstance(counts, list) or len(counts) > _MOST_NUMBERS:
        return None
    if not all(isinstance(run, int) and 0 <= run <= width * height for run in counts):
        return None
    if not counts or sum(counts) != width * height:
        return None
    return _checked(Mask(height=height, width=width, counts=encode_runs(np.asarray(counts, np.int64))))


def _checked(mask: Mask) -> Mask | None:
    """The mask, where it can be read and holds anything."""
    try:
        return mask if decode_runs(mask)[1::2].sum() else None
    except InvalidArgument:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def text_of(mapping: Mapping[str, Any], name: str) -> str:
    """A text of a mapping; empty where there is none."""
    value = mapping.get(name)
    return value if isinstance(value, str) else ""

"""A region: a part of an image that is searched by itself."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from orchestrator.domain.image import Label, Picture
from orchestrator.domain.names import RegionName


class Origin(Enum):
    """Where a region came from."""

    AUTOMATIC = "AUTOMATIC"
    PROMPTED = "PROMPTED"
    MANUAL = "MANUAL"
    IMPORTED = "IMPORTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box in pixels of the upright picture; the maxima lie beyond the last column and row."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float

    @property
    def area(self) -> float:
        """Its size in pixels."""
        return (self.x_max - self.x_min) * (self.y_max - self.y_min)


def crop(picture: Picture, box: Box) -> Picture:
    """The part of a picture inside a box, grown to whole pixels: a view, at least 1 x 1."""
    height, width = picture.shape[:2]
    left = min(max(math.floor(box.x_min), 0), width - 1)
    top = min(max(math.floor(box.y_min), 0), height - 1)
    right = min(max(math.ceil(box.x_max), left + 1), width)
    bottom = min(max(math.ceil(box.y_max), top + 1), height)
    return picture[top:bottom, left:right]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """A mask in COCO's compressed run-length encoding, of a picture of `height` x `width` pixels."""

    height: int
    width: int
    counts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What a segmenter answers: a region without a name."""

    box: Box
    mask: Mask | None
    area: int
    predicted_iou: float = 0.0
    stability_score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region as the catalog keeps it."""

    name: RegionName
    segment: Segment
    labels: tuple[Label, ...] = ()
    predicted_labels: tuple[Label, ...] = ()
    origin: Origin
    create_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point prompt in pixels of the upright picture; `background`: beside the thing, not on it."""

    x: float
    y: float
    background: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """Prompt: everything in the picture. Unset settings: `quick` mode's, or SAM 2's published ones."""

    quick: bool = False
    points_per_side: int | None = None
    points_per_batch: int | None = None
    pred_iou_thresh: float | None = None
    stability_score_thresh: float | None = None
    box_nms_thresh: float | None = None
    min_mask_region_area: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Prompt: one thing, by points; `multimask` answers the three masks of an ambiguous prompt."""

    points: tuple[Point, ...]
    multimask: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """Prompt: one thing a box."""

    boxes: tuple[Box, ...]


Prompt = Everything | Points | Boxes

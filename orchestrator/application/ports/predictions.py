"""What models say of images, and how the catalog is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from orchestrator.domain.image import Label
from orchestrator.domain.names import EmbeddedName, ImageName


class Prediction(Enum):
    """What models say of an image once, and anew where the collection has come to name another model."""

    LABELS = "LABELS"
    CAPTION = "CAPTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChange:
    """What was predicted for an image and its regions, as they were at one `revision` of its row."""

    image: ImageName
    revision: int
    vocabulary: str
    labels: Mapping[EmbeddedName, tuple[Label, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionChange:
    """What the captioner of a stamp wrote of an image, as it was at one `revision` of its row."""

    image: ImageName
    revision: int
    captioner: str
    caption: str


PredictionChange: TypeAlias = LabelChange | CaptionChange

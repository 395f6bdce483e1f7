"""An image: what is known of a picture that was put into a collection."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from orchestrator.domain.names import COLLECTION_ID, IMAGE_ID, ImageName
from orchestrator.domain.record_state import RecordState

Picture: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8, RGB, upright: after the EXIF orientation."""

MAX_CONTENT_BYTES = 32 * 1024 * 1024
MAX_PIXELS = 100_000_000
MAX_CAPTION = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A word for what an image or region shows; `score` from 0 to 1, 0 when its source does not say."""

    label: str
    score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoPoint:
    """A place on the Earth: degrees north and east, metres above the sea."""

    latitude: float
    longitude: float
    altitude_metres: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exif:
    """What the camera wrote. Absent values are empty, zero or None."""

    camera: str = ""
    lens: str = ""
    taken_time: datetime | None = None
    orientation: int = 1
    gps: GeoPoint | None = None
    exposure_seconds: float = 0.0
    f_number: float = 0.0
    iso: int = 0
    focal_length_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What a picture's file tells by itself. `width` and `height` are those of the upright picture."""

    content_type: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    perceptual_hash: str
    exif: Exif | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What callers say of an image, and may change."""

    display_name: str = ""
    folder: str = ""
    source_uri: str = ""
    caption: str = ""
    labels: tuple[Label, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image as the catalog keeps it. `uid` is new with every creation, even of the same name.

    `predicted_labels` were chosen from the vocabulary of the stamp `vocabulary`, and so were its regions'.
    `captioner` is the stamp of what wrote the caption; empty: nothing has yet; None: a caller has, or took it
    away, and no captioner changes that.
    """

    name: ImageName
    uid: str = ""
    facts: FileFacts
    description: Description = Description()
    predicted_labels: tuple[Label, ...] = ()
    vocabulary: str = ""
    captioner: str | None = ""
    state: RecordState = RecordState.PENDING
    region_count: int = 0
    create_time: datetime
    update_time: datetime
    etag: str

    @property
    def captioned_by(self) -> str:
        """The pack whose captioner wrote the caption; empty: none did."""
        return (self.captioner or "").partition("@")[0]

    @property
    def blob_key(self) -> str:
        """Where its file lies in the object store: a key of this creation alone, so that deleting one image
        never takes the file of another that bore its name."""
        return f"{self.name.collection}/images/{self.uid[-2:]}/{self.name.image}.{self.uid}"


_BLOB_KEY = re.compile(
    rf"{COLLECTION_ID.pattern}/images/(?P<shard>[0-9a-z]{{2}})/{IMAGE_ID.pattern}\.(?P<uid>[0-9a-z]{{24}}(?P=shard))"
)


def uid_of(blob_key: str) -> str:
    """The uid in an `Image.blob_key`; empty where it is not named as one."""
    found = _BLOB_KEY.fullmatch(blob_key)
    return found["uid"] if found else ""

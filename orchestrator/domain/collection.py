"""A collection: images and texts that are searched together."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from orchestrator.domain.names import CollectionName

DEFAULT_COLLECTION = CollectionName("default")


class Segmentation(Enum):
    """How much of each new image is segmented."""

    OFF = "OFF"
    QUICK = "QUICK"
    FULL = "FULL"


class CollectionState(Enum):
    """What may be done with a collection."""

    ACTIVE = "ACTIVE"
    DELETING = "DELETING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection as the catalog keeps it. `space` is the stamp of the vectors it holds.

    An empty `matcher` or `captioner` is the embedder's pack's own, as is an empty `labels_vocabulary`.
    """

    name: CollectionName
    display_name: str = ""
    embedder: str
    segmenter: str = ""
    segmentation: Segmentation = Segmentation.OFF
    matcher: str = ""
    captioner: str = ""
    labels_vocabulary: tuple[str, ...] = ()
    space: str
    dimension: int
    state: CollectionState = CollectionState.ACTIVE
    create_time: datetime
    update_time: datetime
    etag: str
    image_count: int = field(default=0, compare=False)
    region_count: int = field(default=0, compare=False)
    text_count: int = field(default=0, compare=False)

    @property
    def namespace(self) -> str:
        """Name of its namespace in a vector index: one a collection and embedding space."""
        return f"{self.name.collection}--{self.space}"

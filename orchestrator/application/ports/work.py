"""What the catalog wants an index to hold, and the outbox entries that say so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from orchestrator.domain.embedding import Vector
from orchestrator.domain.image import Image, Label
from orchestrator.domain.names import EmbeddedName, RecordName, RegionName
from orchestrator.domain.text import Text

Record: TypeAlias = Image | Text
"""What is put into a collection by itself: written in steps that survive a kill, and found by searches."""

Of = TypeVar("Of", bound=Record, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVector:
    """A vector kept beside the catalog: what an index is rebuilt from, without a model."""

    name: EmbeddedName
    space: str
    vector: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """Says that an index may not yet hold what the catalog says of an image or a text."""

    id: int
    name: RecordName
    create_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Work(Generic[Of]):
    """What an index should hold of one image or text, at one `revision` of its row.

    `vectors` are to be there, those of `removed` not; `region_labels` are those predicted for its regions.
    `entry` is the outbox entry that a write left.
    """

    record: Of
    namespace: str
    dimension: int
    revision: int
    vectors: tuple[StoredVector, ...]
    region_labels: Mapping[RegionName, tuple[Label, ...]] = field(default_factory=dict)
    removed: tuple[RegionName, ...] = ()
    entry: OutboxEntry | None = None

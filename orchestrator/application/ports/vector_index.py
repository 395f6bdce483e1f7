"""Nearest neighbours, and the records that they are found among."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol
from uuid import UUID

from orchestrator.domain.embedding import Vector
from orchestrator.domain.filter import Attributes, Filter


class Kind(Enum):
    """What a vector is of."""

    IMAGE = "image"
    REGION = "region"


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorRecord:
    """A vector as an index keeps it. `id` is `vector_id(name)`; `attributes` are those of the image."""

    id: UUID
    name: str
    kind: Kind
    vector: Vector
    attributes: Attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A record that an index found; `cosine` from -1 to 1."""

    name: str
    cosine: float


class VectorIndex(Protocol):
    """Nearest neighbours by cosine, in namespaces. Writes are idempotent, and seen by the next search."""

    async def create_namespace(self, namespace: str, dimension: int) -> None:
        """Makes a namespace; one that exists is left as it is."""
        ...

    async def delete_namespace(self, namespace: str) -> None:
        """Deletes a namespace and its vectors; one that does not exist is no error."""
        ...

    async def upsert(self, namespace: str, records: Sequence[VectorRecord]) -> None:
        """Writes records; durable when it returns."""
        ...

    async def delete(self, namespace: str, ids: Sequence[UUID]) -> None:
        """Deletes records; missing ones are no error."""
        ...

    async def overwrite_attributes(self, namespace: str, ids: Sequence[UUID], attributes: Attributes) -> None:
        """Gives records other attributes, without their vectors; missing records are no error."""
        ...

    def ids(self, namespace: str) -> AsyncIterator[UUID]:
        """The ids of all records, in no order. None for a namespace that does not exist."""
        ...

    async def search(
        self,
        namespace: str,
        vector: Vector,
        kind: Kind,
        *,
        limit: int,
        offset: int = 0,
        filter: Filter | None = None,
    ) -> Sequence[Neighbour]:
        """The nearest records, the best first; of equal cosine, by name."""
        ...

    async def count(self, namespace: str, kind: Kind, filter: Filter | None = None) -> int:
        """How many records there are. 0 for a namespace that does not exist."""
        ...

    async def ready(self) -> bool:
        """Whether the engine answers; never raises."""
        ...

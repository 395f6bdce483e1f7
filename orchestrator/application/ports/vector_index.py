"""Nearest neighbours, and the records that they are found among."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from orchestrator.domain.embedding import Vector
from orchestrator.domain.filter import Attributes, Filter
from orchestrator.domain.lexical import Terms


class Kind(Enum):
    """What a vector is of."""

    IMAGE = "image"
    REGION = "region"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorRecord:
    """A vector as an index keeps it, by its resource's name; `attributes` are those of the image or text.

    `terms` are what a search by words finds it by.
    """

    name: str
    kind: Kind
    vector: Vector
    attributes: Attributes
    terms: Terms = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A record that an index found; `cosine` from -1 to 1."""

    name: str
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WordMatch:
    """A record that has terms of a query; `score` above 0, the sum over them of weight times rarity."""

    name: str
    score: float


class VectorIndex(Protocol):
    """Nearest neighbours by cosine, in namespaces. Writes are idempotent.

    A write that answers None is seen by the next search. Otherwise it answers a token, and is seen by a
    search that is given it, or by any after a while. Tokens are of an engine and a namespace.
    """

    @property
    def lag(self) -> float:
        """Seconds after which counts and names tell of every write, and searches of deletions; 0: at once."""
        ...

    async def create_namespace(self, namespace: str, dimension: int) -> None:
        """Makes a namespace; one that exists is left as it is."""
        ...

    async def delete_namespace(self, namespace: str) -> None:
        """Deletes a namespace and its vectors; one that does not exist is no error."""
        ...

    async def upsert(self, namespace: str, records: Sequence[VectorRecord]) -> str | None:
        """Writes records; durable when it returns. Answers a consistency token, or None."""
        ...

    async def delete(self, namespace: str, names: Sequence[str]) -> None:
        """Deletes records; missing ones are no error. Searches miss them at once, or within `lag` seconds."""
        ...

    def names(self, namespace: str) -> AsyncIterator[str]:
        """The names of all records, in no order. None for a namespace that does not exist."""
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
        token: str | None = None,
    ) -> Sequence[Neighbour]:
        """The nearest records, the best first; of equal cosine, by name.

        With the token of a write it sees that write. Raises Unavailable, with `retry_after`, where the write
        cannot be seen yet; InvalidArgument for what is no token of this engine.
        """
        ...

    async def search_words(
        self,
        namespace: str,
        terms: Terms,
        kind: Kind,
        *,
        limit: int,
        filter: Filter | None = None,
        token: str | None = None,
    ) -> Sequence[WordMatch]:
        """The records with terms of a query, the best first; of equal score, by name. At most 1,000.

        How rare a term is (`lexical.rarity`), the engine counts among the records that have any. `token` as
        in `search`.
        """
        ...

    async def count(self, namespace: str, kind: Kind, filter: Filter | None = None) -> int:
        """How many records there are. 0 for a namespace that does not exist."""
        ...

    async def ready(self) -> bool:
        """Whether the engine answers; never raises."""
        ...

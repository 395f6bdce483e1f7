"""A vector index in memory: exact, and read plainly. It passes the contract suite of `VectorIndex`."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from orchestrator.application.ports import Kind, Neighbour, VectorRecord, WordMatch
from orchestrator.domain.embedding import Vector
from orchestrator.domain.errors import InvalidArgument, Unavailable
from orchestrator.domain.filter import Filter
from orchestrator.domain.fulfils import fulfils
from orchestrator.domain.lexical import Terms, rarity


@dataclass(slots=True)
class _Namespace:
    dimension: int
    records: dict[str, VectorRecord] = field(default_factory=dict)


class MemoryIndex:
    """`VectorIndex` in memory. `down` makes every call raise Unavailable."""

    lag = 0.0

    def __init__(self) -> None:
        self.down = False
        self._namespaces: dict[str, _Namespace] = {}

    def _namespace(self, namespace: str) -> _Namespace:
        self._check()
        if namespace not in self._namespaces:
            raise Unavailable("the vector index does not hold this collection yet")
        return self._namespaces[namespace]

    def _check(self) -> None:
        if self.down:
            raise Unavailable("the vector index does not answer")

    async def create_namespace(self, namespace: str, dimension: int) -> None:
        self._check()
        self._namespaces.setdefault(namespace, _Namespace(dimension))

    async def delete_namespace(self, namespace: str) -> None:
        self._check()
        self._namespaces.pop(namespace, None)

    async def upsert(self, namespace: str, records: Sequence[VectorRecord]) -> None:
        kept = self._namespace(namespace)
        if any(record.vector.shape != (kept.dimension,) for record in records):
            raise InvalidArgument("the vector index does not take this request")
        kept.records.update((record.name, record) for record in records)

    async def delete(self, namespace: str, names: Sequence[str]) -> None:
        self._check()
        if namespace in self._namespaces:
            for name in names:
                self._namespaces[namespace].records.pop(name, None)

    async def names(self, namespace: str) -> AsyncIterator[str]:
        self._check()
        if namespace in self._namespaces:
            for name in list(self._namespaces[namespace].records):
                yield name

    def _matching(self, namespace: str, kind: Kind, filter: Filter | None) -> list[VectorRecord]:
        if filter is not None:
            fulfils({}, filter)
        return [
            record
            for record in self._namespace(namespace).records.values()
            if record.kind is kind and (filter is None or fulfils(record.attributes, filter))
        ]

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
        if vector.shape != (self._namespace(namespace).dimension,):
            raise InvalidArgument("the vector index does not take this request")
        records = self._matching(namespace, kind, filter)
        cosines = np.clip([record.vector for record in records] @ vector, -1, 1) if records else []
        found = [
            Neighbour(name=record.name, cosine=float(cosine))
            for record, cosine in zip(records, cosines, strict=True)
        ]
        found.sort(key=lambda neighbour: (-round(neighbour.cosine, 6), neighbour.name))
        return found[offset : offset + limit]

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
        worded = [record for record in self._namespace(namespace).records.values() if record.terms]
        weights = {
            term: weight * rarity(len(worded), sum(term in record.terms for record in worded))
            for term, weight in terms.items()
        }
        found = [
            WordMatch(
                name=record.name,
                score=sum(weight * record.terms.get(term, 0.0) for term, weight in weights.items()),
            )
            for record in self._matching(namespace, kind, filter)
        ]
        found = [match for match in found if match.score > 0]
        return sorted(found, key=lambda match: (-round(match.score, 4), match.name))[:limit]

    async def count(self, namespace: str, kind: Kind, filter: Filter | None = None) -> int:
        self._check()
        return len(self._matching(namespace, kind, filter)) if namespace in self._namespaces else 0

    async def ready(self) -> bool:
        return not self.down

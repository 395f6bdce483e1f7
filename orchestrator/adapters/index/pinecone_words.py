"""Words in Pinecone: how rare each is, which it does not count itself, and queries by words alone."""

import asyncio
from dataclasses import replace
from typing import Any

from cachetools import TTLCache

from orchestrator.adapters.index.pinecone_calls import call
from orchestrator.adapters.index.pinecone_query import MAX_RESULTS, Query
from orchestrator.domain.lexical import Terms, rarity

_SECONDS = 300.0
_NONE_SECONDS = 10.0
"""For which a term that nobody has is not asked about again: it may come with the next record."""

_TERMS = 50_000
_AT_ONCE = 8

_SCARCE = 1e-9
_ANY = 1e-6


class Rarities:
    """How rare terms are in each namespace, asked anew every five minutes.

    A term that more records have than one query answers with counts as that rare.
    """

    def __init__(self) -> None:
        self._having: TTLCache[tuple[str, int], int] = TTLCache(_TERMS, _SECONDS)
        self._nobody: TTLCache[tuple[str, int], int] = TTLCache(_TERMS, _NONE_SECONDS)
        self._records: TTLCache[str, int] = TTLCache(1_000, _SECONDS)
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def weighted(self, query: Query, dimension: int, terms: Terms) -> Terms:
        """The terms, their weights times their rarity, however old what is known of that is.

        One that nobody had when it was counted stays, as the rarest: a write that the query is to see may
        have brought it. Raises domain errors.
        """
        new = next((term for term in terms if self._known(query.place, term) is None), None)
        if new is not None:  # one waits for the write that the query is to see, not each
            await self._count(query, dimension, new)
        later = replace(query, since=None)
        having = await asyncio.gather(*(self._count(later, dimension, term) for term in terms))
        records = max(await self._size(query), *having, 1)
        return {
            term: weight * rarity(records, count)
            for (term, weight), count in zip(terms.items(), having, strict=True)
        }

    async def _count(self, query: Query, dimension: int, term: int) -> int:
        """How many records have a term."""
        if (known := self._known(query.place, term)) is not None:
            return known
        async with self._free:
            asked = replace(query, ask=words_alone({term: 1.0}, dimension), filter=None)
            count = sum(score > _ANY for _, score in await asked.best(MAX_RESULTS))
        (self._having if count else self._nobody)[query.place, term] = count
        return count

    def _known(self, place: str, term: int) -> int | None:
        counted = self._having.get((place, term))
        return self._nobody.get((place, term)) if counted is None else counted

    async def _size(self, query: Query) -> int:
        if query.place not in self._records:
            stats = await call(query.index.describe_index_stats(), query.timeout)
            if query.place not in stats.namespaces:
                return 0
            self._records[query.place] = stats.namespaces[query.place].vector_count
        return self._records[query.place]


def words_alone(weights: Terms, dimension: int) -> dict[str, Any]:
    """A query whose scores are those of the words: an index of dense vectors wants a dense one in each."""
    return {
        "vector": [_SCARCE] + [0.0] * (dimension - 1),
        "sparse_vector": {"indices": list(weights), "values": list(weights.values())},
    }

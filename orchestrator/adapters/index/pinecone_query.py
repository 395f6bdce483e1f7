"""One query of Pinecone: until it knows a write, and until what it found too widely has been looked at."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pinecone.async_client.async_index import AsyncIndex

from orchestrator.adapters.index.pinecone_calls import call
from orchestrator.adapters.index.pinecone_filter import EVERYTHING, NOTHING, narrowing
from orchestrator.adapters.index.pinecone_lsn import indexed
from orchestrator.adapters.index.pinecone_metadata import attributes_of
from orchestrator.domain.errors import Unavailable
from orchestrator.domain.filter import Filter
from orchestrator.domain.fulfils import fulfils

MAX_RESULTS = 10_000
"""Pinecone's largest top_k."""

_FETCH_LETTERS = 4_000  # of ids in a URL
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked of a namespace: `ask` holds the vectors. `since`: the number of the write to be seen.

    `timeout` and `patience` in seconds.
    """

    index: AsyncIndex
    place: str
    ask: Mapping[str, Any]
    filter: Filter | None
    since: int | None
    timeout: float
    patience: float

    async def best(self, wanted: int) -> list[tuple[str, float]]:
        """The best records, at most as many as wanted, with their scores. Raises domain errors."""
        narrowed = narrowing(self.filter)
        if narrowed.filter is NOTHING or wanted < 1:
            return []
        filter = None if narrowed.filter is EVERYTHING else narrowed.filter
        # What has to be looked at once more leaves out some of what is found.
        top = wanted if narrowed.exact else min(4 * wanted, MAX_RESULTS)
        while True:
            found = await self._fresh({**self.ask, "top_k": top, "filter": filter})
            if narrowed.exact:
                return found
            checked = await self._checked(found)
            if len(checked) >= wanted or len(found) < top or top == MAX_RESULTS:
                return checked[:wanted]
            top = min(4 * top, MAX_RESULTS)

    async def _fresh(self, ask: Mapping[str, Any]) -> list[tuple[str, float]]:
        """Asks until the answer knows the write."""
        until, pause = time.monotonic() + self.patience, _FIRST_PAUSE
        while True:
            answer = await call(self.index.query(namespace=self.place, **ask), self.timeout)
            if self.since is None or indexed(answer.response_info) >= self.since:
                return [(match.id, match.score) for match in answer.matches]
            if time.monotonic() + pause > until:
                raise Unavailable(
                    "the vector index does not know the write of this token yet",
                    reason="WRITE_NOT_VISIBLE_YET",
                    retry_after=1.0,
                )
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _checked(self, found: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
        """Those whose attributes fulfil the filter."""
        fulfilling, check = set[str](), checker(self.filter)
        for ids in _in_urls([name for name, _ in found]):
            answer = await call(self.index.fetch(ids=ids, namespace=self.place), self.timeout)
            fulfilling.update(id for id, record in answer.vectors.items() if check(record))
        return [each for each in found if each[0] in fulfilling]


def checker(filter: Filter | None) -> Callable[[Any], bool]:
    """Whether a record that Pinecone answered fulfils a filter."""
    if filter is None:
        return lambda record: True
    return lambda record: fulfils(attributes_of(record.metadata or {}), filter)


def _in_urls(ids: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    letters = 0
    for id in ids:
        if part and letters + len(id) > _FETCH_LETTERS:
            yield part
            part, letters = [], 0
        part.append(id)
        letters += len(id) + 5
    if part:
        yield part

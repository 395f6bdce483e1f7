"""Ranks by an embedding and by words together."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from orchestrator.application.fusion import Candidate, Hybrid, fuse, reciprocal
from orchestrator.application.ports import Neighbour, Ports, WordMatch
from orchestrator.application.ranking import MAX_RANK, Hit, Ranking, Stopwatch
from orchestrator.domain.lexical import Terms
from orchestrator.domain.names import parse_embedded

DEPTH = 1_000
"""So many of the best of each order are fused; behind them follow the others, in the embedding's order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """What was fused. `whole`: nothing follows. `all_words`: who has no score has none of the words."""

    candidates: Sequence[Candidate]
    names: frozenset[str]
    whole: bool
    all_words: bool


@dataclass(kw_only=True)
class HybridRanking:
    """A ranking by an embedding, fused with one by words. Each first page costs both, DEPTH deep."""

    ranking: Ranking
    terms: Terms
    how: Hybrid
    _fused: Fused | None = field(default=None, init=False)

    @property
    def ports(self) -> Ports:
        """Those of the ranking by embedding."""
        return self.ranking.ports

    @property
    def clock(self) -> Stopwatch:
        """What its stages are measured by."""
        return self.ranking.clock

    async def page(self, rank: int, size: int) -> tuple[list[Hit], int | None]:
        """As `Ranking.page`. Hits below the least relevance are passed over: the order is not relevance's."""
        fused = self._fused = self._fused or await self._fuse()
        hits: list[Hit] = []
        following: int | None = rank
        while following is not None and following < MAX_RANK:
            wanted = size - len(hits) + 1
            some, following = await self._from(fused, following, wanted)
            for hit in await self._hits(fused, some):
                if len(hits) == size:
                    return hits, hit.rank
                hits.append(hit)
        return hits, None

    async def _fuse(self) -> Fused:
        near: Sequence[Neighbour] = ()
        worded: Sequence[WordMatch] = ()
        if self.how.by_vector:
            near = await self.ranking.neighbours(0, DEPTH)
        if self.how.by_words:
            worded = await self.ranking.worded(self.terms, DEPTH)
        candidates = fuse(near, worded, self.how)
        return Fused(
            candidates=[each for each in candidates if each.cosine is None or self._relevant(each.cosine)],
            names=frozenset(each.name for each in candidates),
            whole=len(near) < DEPTH or not self._relevant(near[-1].cosine),
            all_words=self.how.by_words and len(worded) < DEPTH,
        )

    async def _from(
        self, fused: Fused, rank: int, wanted: int
    ) -> tuple[list[tuple[int, Candidate]], int | None]:
        """The candidates from a rank on, each with its own, and the rank behind them; None: no more."""
        count = len(fused.candidates)
        if rank < count:
            some = list(enumerate(fused.candidates[rank : rank + wanted], rank))
            behind = rank + len(some)
            return some, None if behind == count and fused.whole else behind
        if fused.whole:
            return [], None
        # A rank behind those that were fused is one of the embedding's order, behind DEPTH.
        start = DEPTH + rank - count
        limit = min(wanted, MAX_RANK - start)
        near = await self.ranking.neighbours(start, limit) if limit > 0 else []
        some = [
            (
                rank + place,
                Candidate(name=each.name, score=self._score_at(start + place), cosine=each.cosine),
            )
            for place, each in enumerate(near)
            if each.name not in fused.names
        ]
        more = 0 < limit == len(near) and self._relevant(near[-1].cosine)
        return some, rank + len(near) if more else None

    def _relevant(self, cosine: float) -> bool:
        return self.ranking.calibration.relevance(cosine) >= self.ranking.min_relevance

    def _score_at(self, place: int) -> float:
        """What is behind all that was fused, and has no words, scores."""
        return 0.0 if self.how.weighted else reciprocal(place + 1) / 2

    async def _hits(self, fused: Fused, some: Sequence[tuple[int, Candidate]]) -> list[Hit]:
        """Those that are there, and relevant. What only words found has the cosine of its kept vector."""
        distant = [parse_embedded(each.name) for _, each in some if each.cosine is None]
        kept = await self.ports.catalog.get_vectors(distant) if distant else {}
        cosines = {
            str(name): float(np.clip(stored.vector @ self.ranking.vector, -1.0, 1.0))
            for name, stored in kept.items()
        }
        known = [
            (rank, each, cosines.get(each.name) if each.cosine is None else each.cosine)
            for rank, each in some
        ]
        there = [(rank, each, cosine) for rank, each, cosine in known if cosine is not None]
        near = [Neighbour(name=each.name, cosine=cosine) for _, each, cosine in there]
        shown = await self.ranking.hits(near, [rank for rank, _, _ in there])
        unsaid = 0.0 if fused.all_words else None
        return [
            replace(hit, score=each.score, lexical=unsaid if each.lexical is None else each.lexical)
            for (_, each, _), hit in zip(there, shown, strict=True)
            if hit is not None and hit.relevance >= self.ranking.min_relevance
        ]

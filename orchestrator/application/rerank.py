"""Orders the best hits of a text anew, by what an image-text matcher says of them."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.application.match_hits import match_hits
from orchestrator.application.ports import Matcher, Ports
from orchestrator.application.ranking import Hit, Page, Ranked
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import (
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    ResourceExhausted,
    Unavailable,
)

STAGE = "rerank"
DEFAULT_CANDIDATES, MAX_CANDIDATES = 20, 100
MATCHER_WEIGHT, VECTOR_WEIGHT = 0.7, 0.3
ANSWER_SECONDS = 0.1
"""What is left of the caller's time when reranking gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerank:
    """How the best hits are ordered anew: `candidates` of them, 0 for 20 and at most 100.

    A hit's score becomes `matcher_weight` times the matcher's probability and `vector_weight` times the
    score that it had: the cosine, or what was fused. `allow_skip`: without a matcher that answers, the order
    that there is will do.
    """

    candidates: int = 0
    matcher_weight: float = MATCHER_WEIGHT
    vector_weight: float = VECTOR_WEIGHT
    allow_skip: bool = False


def check_rerank(rerank: Rerank) -> None:
    """Raises InvalidArgument for numbers that order nothing."""
    if not 0 <= rerank.candidates <= MAX_CANDIDATES:
        raise InvalidArgument.field("rerank_options.candidates", f"must be from 0 to {MAX_CANDIDATES}")
    weights = {"matcher_weight": rerank.matcher_weight, "vector_weight": rerank.vector_weight}
    for name, weight in weights.items():
        if not (math.isfinite(weight) and weight >= 0):
            raise InvalidArgument.field(f"rerank_options.{name}", "must be finite, and not negative")
    if not any(weights.values()):
        raise InvalidArgument.field("rerank_options.matcher_weight", "both weights are 0")


def matcher_of(ports: Ports, collection: Collection) -> Matcher:
    """The matcher that a collection names, else its embedder's pack's own.

    Raises FailedPrecondition where there is none installed.
    """
    pack = collection.matcher or collection.embedder
    try:
        return ports.models.matcher(pack)
    except InvalidArgument as error:
        raise FailedPrecondition(
            f"{collection.name} has no matcher to rerank with: the pack {pack} has none installed",
            reason="NO_MATCHER",
            metadata={"collection": str(collection.name), "pack": pack},
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Reranking:
    """A ranking whose best hits are ordered anew; the others follow in its own order.

    Those have no smaller a score than the others, and no weight is negative: with nothing for a match, the
    others' scores stay below. `matcher` None: skipped. `deadline` as `time.monotonic` tells it.
    """

    ranking: Ranked
    text: str
    how: Rerank
    matcher: Matcher | None
    deadline: float | None

    async def page(self, cursor: Any, size: int) -> Page:
        """The page at a cursor of the page before: None, a rank of the index, or ["place" or "rank", N].

        The first page decides for all: where it skipped, so do the others; where it did not, they raise
        DeadlineExceeded or what the matcher raises. Raises Unavailable, ResourceExhausted.
        """
        match cursor:
            case int(rank):
                hits, next_rank = await self.ranking.page(rank, size)
                return Page(hits=hits, cursor=next_rank, skipped=(STAGE,))
            case ["rank", rank]:
                return await self._page([], 0, rank, size)
            case ["place", place]:
                head, rank = await self._head()
                return await self._page(await self._reordered(head), place, rank, size)
        head, rank = await self._head()
        try:
            ordered = await self._reordered(head)
        except DeadlineExceeded:
            return await self._skipped(head, rank, size)
        except (Unavailable, ResourceExhausted, FailedPrecondition):
            if not self.how.allow_skip:
                raise
            return await self._skipped(head, rank, size)
        return await self._page(ordered, 0, rank, size)

    async def _head(self) -> tuple[list[Hit], int | None]:
        return await self.ranking.page(0, self.how.candidates or DEFAULT_CANDIDATES)

    async def _reordered(self, head: Sequence[Hit]) -> list[Hit]:
        if self.matcher is None:
            raise FailedPrecondition("there is no matcher", reason="NO_MATCHER")
        left = None if self.deadline is None else self.deadline - time.monotonic() - ANSWER_SECONDS
        with self.ranking.clock.stage(STAGE):
            matches = await match_hits(self.ranking.ports, self.matcher, self.text, head, left)
        scored = [self._scored(hit, match) for hit, match in zip(head, matches, strict=True)]
        return sorted(scored, key=lambda hit: (-hit.score, hit.rank))

    def _scored(self, hit: Hit, match: float | None = None) -> Hit:
        score = self.how.matcher_weight * (match or 0.0) + self.how.vector_weight * hit.score
        return replace(hit, match=match, score=score)

    async def _page(self, ordered: list[Hit], place: int, rank: int | None, size: int) -> Page:
        """From a place among those in a new order on, and then from a rank on."""
        hits, end = ordered[place : place + size], place + size
        if end < len(ordered):
            return Page(hits=hits, cursor=["place", end])
        if rank is not None and len(hits) < size:
            more, rank = await self.ranking.page(rank, size - len(hits))
            hits += [self._scored(hit) for hit in more]
        return Page(hits=hits, cursor=None if rank is None else ["rank", rank])

    async def _skipped(self, head: list[Hit], rank: int | None, size: int) -> Page:
        hits = head[:size]
        if len(head) > size:
            rank = head[size].rank
        elif rank is not None and len(hits) < size:
            more, rank = await self.ranking.page(rank, size - len(hits))
            hits += more
        return Page(hits=hits, cursor=rank, skipped=(STAGE,))

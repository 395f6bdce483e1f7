"""Merges rankings of several kinds into one: reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009).

Cosines of two pictures, of two texts, and of a picture and a text lie on scales of their own; ranks do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.application.ranking import Hit, Page, Ranked

CONSTANT = 60
"""The k of 1 / (k + rank), as published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging:
    """Rankings of different kinds. Of equal scores, the hit of the ranking named first goes first."""

    rankings: Sequence[Ranked]

    async def page(self, cursor: Any, size: int) -> Page:
        """The page at a cursor of the page before: None, or of each ranking the rank in the index at which it
        goes on (None: it has ended) and how many of its hits were answered."""
        places: list[tuple[int | None, int]] = cursor or [(0, 0)] * len(self.rankings)
        candidates: list[tuple[float, int, Hit]] = []
        ends: list[int | None] = []
        for number, (ranking, (rank, before)) in enumerate(zip(self.rankings, places, strict=True)):
            hits, end = ([], None) if rank is None else await ranking.page(rank, size)
            ends.append(end)
            for place, hit in enumerate(hits, before + 1):
                score = 1 / (CONSTANT + place)
                candidates.append((-score, number, replace(hit, score=score)))
        candidates.sort(key=lambda each: each[:2])
        left, page = candidates[size:], candidates[:size]
        following = []
        for number, (_, before) in enumerate(places):
            own_left = [hit.rank for _, of, hit in left if of == number]
            answered = sum(of == number for _, of, _ in page)
            following.append((min(own_left, default=ends[number]), before + answered))
        ended = all(rank is None for rank, _ in following)
        return Page(hits=[hit for _, _, hit in page], cursor=None if ended else following)

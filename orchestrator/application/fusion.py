"""Fuses two orders of the index, by an embedding and by words, into one."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.application.ports import Neighbour, WordMatch
from orchestrator.domain.errors import InvalidArgument

RRF_CONSTANT = 60
"""k of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)."""

_TELLING = 0.1
"""The share of the best words' score from which on a rank by words counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hybrid:
    """How much each order counts. Both 0: by reciprocal rank fusion, which knows ranks alone.

    With weights a score is the weighted mean of two parts: the cosine, from 0 for the least of those that
    are fused to 1 for the greatest, and the words' score as a share of the best one. What has no place in an
    order has 0 of its part; an order without a weight is not asked.
    """

    vector_weight: float = 0.0
    lexical_weight: float = 0.0

    @property
    def by_vector(self) -> bool:
        """Whether the embedding is asked."""
        return bool(self.vector_weight) or not self.lexical_weight

    @property
    def by_words(self) -> bool:
        """Whether words are asked."""
        return bool(self.lexical_weight) or not self.vector_weight

    @property
    def weighted(self) -> bool:
        """Whether weights are given."""
        return bool(self.vector_weight or self.lexical_weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One that was fused; `score` from 0 to 1. `cosine` and `lexical` None: it has no place in that order."""

    name: str
    score: float
    cosine: float | None = None
    lexical: float | None = None


def check_hybrid(hybrid: Hybrid) -> None:
    """Raises InvalidArgument for weights that are none."""
    for name in ("vector_weight", "lexical_weight"):
        weight = getattr(hybrid, name)
        if not (math.isfinite(weight) and weight >= 0):
            raise InvalidArgument.field(f"hybrid.{name}", "must be finite, and not negative")


def fuse(near: Sequence[Neighbour], worded: Sequence[WordMatch], how: Hybrid) -> list[Candidate]:
    """Both orders in one, the best first; of equal scores the nearer, then by name."""
    cosines = {each.name: each.cosine for each in near}
    lexicals = {each.name: each.score for each in worded}
    found_by = cosines | lexicals
    if how.weighted:
        parts = ((how.vector_weight, _spread(cosines)), (how.lexical_weight, _shares(lexicals)))
    else:
        said = _telling(lexicals)
        found_by = cosines | said
        parts = ((1.0, _reciprocal(cosines)), (1.0, _reciprocal(said)))
    total = sum(weight for weight, _ in parts)
    found = [
        Candidate(
            name=name,
            score=sum(weight * part.get(name, 0.0) for weight, part in parts) / total,
            cosine=cosines.get(name),
            lexical=lexicals.get(name),
        )
        for name in found_by
    ]
    return sorted(found, key=lambda each: (-each.score, -_nearness(each), each.name))


def reciprocal(rank: int) -> float:
    """What a rank counts, 1 for the first, which is 1."""
    return (RRF_CONSTANT + 1) / (RRF_CONSTANT + rank)


def _reciprocal(scores: Mapping[str, float]) -> dict[str, float]:
    """By rank alone; equals have the rank of the first of them."""
    found: dict[str, float] = {}
    rank, before = 0, math.inf
    for place, (name, score) in enumerate(scores.items(), 1):
        if round(score, 6) != before:
            rank, before = place, round(score, 6)
        found[name] = reciprocal(rank)
    return found


def _telling(lexicals: Mapping[str, float]) -> dict[str, float]:
    """Without those that share only words which say next to nothing, such as "a": a rank would not tell."""
    least = _TELLING * max(lexicals.values(), default=0.0)
    return {name: score for name, score in lexicals.items() if score >= least}


def _spread(cosines: Mapping[str, float]) -> dict[str, float]:
    least, most = min(cosines.values(), default=0.0), max(cosines.values(), default=0.0)
    if most == least:
        return dict.fromkeys(cosines, 1.0)
    return {name: (cosine - least) / (most - least) for name, cosine in cosines.items()}


def _shares(lexicals: Mapping[str, float]) -> dict[str, float]:
    most = max(lexicals.values(), default=1.0)
    return {name: score / most for name, score in lexicals.items()}


def _nearness(candidate: Candidate) -> float:
    return -2.0 if candidate.cosine is None else candidate.cosine

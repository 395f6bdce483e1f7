"""What a description means, as a vector: things, how many of each, where they lie, before which ground.

Every concept, every kind of ground and every count above one has a vector; they add up. A place turns the
vector of what lies there by a matrix, which has the other sign for the opposite place, so that "a dog left of
a cat" and "a cat left of a dog" differ (a tensor product binding: Smolensky, 1990). The image tower learns
towards such vectors, and the text tower is fitted to them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from model_repository.train.backgrounds import KINDS

OPERATORS = ("plain", "two", "three", "left", "right", "above", "below")
PLAIN, TWO, THREE, LEFT, RIGHT, ABOVE, BELOW = range(len(OPERATORS))
TERMS = 5  # of a meaning at most: four things and the ground
# Of the ground, beside things that weigh one together. More, and pictures before one ground are alike.
GROUND_WEIGHT = 0.2
_SLIGHT = 0.3  # how long what is added to a thing's vector is to begin with

Term = tuple[int, int]  # operator, concept
Meaning = dict[Term, float]


def ground(concepts: int, kind: str) -> Term:
    """The term that says which kind of ground there is, behind a vocabulary of so many ``concepts``."""
    return PLAIN, concepts + KINDS.index(kind)


class Meanings(nn.Module):
    """Anchors of concepts and grounds ``(concepts + grounds, D)``, vectors of counts ``(2, D)`` and matrices
    of places ``(2, D, D)``, across and down."""

    def __init__(self, anchors: Tensor) -> None:
        """``anchors`` ``(concepts, D)``; the others begin at random."""
        super().__init__()
        dimension = anchors.shape[1]
        grounds = functional.normalize(torch.randn(len(KINDS), dimension), dim=-1)
        self.anchors = nn.Parameter(torch.cat([anchors, grounds]))
        self.counts = nn.Parameter(functional.normalize(torch.randn(2, dimension), dim=-1) * _SLIGHT)
        self.places = nn.Parameter(torch.randn(2, dimension, dimension) * _SLIGHT / dimension**0.5)

    def concepts(self) -> Tensor:
        """L2-normalised anchors of the things alone ``(concepts, D)``."""
        return functional.normalize(self.anchors[: -len(KINDS)], dim=-1)

    def everything(self) -> Tensor:
        """L2-normalised anchors of things and grounds ``(concepts + grounds, D)``."""
        return functional.normalize(self.anchors, dim=-1)

    def vectors(self, operators: Tensor, concepts: Tensor, weights: Tensor) -> Tensor:
        """L2-normalised vectors ``(…, D)`` of meanings: int64 ``operators`` and ``concepts`` and float32
        ``weights``, each ``(…, TERMS)``, a weight of nought where there are fewer terms."""
        terms = self.everything()[concepts] * weights[..., None]
        total = terms.sum(-2)
        for operator, vector in zip((TWO, THREE), self.counts, strict=True):
            total = total + (weights * (operators == operator)).sum(-1, keepdim=True) * vector
        for (here, there), matrix in zip(((LEFT, RIGHT), (ABOVE, BELOW)), self.places, strict=True):
            sign = (operators == here).float() - (operators == there).float()
            total = total + (terms * sign[..., None]).sum(-2) @ matrix
        return functional.normalize(total, dim=-1, eps=1e-6)


def pack_meanings(meanings: Sequence[Meaning], terms: int = TERMS) -> tuple[Tensor, Tensor, Tensor]:
    """Operators, concepts and weights ``(N, terms)`` for ``Meanings.vectors``; of a longer meaning the
    weightiest terms."""
    operators = torch.zeros(len(meanings), terms, dtype=torch.int64)
    concepts, weights = operators.clone(), torch.zeros(len(meanings), terms)
    for row, meaning in enumerate(meanings):
        chosen = sorted(meaning.items(), key=lambda item: -item[1])[:terms]
        for column, ((operator, concept), weight) in enumerate(chosen):
            operators[row, column], concepts[row, column], weights[row, column] = operator, concept, weight
    return operators, concepts, weights


def of_things(concepts: Sequence[int]) -> Meaning:
    """What "a dog and two cats" means: each concept once, with its count, weights that sum to one."""
    different = list(dict.fromkeys(concepts))
    counted = {place: concepts.count(place) for place in different}
    return {(min(count, 3) - 1, place): 1 / len(different) for place, count in counted.items()}


def of_pair(first: int, second: int, relation: int) -> Meaning:
    """What "first left of second" means; ``relation`` is LEFT or ABOVE."""
    return {(relation, first): 0.5, (relation + 1, second): 0.5}


def alternatives(truth: Meaning, chosen: str, concepts: int) -> list[Meaning]:
    """``truth`` and what else it could have been but for the ``chosen`` attribute alone: "ground", "count"
    (of its only thing) or "relation" (of its two)."""
    if chosen == "count":
        ((operator, place), _), *_ = truth.items()
        others = [value for value in (PLAIN, TWO, THREE) if value != operator]
        return [truth, *({(value, place): 1.0} for value in others)]
    if chosen == "relation":
        (first_place, first), (second_place, second) = truth
        swapped: Meaning = {(second_place, first): 0.5, (first_place, second): 0.5}
        turned = {LEFT: ABOVE, RIGHT: BELOW, ABOVE: LEFT, BELOW: RIGHT}
        across: Meaning = {(turned[first_place], first): 0.5, (turned[second_place], second): 0.5}
        return [truth, swapped, across]
    things = {term: weight for term, weight in truth.items() if term[1] < concepts}
    (true_ground,) = (term for term in truth if term[1] >= concepts)
    grounds = [(PLAIN, concepts + kind) for kind in range(len(KINDS))]
    return [truth, *({**things, term: GROUND_WEIGHT} for term in grounds if term != true_ground)]

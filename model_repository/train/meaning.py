"""What a description means, as a vector: things, how many of each, where they lie, before which ground.

Every concept, every kind of ground and every count above one has a vector; they add up. A place turns the
vector of what lies there by a matrix, which has the other sign for the opposite place, so that "a dog left of
a cat" and "a cat left of a dog" differ (a tensor product binding: Smolensky, 1990). The image tower learns
towards such vectors, and the text tower is fitted to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from model_repository.train.backgrounds import KINDS

OPERATORS = ("plain", "two", "three", "left", "right", "above", "below")
PLAIN, TWO, THREE, LEFT, RIGHT, ABOVE, BELOW = range(len(OPERATORS))
CONTRASTS = 4  # meanings that something is compared with: the true one and up to three others
TERMS = 5  # of a meaning at most: four things and the ground
# Of the ground, beside things that weigh one together: a text stresses what pictures bear a share of, so that
# it finds its ground, and yet pictures before one ground are not alike.
GROUND_WEIGHT, GROUND_SHARE = 0.4, 0.25

Term = tuple[int, int]  # operator, concept
Meaning = dict[Term, float]


def ground(concepts: int, kind: str) -> Term:
    """The term that says which kind of ground there is, behind a vocabulary of so many ``concepts``."""
    return PLAIN, concepts + KINDS.index(kind)


def pack_meanings(
    meanings: Sequence[Meaning], terms: int = TERMS
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Operators, concepts and weights ``(N, terms)`` for ``Meanings.vectors``; of a longer meaning the
    weightiest terms."""
    operators = np.zeros((len(meanings), terms), np.int64)
    concepts, weights = operators.copy(), np.zeros((len(meanings), terms), np.float32)
    for row, meaning in enumerate(meanings):
        chosen = sorted(meaning.items(), key=lambda item: -item[1])[:terms]
        for column, ((operator, concept), weight) in enumerate(chosen):
            operators[row, column], concepts[row, column], weights[row, column] = operator, concept, weight
    return operators, concepts, weights


def pad_contrasts(contrasts: Iterable[Sequence[Meaning]]) -> list[Meaning]:
    """Each row's contrasts, CONTRASTS of them, in one list: empty meanings where a row has fewer."""
    return [row[place] if place < len(row) else {} for row in contrasts for place in range(CONTRASTS)]


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
    return [truth, *({**things, term: truth[true_ground]} for term in grounds if term != true_ground)]

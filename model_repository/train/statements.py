"""What is said of a picture, rightly and wrongly: what a matcher learns to tell apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model_repository.train.backgrounds import KINDS
from model_repository.train.captions import GROUNDS, article, counted, listed, relation_told
from model_repository.train.concepts import Concept
from model_repository.train.meaning import ABOVE, LEFT, PLAIN, THREE, TWO, Meaning
from model_repository.train.texts import Phrasebook, framed
from model_repository.train.views import View

_COUNTS = {PLAIN: 1, TWO: 2, THREE: 3}
_RELATIONS = {LEFT: "left", ABOVE: "above"}
_ATTRIBUTE, _DESCRIPTION, _NEAR = 0.4, 0.3, 0.7  # shares of statements


def sentence(meaning: Meaning, concepts: Sequence[Concept], rng: np.random.Generator) -> str:
    """A meaning in words."""
    things = [(operator, place) for operator, place in meaning if place < len(concepts)]
    first = next(((operator, place) for operator, place in things if operator in _RELATIONS), None)
    if first is not None:
        (second,) = (place for term in things if term != first for place in term[1:])
        names = concepts[first[1]].name, concepts[second].name
        told = relation_told(*names, _RELATIONS[first[0]])
    else:
        bare = rng.random() < 0.2
        names_of = [(concepts[place].name, _COUNTS[operator]) for operator, place in things]
        told = listed([name if bare and count == 1 else counted(name, count) for name, count in names_of])
    ground = next((place - len(concepts) for _, place in meaning if place >= len(concepts)), None)
    return told if ground is None else f"{told} {GROUNDS[KINDS[ground]]}"


def statements(
    view: View, book: Phrasebook, near: NDArray[np.int64], rng: np.random.Generator
) -> tuple[str, str]:
    """A text that fits the view and one that does not, by little: another count, place or ground, or another
    thing. ``near`` int64 ``(concepts, K)`` are the concepts whose names are most like each one's."""
    if len(view.contrasts) > 1 and rng.random() < _ATTRIBUTE:
        truth, *others = view.contrasts
        wrong = others[int(rng.integers(len(others)))]
        return (
            framed(sentence(truth, book.concepts, rng), rng),
            framed(sentence(wrong, book.concepts, rng), rng),
        )
    shown = list(dict.fromkeys(view.concepts))
    chosen = [shown[place] for place in rng.permutation(len(shown))[: int(rng.integers(1, 3))]]
    changed = int(rng.integers(len(chosen)))
    other = _other(chosen[changed], shown, near, rng)
    if len(chosen) == 1 and rng.random() < _DESCRIPTION:
        right, wrong_phrase = book.described(chosen[0], rng), book.described(other, rng)
        if not any(place in shown for _, place in wrong_phrase.meaning):
            return right.text, wrong_phrase.text
    swapped = [other if place == changed else concept for place, concept in enumerate(chosen)]
    names = (listed([article(book.concepts[place].name) for place in each]) for each in (chosen, swapped))
    right_text, wrong_text = (framed(name, rng) for name in names)
    return right_text, wrong_text


def _other(concept: int, shown: list[int], near: NDArray[np.int64], rng: np.random.Generator) -> int:
    while True:
        close = rng.random() < _NEAR
        found = int(near[concept, int(rng.integers(near.shape[1]))] if close else rng.integers(len(near)))
        if found not in shown:
            return found

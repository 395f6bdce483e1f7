"""Views by the batch, as the towers take them: a stream that follows from its seed, and where it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_repository.train import meaning
from model_repository.train.concepts import Stock
from model_repository.train.scenes import Painter
from model_repository.train.views import UNKNOWN, View, counted_family, swapped_family, twin_family, view

MOST_THINGS = 5
EASY_VIEWS, LEAST_EASE = 25_000, 0.1  # over so many views the share of easy ones falls to so much


@dataclass(frozen=True, slots=True)
class Batch:
    """N views: ``pixels`` uint8 ``(N, S, S, 3)``; ``concepts`` int64 ``(N, 5)``, UNKNOWN where there are
    fewer; ``patches`` int64 ``(N, 64)``; of the contrasts, the true one first, ``operators`` and ``terms``
    int64 ``(N, 4, TERMS)`` and ``weights`` float32, all nought where there are fewer; ``family`` int64
    ``(N,)``, the same number for views that differ in one attribute alone, and ``twin`` int64 ``(N,)``, the
    row of another drawing of the same thing, each UNKNOWN for all others."""

    pixels: NDArray[np.uint8]
    concepts: NDArray[np.int64]
    patches: NDArray[np.int64]
    operators: NDArray[np.int64]
    terms: NDArray[np.int64]
    weights: NDArray[np.float32]
    family: NDArray[np.int64]
    twin: NDArray[np.int64]


def draw_views(
    stock: Stock,
    painter: Painter,
    seed: int,
    first: int,
    count: int,
    near: NDArray[np.int64] | None = None,
) -> tuple[list[View], NDArray[np.int64], NDArray[np.int64]]:
    """Views ``first`` … of the stream that ``seed`` starts, up to a quarter of them families and, with
    ``near``, half of them twins; and each one's family and twin, as in ``Batch``."""
    room = count // 4
    families = [counted_family] * (room // 5)
    families += [swapped_family] * ((room - 3 * len(families)) // 2)
    views: list[View] = []
    family = np.full(count, UNKNOWN, np.int64)
    for number, make in enumerate(families):
        made = make(stock, painter, np.random.default_rng([seed, first, number]))
        family[len(views) : len(views) + len(made)] = number
        views += made
    twin = np.full(count, UNKNOWN, np.int64)
    for number in range(room // 2):
        if near is None:
            break
        made = twin_family(stock, painter, near, np.random.default_rng([seed, first, 100 + number]))
        place = len(views)
        twin[place : place + 4] = place + np.array([1, 0, 3, 2])
        views += made
    for row in range(first + len(views), first + count):
        ease = max(LEAST_EASE, 1 - row / EASY_VIEWS)
        views.append(view(stock, painter, np.random.default_rng([seed, row]), ease))
    return views, family, twin


def batch(
    stock: Stock,
    painter: Painter,
    seed: int,
    first: int,
    count: int,
    near: NDArray[np.int64] | None = None,
) -> Batch:
    """As ``draw_views``, packed."""
    views, family, twin = draw_views(stock, painter, seed, first, count, near)
    concepts = np.full((count, MOST_THINGS), UNKNOWN, dtype=np.int64)
    for row, each in enumerate(views):
        different = list(dict.fromkeys(each.concepts))
        concepts[row, : len(different)] = different
    padded = meaning.pad_contrasts(each.contrasts for each in views)
    operators, terms, weights = meaning.pack_meanings(padded)
    shape = (count, meaning.CONTRASTS, meaning.TERMS)
    return Batch(
        np.stack([each.pixels for each in views]),
        concepts,
        np.stack([each.patches for each in views]),
        operators.reshape(shape),
        terms.reshape(shape),
        weights.reshape(shape),
        family,
        twin,
    )

"""What the searches ask: texts and vectors, no two alike, the same in every run."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEED = 50_512
CLUSTERS = 500
SPREAD = 0.7
COLOURS = ("red", "green", "blue", "yellow", "white", "black", "brown", "grey")
THINGS = ("car", "tree", "house", "dog", "boat", "bridge", "tower", "horse", "bicycle", "table", "bird")
PLACES = ("street", "river", "field", "beach", "room", "garden", "station", "mountain")
WORDS = (*COLOURS, *THINGS, *PLACES, "a", "in", "the", "and", "near")


def texts(count: int) -> list[str]:
    """Short captions; each ends in a number of its own, so that no cache knows it."""
    draw = random.Random(SEED)
    return [
        f"a {draw.choice(COLOURS)} {draw.choice(THINGS)} and a {draw.choice(THINGS)} "
        f"in the {draw.choice(PLACES)} {number}"
        for number in range(count)
    ]


class VectorSource:
    """Unit vectors around a few hundred centres, as embeddings of real pictures crowd together."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._random = np.random.default_rng(SEED)
        self._centres = self._unit(self._random.normal(size=(CLUSTERS, dimension)))

    def draw(self, count: int) -> NDArray[np.float32]:
        """The next `count` vectors: (count, dimension) float32, L2-normalised."""
        chosen = self._centres[self._random.integers(0, CLUSTERS, count)]
        noise = self._unit(self._random.normal(size=(count, self._dimension)))
        return self._unit(chosen + SPREAD * noise).astype(np.float32)

    @staticmethod
    def _unit(rows: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))

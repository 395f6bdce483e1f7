"""Embeddings: vectors, the space that they live in, and what a cosine in it is worth."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float32]
"""(D,) float32, L2-normalised."""

Vectors: TypeAlias = NDArray[np.float32]
"""(N, D) float32, each row L2-normalised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingSpace:
    """What a vector is stamped with. Vectors compare only within one space."""

    pack: str
    revision: str
    preprocessing: str
    dimension: int

    @property
    def stamp(self) -> str:
        """A short text that is equal for equal spaces: `pack@revision+preprocessing`."""
        return f"{self.pack}@{self.revision}+{self.preprocessing}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A logistic fitted on held-out pairs: how likely a cosine means a match (Platt, 1999)."""

    scale: float
    bias: float
    threshold: float = 0.5

    def relevance(self, cosine: float) -> float:
        """The probability of a match, 0 to 1."""
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, self.scale * cosine + self.bias))))

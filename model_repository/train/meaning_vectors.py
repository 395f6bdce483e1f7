"""The vectors of meanings, learnt beside the image tower."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from model_repository.train.backgrounds import KINDS
from model_repository.train.meaning import (
    ABOVE,
    BELOW,
    LEFT,
    RIGHT,
    TERMS,
    THREE,
    TWO,
    Meaning,
    pack_meanings,
)

_SLIGHT = 0.3  # how long what is added to a thing's vector is to begin with


@torch.no_grad()
def nearest(vectors: Tensor, most: int = 12) -> NDArray[np.int64]:
    """Of each of some L2-normalised vectors ``(N, D)`` the others that are most like it: int64 ``(N, K)``, K
    at most ``most``."""
    cosines = (vectors @ vectors.T).fill_diagonal_(-1)
    return np.asarray(cosines.topk(min(most, len(vectors) - 1)).indices)


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

    def of(self, meanings: Sequence[Meaning], terms: int = TERMS) -> Tensor:
        """L2-normalised vectors ``(N, D)`` of meanings."""
        operators, concepts, weights = map(torch.as_tensor, pack_meanings(meanings, terms))
        return self.vectors(operators, concepts, weights)

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

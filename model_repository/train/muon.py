"""Muon (Keller Jordan, 2024) in float32: torch's own works in bfloat16, which most CPUs only emulate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn

_A, _B, _C = 3.4445, -4.7750, 2.0315  # the quintic that pulls singular values towards one


def orthogonalise(matrices: Tensor, steps: int = 5) -> Tensor:
    """The nearest semi-orthogonal matrices, roughly, of ``(K, M, N)`` by Newton-Schulz iterations."""
    wide = matrices.mT if matrices.shape[1] > matrices.shape[2] else matrices
    wide = wide / (wide.norm(dim=(1, 2), keepdim=True) + 1e-7)
    # The factor of every step is a polynomial in the Gram matrix, so all but the last work on that alone.
    gram = wide @ wide.mT
    identity = torch.eye(gram.shape[1])
    product = identity
    for step in range(steps):
        factor = _A * identity + _B * gram + _C * gram @ gram
        product = factor @ product
        if step < steps - 1:
            gram = factor @ gram @ factor
    wide = product @ wide
    narrow: Tensor = wide.mT if matrices.shape[1] > matrices.shape[2] else wide
    return narrow


class Muon(torch.optim.Optimizer):
    """Orthogonalised Nesterov momentum for matrices, its step's size matched to AdamW's (0.2 √max(M, N)
    lr)."""

    def __init__(
        self, matrices: Iterable[nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.05
    ):
        super().__init__(matrices, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Take one step. Matrices of one shape are handled together."""
        for group in self.param_groups:
            shapes: dict[tuple[int, ...], list[nn.Parameter]] = defaultdict(list)
            for matrix in group["params"]:
                if matrix.grad is not None:
                    shapes[tuple(matrix.shape)].append(matrix)
            for shape, matrices in shapes.items():
                updates = []
                for matrix in matrices:
                    state = self.state[matrix]
                    buffer = state.setdefault("momentum", torch.zeros_like(matrix))
                    gradient = cast(Tensor, matrix.grad)  # those without one were left out above
                    buffer.lerp_(gradient, 1 - group["momentum"])
                    updates.append(gradient.lerp(buffer, group["momentum"]))
                scale = 0.2 * max(shape) ** 0.5 * group["lr"]
                for matrix, update in zip(matrices, orthogonalise(torch.stack(updates)), strict=True):
                    matrix.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-scale)

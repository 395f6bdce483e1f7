"""Compares the staged models of a pack with torch: on ONNX Runtime, then on a Triton that serves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from model_repository.export.parity import ABSOLUTE, Case, Distance, Figure, check_onnx_runtime, check_triton
from model_repository.export.staged_triton import staged_triton


def check_staged(
    tree: Path,
    graphs: Mapping[str, Sequence[Case]],
    served: Mapping[str, Sequence[Case]],
    limit: float,
    triton: str | None,
    distance: Distance = ABSOLUTE,
) -> list[Figure]:
    """Every case of `graphs` on ONNX Runtime and, where they pass and a Triton runs, of `served` there: on
    the one at `triton` (`host:port` of its gRPC), or on a new one. Both are by the model's name."""
    figures = []
    for model, cases in graphs.items():
        figures += check_onnx_runtime(model, tree / model / "1" / "model.onnx", cases, limit, distance)
    if not all(figure.passes for figure in figures):
        return figures
    with staged_triton(tree, triton) as there:
        if there is not None:
            for model, cases in served.items():
                figures += check_triton(model, there.address, cases, limit, there.name(model), distance)
    return figures

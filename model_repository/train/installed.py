"""Reads the weights of an installed ONNX file back into the torch module that it was exported from.

The exporter renames, transposes, reshapes and joins weights. To learn where each went, the module is exported
once with a different number in every place; the file's own numbers then go back to where those came from.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

# float32 tells whole numbers of this binade apart, and no constant of a graph is likely to be one of them.
_FIRST, _END = 2**23, 2**24

Initialisers = dict[str, NDArray[np.generic]]


@torch.no_grad()
def read_installed(module: nn.Module, export: Callable[[Path], None], installed: Path) -> list[str]:
    """Give ``module`` the weights in the file ``installed``; ``export`` writes the module to a path.

    Returns the names, as in ``module.state_dict()``, of those that the file holds; the others stay as they
    were. ValueError where the module exports as another graph than the file's.
    """
    places = _places(module)
    before = {name: tensor.clone() for name, tensor in places.items()}
    starts, end = {}, _FIRST
    for name, tensor in places.items():
        starts[name] = end
        tensor.copy_(torch.arange(end, end + tensor.numel()).reshape(tensor.shape))
        end += tensor.numel()
    if end > _END:
        raise ValueError(f"{end - _FIRST} weights are more than can be told apart")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            export(Path(scratch) / "model.onnx")
            marked = onnx.load(Path(scratch) / "model.onnx")
    finally:
        for name, tensor in places.items():
            tensor.copy_(before[name])
    values = np.full(end - _FIRST, np.nan, np.float32)
    for marks, weights in _pairs(marked, onnx.load(installed)):
        if marks.dtype == np.float32 and marks.size and marks.min() >= _FIRST and marks.max() < end:
            values[marks.astype(np.int64) - _FIRST] = weights
    found = []
    for name, tensor in places.items():
        start = starts[name] - _FIRST
        own = values[start : start + tensor.numel()]
        if not np.isnan(own).any():
            tensor.copy_(torch.from_numpy(own.copy()).reshape(tensor.shape))
            found.append(name)
    return found


def _places(module: nn.Module) -> dict[str, Tensor]:
    """Float parameters and buffers by name, each storage once."""
    found: dict[int, tuple[str, Tensor]] = {}
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if tensor.dtype == torch.float32:
            found.setdefault(tensor.data_ptr(), (name, tensor))
    return dict(found.values())


def _pairs(
    marked: onnx.ModelProto, installed: onnx.ModelProto
) -> Iterator[tuple[NDArray[np.generic], NDArray[np.generic]]]:
    """Initialisers that stand in the same place of the same node."""
    ours, theirs = _initialisers(marked), _initialisers(installed)
    nodes, others = list(_nodes(marked.graph)), list(_nodes(installed.graph))
    if [node.op_type for node in nodes] != [node.op_type for node in others]:
        raise ValueError("the module exports as another graph than the installed file's")
    for node, other in zip(nodes, others, strict=True):
        for name, counterpart in zip(node.input, other.input, strict=True):
            if name in ours:
                if counterpart not in theirs or ours[name].shape != theirs[counterpart].shape:
                    raise ValueError(f"{name} is not in the installed file, or of another shape there")
                yield ours[name], theirs[counterpart]


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """Every node in its order, branches included."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            yield from _nodes(attribute.g)


def _initialisers(model: onnx.ModelProto) -> Initialisers:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}

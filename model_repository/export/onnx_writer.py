"""A torch module to one ONNX file that Triton's ONNX Runtime backend loads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from model_repository.export.checkpoint import CheckpointError

OPSET = 18
MAX_BYTES = 2**31 - 2**20  # protobuf's limit, and room for the nodes


def write_onnx(
    module: nn.Module,
    examples: Mapping[str, torch.Tensor],
    sizes: Mapping[str, Mapping[int, Any]],
    outputs: Sequence[str],
    path: Path,
) -> None:
    """Writes the module, weights included.

    `examples` are its inputs in their order, no two the same tensor; `sizes` are their dynamic dimensions, as
    `torch.export.Dim`. Raises `CheckpointError` for a module that is too large for one file.
    """
    size = sum(weights.numel() * weights.element_size() for weights in module.parameters())
    if size > MAX_BYTES:
        takes = " and ".join(examples)
        raise CheckpointError(f"what takes {takes} is {size / 1e9:.1f} GB, and one ONNX file holds 2.1 GB")
    program = torch.onnx.export(
        module.eval(),
        tuple(examples.values()),
        dynamo=True,
        opset_version=OPSET,
        input_names=list(examples),
        output_names=list(outputs),
        dynamic_shapes=tuple(dict(sizes.get(name, {})) for name in examples),
        external_data=False,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch exported nothing")
    graph = program.model.graph
    inner = [value for node in graph.all_nodes() for value in node.outputs]
    for value in [*inner, *graph.initializers.values()]:
        # An inner value, such as the look-up in an embedding table, may bear an output's name too.
        if value.name in outputs and not value.is_graph_output():
            value.name = f"inner_{value.name}"
    for node in graph.all_nodes():  # torch notes where its own sources and ours lie on this machine
        node.metadata_props.clear()
        node.doc_string = None
    program.save(path, external_data=False)

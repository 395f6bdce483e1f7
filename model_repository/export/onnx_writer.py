"""A torch module to an ONNX graph that Triton's ONNX Runtime backend loads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from model_repository.export import onnx_file

OPSET = 18


def write_onnx(
    module: nn.Module,
    examples: Mapping[str, torch.Tensor],
    sizes: Mapping[str, Mapping[int, Any]],
    outputs: Sequence[str],
    path: Path,
) -> None:
    """Writes the module, weights included; those of a large one into a second file, as `onnx_file` says.

    `examples` are its inputs in their order, no two the same tensor; `sizes` are their dynamic dimensions, as
    `torch.export.Dim`.
    """
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
    weights = [value.const_value for value in graph.initializers.values()]
    size = sum(each.nbytes for each in weights if each is not None)
    program.save(path, external_data=size > onnx_file.ONE_FILE_BYTES)

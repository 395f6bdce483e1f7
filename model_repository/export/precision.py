"""A pack's precision: exported float32 graphs as float16 for GPUs, or as dynamic int8 for CPUs."""

from __future__ import annotations

import logging
import tempfile
import tomllib
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Literal

import numpy as np
import onnx

from model_repository.export.onnx_file import write_graph
from model_repository.export.parity import ABSOLUTE, COSINE, Array, Distance

# float16 keeps 65504 at most: sums of squares stay float32.
_SUMS = ["ReduceL2", "ReduceSum", "ReduceSumSquare"]
# An angle of many turns, as SAM makes of a point, loses its place in float16.
_WAVES = ["Sin", "Cos"]


class Precision(StrEnum):
    """What a pack's graphs compute in. Inputs and outputs are the same in all."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"

    @property
    def instance_kind(self) -> Literal["KIND_AUTO", "KIND_CPU"]:
        """Where Triton runs its graphs: int8's are for a CPU."""
        return "KIND_CPU" if self is Precision.INT8 else "KIND_AUTO"

    def limit(self, fp32: float, converted: Distance = COSINE) -> tuple[float, Distance]:
        """How far an answer may be from torch's float32 one, and how that is measured: `fp32`, the family's
        own limit, to a digit; a converted graph's by what a caller sees of it."""
        return (fp32, ABSOLUTE) if self is Precision.FP32 else (ALLOWED[self][converted.name], converted)


def _match_distance(answer: Array, expected: Array) -> float:
    ours, theirs = (np.tanh((each[..., 1] - each[..., 0]) / 2) / 2 for each in (answer, expected))
    return float(np.max(np.abs(ours - theirs)))


MATCH = Distance("difference of P(match)", _match_distance)  # of logits: mismatch, match
MASKS = "1 − mean IoU"
SCORES = "mean difference"
TOKENS = "share of other tokens"
# float16 rounds to 11 bits, and a sound tower stays within 1e-4 of a cosine of 1; at ten times that, 2.6
# degrees, something was lost. A CPU computes float16 graphs in float32: what overflows on a GPU alone shows
# only where the gate's Triton has one. int8 rounds weights and activations to 8 bits: 0.01 is 8 degrees, and
# that in a direction of its own moves another vector's cosine by 0.02 at 64 dimensions.
ALLOWED = {
    Precision.FP16: {COSINE.name: 1e-3, MATCH.name: 1e-2, MASKS: 1e-2, SCORES: 1e-2, TOKENS: 1e-2},
    Precision.INT8: {COSINE.name: 1e-2, MATCH.name: 5e-2, MASKS: 5e-2, SCORES: 5e-2, TOKENS: 1e-1},
}


def chosen(asked: Precision | None, description: Path, part: str = "embedder") -> Precision:
    """What was asked for, else what the pack's description says of the part, else fp32."""
    if asked is not None:
        return asked
    described = tomllib.loads(description.read_text()) if description.exists() else {}
    return Precision(described.get(part, {}).get("precision", Precision.FP32))


def convert(graph: Path, precision: Precision) -> None:
    """Rewrites a float32 graph in place."""
    if precision is Precision.FP16:
        _halve(graph)
    elif precision is Precision.INT8:
        _quantize(graph)


def _halve(graph: Path) -> None:
    from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16
    from onnxruntime.transformers.onnx_model import OnnxModel

    model = onnx.load(graph, load_external_data=False)
    angles = _upstream(model.graph, _WAVES)
    # By its path: what is in memory it serialises to infer shapes, which protobuf refuses for a large one.
    converted = convert_float_to_float16(
        str(graph),
        keep_io_types=True,
        op_block_list=[*DEFAULT_OP_BLOCK_LIST, *_SUMS, *_WAVES],
        node_block_list=angles,
    )
    _rejoin(converted.graph)
    halved = OnnxModel(converted)
    halved.topological_sort(is_deterministic=True)  # its casts stand at the end
    write_graph(halved.model, graph)


def _upstream(graph: onnx.GraphProto, kinds: Collection[str]) -> list[str]:
    """The names of the nodes on which those of these kinds depend."""
    makers = {output: node for node in graph.node for output in node.output}
    waiting = [name for node in graph.node if node.op_type in kinds for name in node.input]
    found: set[str] = set()
    while waiting:
        node = makers.get(waiting.pop())
        if node is not None and node.name not in found:
            found.add(node.name)
            waiting.extend(node.input)
    return sorted(found)


def _rejoin(graph: onnx.GraphProto) -> None:
    """Takes out what the converter puts between two nodes that both stay float32, a cast to float16 and one
    back, and the casts that it repeats."""
    whole = {
        node.output[0]: node.input[0]
        for node in graph.node
        if node.name.endswith("_cast_to_fp16_node") or node.name.startswith("graph_input_cast")
    }
    renamed, kept = {}, {}
    for node in graph.node:
        if node.name.endswith("_cast_to_fp32_node") and node.input[0] in whole:
            renamed[node.output[0]] = whole[node.input[0]]
        else:
            kept[tuple(node.output)] = node
    for node in kept.values():
        node.input[:] = [renamed.get(name, name) for name in node.input]
    nodes = list(kept.values())
    del graph.node[:]
    graph.node.extend(nodes)


def _quantize(graph: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(graph)
    # Shapes are inferred anew: the quantizer turns a Gemm's weight about, and the old ones contradict it.
    del model.graph.value_info[:]
    grouped = []
    for number, node in enumerate(model.graph.node):
        node.name = node.name or f"node_{number}"
        if node.op_type == "Conv" and any(each.name == "group" and each.i > 1 for each in node.attribute):
            grouped.append(node.name)
    # A grouped convolution's few weights lie in as many ranges as there are groups, and one scale is for all.
    # Signed weights saturate on processors without VNNI, and unsigned ones on none.
    with tempfile.TemporaryDirectory(dir=graph.parent) as scratch:
        quantized = Path(scratch) / graph.name
        logging.disable(logging.WARNING)  # it remarks on all that it leaves as it is
        try:
            quantize_dynamic(
                model,
                quantized,
                weight_type=QuantType.QUInt8,
                nodes_to_exclude=grouped,
                use_external_data_format=True,
            )
        finally:
            logging.disable(logging.NOTSET)
        write_graph(onnx.load(quantized), graph)

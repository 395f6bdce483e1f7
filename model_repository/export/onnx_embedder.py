"""An image embedder that is ONNX already to `<pack>_image`: a pack without a text tower.

python -m model_repository.export.onnx_embedder --model mobilenet.onnx --pack mobilenet-v2
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from model_repository.export.checkpoint import CheckpointError
from model_repository.export.command import Told, install, parser_of
from model_repository.export.contrastive import image_config
from model_repository.export.contrastive_graphs import OUTPUT
from model_repository.export.install import staging
from model_repository.export.official_image import beyond
from model_repository.export.onnx_file import write_graph
from model_repository.export.parity import Case, gate
from model_repository.export.precision import Precision, chosen, convert
from model_repository.export.staged_parity import check_staged

INPUT = "pixels"
LIMIT = 1e-4  # of L2-normalised embeddings
LEAST_OPSET = 13  # ReduceSum takes its axes as an input since then
SMALLEST_NORM = 1e-12


class EmbedderError(CheckpointError):
    """The file is no image embedder that can be served. Its text is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxEmbedder:
    """A graph from `input`, UINT8 (N, S, S, 3), to `output`, FLOAT (N, D), of any norm."""

    model: onnx.ModelProto
    input: str
    output: str
    image_size: int
    dimension: int


def load_embedder(path: Path) -> OnnxEmbedder:
    """Reads and checks a file. Raises EmbedderError."""
    try:
        model = onnx.load(str(path))
        onnx.checker.check_model(model)
    except Exception as error:  # the parser and the checker raise what they like
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise EmbedderError(f"{path} is no ONNX model: {why}") from error
    opset = max((each.version for each in model.opset_import if each.domain in ("", "ai.onnx")), default=0)
    if opset < LEAST_OPSET:
        raise EmbedderError(f"{path} is of opset {opset}; at least {LEAST_OPSET} is needed")
    too_new = beyond({each.domain: each.version for each in model.opset_import}, model.ir_version)
    if too_new is not None:
        raise EmbedderError(f"{path} is of {too_new}")
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    if len(inputs) != 1 or len(model.graph.output) != 1:
        raise EmbedderError(
            f"{path} has {len(inputs)} inputs and {len(model.graph.output)} outputs, not one each"
        )
    pixels, embedding = _signature(inputs[0]), _signature(model.graph.output[0])
    if pixels.kind != TensorProto.UINT8 or len(pixels.dims) != 4 or pixels.dims[3] != 3:
        raise EmbedderError(f"{path}: {inputs[0].name} is not UINT8 [N, S, S, 3]")
    _, height, width, _ = pixels.dims
    if height is None or height != width:
        raise EmbedderError(f"{path}: {inputs[0].name} has no fixed square size")
    if embedding.kind != TensorProto.FLOAT or len(embedding.dims) != 2 or embedding.dims[1] is None:
        raise EmbedderError(f"{path}: {model.graph.output[0].name} is not FLOAT [N, D]")
    if pixels.dims[0] is not None:
        raise EmbedderError(
            f"{path} takes {pixels.dims[0]} pictures at a time: its first dimension must be free"
        )
    return OnnxEmbedder(
        model=model,
        input=inputs[0].name,
        output=model.graph.output[0].name,
        image_size=height,
        dimension=embedding.dims[1],
    )


def normalised(embedder: OnnxEmbedder) -> onnx.ModelProto:
    """The graph with the contract's names, its output divided by its L2 norm."""
    model = onnx.ModelProto()
    model.CopyFrom(embedder.model)
    graph = model.graph
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    raw = _unused(graph, "embedding_of_any_norm")
    new_names = {embedder.input: INPUT, embedder.output: raw}
    for name in (INPUT, OUTPUT):  # an inner value may bear a name of the contract
        if name not in new_names:
            new_names[name] = _unused(graph, f"inner_{name}")
    _rename(graph, new_names)
    squares, sums, norm, least, divisor = (
        _unused(graph, f"l2_{part}") for part in ("squares", "sums", "norm", "least", "divisor")
    )
    axes = _unused(graph, "l2_axes")
    graph.initializer.append(numpy_helper.from_array(np.array([1], np.int64), axes))
    graph.initializer.append(numpy_helper.from_array(np.array(SMALLEST_NORM, np.float32), least))
    graph.node.extend(
        [
            helper.make_node("Mul", [raw, raw], [squares]),
            helper.make_node("ReduceSum", [squares, axes], [sums], keepdims=1),
            helper.make_node("Sqrt", [sums], [norm]),
            helper.make_node("Max", [norm, least], [divisor]),
            helper.make_node("Div", [raw, divisor], [OUTPUT]),
        ]
    )
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["N", embedder.dimension]))
    onnx.checker.check_model(model)
    return model


def export_pack(
    embedder: OnnxEmbedder,
    *,
    pack: str,
    models: Path,
    packs: Path,
    description: dict[str, Any],
    general: dict[str, Any],
    triton: str | None = None,
    precision: Precision | None = None,
) -> str:
    """Normalises, converts, compares with the graph as it was, installs; the pack's revision.

    The precision is by default the installed pack's. `description` is what `[embedder]` says of preprocessing
    and relevance. Raises ParityError (drift), TritonFailed (it does not load); then nothing was installed.
    """
    name = f"{pack}_image"
    precision = chosen(precision, packs / f"{pack}.toml")
    limit, distance = precision.limit(LIMIT)
    with staging(pack, models, packs) as staged:
        version = staged.add_model(image_config(name, embedder.image_size, embedder.dimension, precision))
        write_graph(normalised(embedder), version / "model.onnx")
        convert(version / "model.onnx", precision)
        compared = {name: _cases(embedder)}
        gate(check_staged(staged.tree, compared, compared, limit, triton, distance))
        described = {
            "image_model": name,
            "dimension": embedder.dimension,
            "image_size": embedder.image_size,
            "precision": precision.value,
            "engine": "onnxruntime",
            **description,
        }
        return staged.install("embedder", described, {"title": pack, "description": "", **general})


def _cases(embedder: OnnxEmbedder) -> list[Case]:
    """Seeded noise and plain colours, with what the graph itself answers, divided by its norm."""
    side = embedder.image_size
    noise = np.random.default_rng(0).integers(0, 256, (3, side, side, 3), dtype=np.uint8)
    plain = np.stack([np.full((side, side, 3), value, np.uint8) for value in (0, 127, 255)])
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only
    graph = embedder.model.SerializeToString()
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def expected(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        (raw,) = session.run([embedder.output], {embedder.input: pixels})
        norms = np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), SMALLEST_NORM)
        return np.asarray(raw / norms, np.float32)

    pictures = {"noise": noise, "one picture": noise[:1], "plain colours": plain}
    return [Case(name, {INPUT: pixels}, {OUTPUT: expected(pixels)}) for name, pixels in pictures.items()]


@dataclass(frozen=True, slots=True)
class _Signature:
    kind: int
    dims: list[int | None]


def _signature(value: onnx.ValueInfoProto) -> _Signature:
    tensor = value.type.tensor_type
    dims = [dim.dim_value if dim.HasField("dim_value") else None for dim in tensor.shape.dim]
    return _Signature(tensor.elem_type, dims)


def _names(graph: onnx.GraphProto) -> set[str]:
    names = {tensor.name for tensor in graph.initializer}
    names |= {value.name for value in (*graph.input, *graph.output, *graph.value_info)}
    return names | {name for node in graph.node for name in (*node.input, *node.output)}


def _unused(graph: onnx.GraphProto, wanted: str) -> str:
    taken, number, name = _names(graph), 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def _rename(graph: onnx.GraphProto, new_names: dict[str, str]) -> None:
    for node in graph.node:
        if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
            raise EmbedderError(f"the graph has a {node.op_type} with a graph inside, which is not served")
        node.input[:] = [new_names.get(name, name) for name in node.input]
        node.output[:] = [new_names.get(name, name) for name in node.output]
    for value in (*graph.input, *graph.value_info):
        value.name = new_names.get(value.name, value.name)
    for tensor in graph.initializer:
        tensor.name = new_names.get(tensor.name, tensor.name)


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 with one line on stderr where nothing could be installed."""
    parser = parser_of("model_repository.export.onnx_embedder", __doc__)
    parser.add_argument("--model", type=Path, required=True, help="UINT8 [N, S, S, 3] to FLOAT [N, D]")
    parser.add_argument("--resize", choices=("shortest_edge", "squash", "letterbox"), default="shortest_edge")
    parser.add_argument("--resample", choices=("bicubic", "bilinear"), default="bilinear")
    parser.add_argument("--licence", default="")
    parser.add_argument("--source", default="local", help="what the pack's description names as its source")
    # Of a logistic over the cosine of two pictures; what the defaults stand for was not measured.
    parser.add_argument("--relevance-scale", type=float, default=20.0)
    parser.add_argument("--relevance-bias", type=float, default=-14.0)
    given = parser.parse_args(arguments)
    relevance = {"scale": given.relevance_scale, "bias": given.relevance_bias, "threshold": 0.5}

    def export(**told: Unpack[Told]) -> str:
        return export_pack(
            load_embedder(given.model),
            description={"resize": given.resize, "resample": given.resample, "relevance": relevance},
            general={"licence": given.licence, "source": given.source},
            **told,
        )

    return install(given, export)


if __name__ == "__main__":
    sys.exit(main())

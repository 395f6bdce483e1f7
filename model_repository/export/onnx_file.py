"""An ONNX graph on disk: one file, or, above protobuf's limit, `model.onnx` with its weights beside it."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import onnx
from onnx import helper

# Protobuf holds 2**31 bytes; torch's exporter takes a second file from here on, and so does this.
ONE_FILE_BYTES = 3 * 2**29


def data_of(path: Path) -> Path:
    """Where the weights of the graph at `path` are, if they are not in it."""
    return path.with_name(f"{path.name}.data")


def write_graph(model: onnx.ModelProto, path: Path) -> None:
    """Writes the graph in the place of any other; weights of more than `ONE_FILE_BYTES` into `data_of(path)`,
    and then the model's own are gone."""
    data_of(path).unlink(missing_ok=True)  # onnx would append
    apart = sum(_size(each) for each in model.graph.initializer) > ONE_FILE_BYTES
    onnx.save_model(model, path, save_as_external_data=apart, location=data_of(path).name)


def copy_graph(source: Path, target: Path) -> None:
    """Copies the graph, and its weights where they are apart."""
    shutil.copyfile(source, target)
    if data_of(source).is_file():
        shutil.copyfile(data_of(source), data_of(target))


def _size(tensor: onnx.TensorProto) -> int:
    return math.prod(tensor.dims) * helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize

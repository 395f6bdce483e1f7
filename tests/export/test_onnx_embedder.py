"""Image embedders that are ONNX already: what is refused, and what is installed of the others."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from model_repository.export import onnx_embedder
from model_repository.export.onnx_embedder import EmbedderError, load_embedder, main, normalised

SIDE, DIMENSION = 8, 5


def embedder(
    path: Path,
    *,
    kind: int = TensorProto.UINT8,
    shape: Sequence[str | int] = ("N", SIDE, SIDE, 3),
    output: Sequence[str | int] = ("N", DIMENSION),
    opset: int = 17,
) -> Path:
    """Pixels times a matrix. Inner values bear the contract's names: the export has to rename them."""
    weight = np.random.default_rng(1).normal(size=(SIDE * SIDE * 3, DIMENSION)).astype(np.float32)
    nodes = [
        helper.make_node("Cast", ["picture"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["pixels"], ["l2_norm"], axis=1),
        helper.make_node("MatMul", ["l2_norm", "weight"], ["embedding"]),
        helper.make_node("Neg", ["embedding"], ["features"]),
    ]
    graph = helper.make_graph(
        nodes,
        "embedder",
        [helper.make_tensor_value_info("picture", kind, shape)],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, output)],
        [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(weight, "unused")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.save(model, str(path))
    return path


def test_what_is_installed_is_the_graph_divided_by_its_norm(tmp_path: Path) -> None:
    loaded = load_embedder(embedder(tmp_path / "model.onnx"))
    assert (loaded.image_size, loaded.dimension) == (SIDE, DIMENSION)
    graph = normalised(loaded)
    assert [each.name for each in graph.graph.input] == ["pixels"]
    assert "unused" not in {tensor.name for tensor in graph.graph.initializer}
    pixels = np.random.default_rng(2).integers(0, 256, (4, SIDE, SIDE, 3), np.uint8)
    pixels[3] = 0  # of norm 0
    (raw,) = onnxruntime.InferenceSession(str(tmp_path / "model.onnx")).run(None, {"picture": pixels})
    (found,) = onnxruntime.InferenceSession(graph.SerializeToString()).run(["embedding"], {"pixels": pixels})
    assert np.allclose(found[:3], raw[:3] / np.linalg.norm(raw[:3], axis=1, keepdims=True), atol=1e-6)
    assert (found[3] == 0).all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": TensorProto.INT8}, "is not UINT8"),
        ({"shape": ("N", SIDE, SIDE, 4)}, "is not UINT8"),
        ({"shape": ("N", SIDE, "W", 3)}, "no fixed square size"),
        ({"shape": (1, SIDE, SIDE, 3)}, "1 pictures at a time"),
        ({"output": ("N", "D")}, "is not FLOAT"),
        ({"opset": 11}, "opset 11"),
        ({"opset": 22}, "opset 22 of ai.onnx, and nvcr.io/nvidia/tritonserver:.* reads up to 21"),
    ],
)
def test_what_cannot_be_served_is_refused(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    path = embedder(tmp_path / "model.onnx", **changes)  # type: ignore[arg-type]
    with pytest.raises(EmbedderError, match=words):
        load_embedder(path)


def test_a_file_that_is_no_model_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no model")
    places = ["--models", str(tmp_path / "models"), "--packs", str(tmp_path / "packs")]
    assert main(["--model", str(tmp_path / "model.onnx"), "--pack", "small", *places]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "models").exists()


def test_drift_installs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = embedder(tmp_path / "model.onnx")
    monkeypatch.setattr(onnx_embedder, "normalised", lambda loaded: _blind(normalised(loaded)))
    places = ["--models", str(tmp_path / "models"), "--packs", str(tmp_path / "packs")]
    assert main(["--model", str(path), "--pack", "small", *places]) == 1
    assert not list((tmp_path / "models").glob("*")) if (tmp_path / "models").exists() else True
    assert not (tmp_path / "packs" / "small.toml").exists()


def _blind(model: onnx.ModelProto) -> onnx.ModelProto:
    (weight,) = (tensor for tensor in model.graph.initializer if tensor.name == "weight")
    weight.CopyFrom(numpy_helper.from_array(np.ones_like(numpy_helper.to_array(weight)), "weight"))
    return model

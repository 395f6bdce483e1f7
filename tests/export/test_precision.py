"""Packs in float16 and int8: the same contract, smaller, near torch's float32, or not installed."""

import tomllib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, numpy_helper

from model_repository.export import clip, onnx_embedder, staged_parity
from model_repository.export.parity import COSINE
from model_repository.export.precision import Precision
from tests.export.blip_checkpoints import no_triton
from tests.export.test_export_clip import SIDE as CLIP_SIDE
from tests.export.test_export_clip import checkpoint  # noqa: F401  a fixture
from tests.export.test_onnx_embedder import DIMENSION, SIDE, embedder
from tests.fixtures.official_image import parse_config


def places(root: Path) -> list[str]:
    return ["--models", str(root / "models"), "--packs", str(root / "packs")]


def answer(path: Path, **inputs: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["embedding"], inputs)[0])


@pytest.fixture(scope="module")
def exported(
    checkpoint: Path,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[Precision, Path]:
    """A small CLIP of random weights in every precision; int8 was compared on a Triton, too."""
    folders = {}
    for precision in Precision:
        root = tmp_path_factory.mktemp(precision.value)
        arguments = ["--checkpoint", str(checkpoint), "--pack", "tiny", "--precision", precision.value]
        with pytest.MonkeyPatch.context() as patched:
            if precision is not Precision.INT8:
                patched.setattr(staged_parity, "staged_triton", no_triton)
            assert clip.main([*arguments, *places(root)]) == 0
        folders[precision] = root
    return folders


@pytest.mark.parametrize("precision", Precision)
def test_the_contract_is_the_same(exported: dict[Precision, Path], precision: Precision) -> None:
    root = exported[precision]
    assert tomllib.loads((root / "packs" / "tiny.toml").read_text())["embedder"]["precision"] == precision
    for model, kind in (("tiny_image", TensorProto.UINT8), ("tiny_text_tower", TensorProto.INT64)):
        graph = onnx.load(root / "models" / model / "1" / "model.onnx").graph
        assert [each.type.tensor_type.elem_type for each in graph.input] == [kind]
        assert [each.type.tensor_type.elem_type for each in graph.output] == [TensorProto.FLOAT]
        assert [path.name for path in (root / "models" / model / "1").iterdir()] == ["model.onnx"]


@pytest.mark.parametrize(
    ("precision", "limit", "kind"),
    [(Precision.FP16, 1e-3, TensorProto.FLOAT16), (Precision.INT8, 1e-2, TensorProto.UINT8)],
)
def test_weights_are_smaller_and_embeddings_near(
    exported: dict[Precision, Path], precision: Precision, limit: float, kind: int
) -> None:
    rng = np.random.default_rng(5)
    asked = {
        "tiny_image": {"pixels": rng.integers(0, 256, (4, CLIP_SIDE, CLIP_SIDE, 3), np.uint8)},
        "tiny_text_tower": {"token_ids": np.array([[1, 2, 4, 6], [1, 3, 5, 6]])},
    }
    for model, inputs in asked.items():
        whole, small = (
            exported[each] / "models" / model / "1" / "model.onnx" for each in (Precision.FP32, precision)
        )
        weights = onnx.load(small).graph.initializer
        assert sum(each.data_type == kind and numpy_helper.to_array(each).ndim == 2 for each in weights) >= 8
        expected = answer(whole, **inputs).astype(np.float64)
        distance = COSINE.between(answer(small, **inputs).astype(np.float64), expected)
        assert 0 < distance <= limit


def test_each_runs_where_it_is_meant_to(exported: dict[Precision, Path]) -> None:
    configs = {
        precision: parse_config((root / "models" / "tiny_image" / "config.pbtxt").read_text())
        for precision, root in exported.items()
    }

    def accelerators(precision: Precision) -> list[dict[str, str]]:
        found = configs[precision].optimization.execution_accelerators.gpu_execution_accelerator  # type: ignore[attr-defined]
        return [dict(each.parameters) for each in found]

    assert "precision_mode" not in accelerators(Precision.FP32)[0]
    assert accelerators(Precision.FP16)[0]["precision_mode"] == "FP16"
    assert accelerators(Precision.INT8) == []
    assert configs[Precision.INT8].instance_group[0].kind == 2  # type: ignore[attr-defined]  # KIND_CPU


def test_a_pack_keeps_its_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staged_parity, "staged_triton", no_triton)
    arguments = ["--model", str(embedder(tmp_path / "model.onnx")), "--pack", "small", *places(tmp_path)]
    described = tmp_path / "packs" / "small.toml"
    revisions = []
    for asked, expected in (([], "fp32"), (["--precision", "fp16"], "fp16"), ([], "fp16")):
        assert onnx_embedder.main([*arguments, *asked]) == 0
        pack = tomllib.loads(described.read_text())
        assert pack["embedder"]["precision"] == expected
        revisions.append(pack["revision"])
    assert revisions[0] != revisions[1] == revisions[2]  # vectors of two precisions never meet


@pytest.mark.parametrize(("precision", "outlier", "scale"), [("int8", 1e4, 1.0), ("fp16", 1.0, 1e-9)])
def test_what_a_precision_ruins_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], precision: str, outlier: float, scale: float
) -> None:
    """One weight beyond all others, to which their int8 steps grow; weights too small for float16."""
    path = embedder(tmp_path / "model.onnx")
    model = onnx.load(path)
    weight = np.random.default_rng(1).normal(size=(SIDE * SIDE * 3, DIMENSION)).astype(np.float32)
    weight[:2, 0] = outlier, -outlier
    weight *= np.float32(scale)
    (kept,) = (each for each in model.graph.initializer if each.name == "weight")
    kept.CopyFrom(numpy_helper.from_array(weight, "weight"))
    onnx.save(model, path)
    arguments = ["--model", str(path), "--pack", "small", "--precision", precision]
    assert onnx_embedder.main([*arguments, *places(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "small_image drifts: embedding on ONNX Runtime is" in said
    assert "1 − cosine" in said
    assert not (tmp_path / "packs" / "small.toml").exists()

"""The exporters' shared parts: configurations, the gate, and installing a pack all at once."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format
from rich.console import Console
from tritonclient.grpc import model_config_pb2

from model_repository.export.config import ModelConfig, Tensor, Warmup
from model_repository.export.install import revision_of, staging
from model_repository.export.parity import Case, ParityError, compare, gate

QUIET = Console(file=io.StringIO())


def image_config(name: str = "tiny_image") -> ModelConfig:
    return ModelConfig(
        name=name,
        backend="onnxruntime",
        inputs=[Tensor("pixels", "UINT8", (-1, -1, 3))],
        outputs=[Tensor("embedding", "FP32", (8,))],
        max_batch_size=4,
        queue_delay_us=500,
        preferred_batch_sizes=(4,),
        tensorrt=True,
        parameters={"title": 'a "quoted" one'},
        warmup=[Warmup(batch_size=2, dims={"pixels": (16, 16, 3)})],
    )


def test_a_configuration_is_what_triton_parses() -> None:
    parsed = text_format.Parse(image_config().text(), model_config_pb2.ModelConfig())
    assert parsed.max_batch_size == 4
    assert list(parsed.input[0].dims) == [-1, -1, 3]
    assert parsed.dynamic_batching.max_queue_delay_microseconds == 500
    assert parsed.parameters["title"].string_value == 'a "quoted" one'
    assert list(parsed.model_warmup[0].inputs["pixels"].dims) == [16, 16, 3]
    accelerators = parsed.optimization.execution_accelerators.gpu_execution_accelerator
    assert [accelerator.name for accelerator in accelerators] == ["tensorrt"]


def test_a_warm_up_of_unknown_size_is_refused() -> None:
    config = ModelConfig(
        name="m",
        backend="onnxruntime",
        inputs=[Tensor("x", "FP32", (-1,))],
        outputs=[Tensor("y", "FP32", (1,))],
        warmup=[Warmup()],
    )
    with pytest.raises(ValueError, match="say their sizes"):
        config.text()


def case(expected: object) -> Case:
    return Case("c", {}, {"y": np.asarray(expected, np.float32)})


@pytest.mark.parametrize(
    ("actual", "passes"),
    [
        (np.array([1.0, 2.00005], np.float32), True),
        (np.array([1.0, 2.1], np.float32), False),
        (np.array([1.0, np.nan], np.float32), False),
        (np.array([[1.0, 2.0]], np.float32), False),
        (None, False),
    ],
)
def test_the_gate_opens_only_for_what_is_near(actual: np.ndarray | None, passes: bool) -> None:
    answer = {} if actual is None else {"y": actual}
    figures = compare("m", "ONNX Runtime", case([1.0, 2.0]), answer, 1e-4)
    assert [figure.passes for figure in figures] == [passes]
    if passes:
        gate(figures, QUIET)
    else:
        with pytest.raises(ParityError, match="m drifts"):
            gate(figures, QUIET)


def test_nothing_compared_is_no_pass() -> None:
    with pytest.raises(ParityError):
        gate([], QUIET)


def test_a_pack_is_installed_whole_and_named_by_its_content(tmp_path: Path) -> None:
    models, packs = tmp_path / "models", tmp_path / "packs"
    packs.mkdir()
    (packs / "tiny.toml").write_text('# kept\nname = "tiny"\ntitle = "Kept"\n')
    with staging("tiny", models, packs) as staged:
        (staged.add_model(image_config()) / "model.onnx").write_bytes(b"one")
        staged.add_pack_file("tiny/tokenizer.json", b"{}")
        revision = staged.install(
            "embedder", {"dimension": 8, "relevance": {"scale": 1.5}}, {"title": "New", "licence": "MIT"}
        )
    text = (packs / "tiny.toml").read_text()
    pack = tomllib.loads(text)
    assert "# kept" in text
    assert (pack["title"], pack["licence"], pack["revision"]) == ("Kept", "MIT", revision)
    assert pack["embedder"] == {"dimension": 8, "relevance": {"scale": 1.5}, "revision": revision}
    assert (packs / "tiny/tokenizer.json").read_bytes() == b"{}"
    assert (models / "tiny_image/1/model.onnx").read_bytes() == b"one"
    assert revision == revision_of(models, "tiny")

    with staging("tiny", models, packs) as staged:
        (staged.add_model(image_config()) / "model.onnx").write_bytes(b"two")
        assert staged.install("embedder", {}, {}) != revision
    assert (models / "tiny_image/1/model.onnx").read_bytes() == b"two"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["models", "packs"]


def test_what_is_not_installed_leaves_nothing(tmp_path: Path) -> None:
    drifting = compare("m", "Triton", case([1.0]), {}, 1e-4)
    with staging("tiny", tmp_path / "models", tmp_path / "packs") as staged:
        (staged.add_model(image_config()) / "model.onnx").write_bytes(b"one")
        with pytest.raises(ParityError, match="m drifts"):
            gate(drifting, QUIET)
    assert list(tmp_path.iterdir()) == []


def test_a_model_of_another_pack_is_refused(tmp_path: Path) -> None:
    with (
        staging("tiny", tmp_path / "models", tmp_path / "packs") as staged,
        pytest.raises(ValueError, match="tiny_"),
    ):
        staged.add_model(image_config("other_image"))

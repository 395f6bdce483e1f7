"""Graphs above protobuf's limit, made small: their weights in a second file, which all that follows knows."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
import tritonclient.grpc as grpc
from torch import nn

from model_repository.export import onnx_embedder, onnx_file, staged_parity
from model_repository.export.install import revision_of
from model_repository.export.onnx_file import copy_graph, data_of
from model_repository.export.onnx_writer import write_onnx
from tests.export.blip_checkpoints import no_triton
from tests.export.test_onnx_embedder import SIDE, embedder
from tests.fixtures.triton import running_triton

WHOLE = 8 * 8 * 3 * 5 * 4  # bytes of the embedder's weights in float32


def export(root: Path, *more: str) -> Path:
    """The folder of the one model that was installed."""
    places = ["--models", str(root / "models"), "--packs", str(root / "packs")]
    source = embedder(root / "source.onnx")
    assert onnx_embedder.main(["--model", str(source), "--pack", "small", *places, *more]) == 0
    return root / "models" / "small_image" / "1"


def answer(path: Path, pixels: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["embedding"], {"pixels": pixels})[0])


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (2, SIDE, SIDE, 3), np.uint8)


def test_weights_that_are_apart_are_compared_served_and_part_of_the_revision(
    tmp_path: Path, pixels: np.ndarray, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(onnx_file, "ONE_FILE_BYTES", WHOLE - 1)
    folder = export(tmp_path)
    assert "Triton" in capsys.readouterr().out  # the gate compared it there
    assert {each.name for each in folder.iterdir()} == {"model.onnx", "model.onnx.data"}
    assert (folder / "model.onnx.data").stat().st_size >= WHOLE
    assert (folder / "model.onnx").stat().st_size < WHOLE
    models = tmp_path / "models"
    installed = tomllib.loads((tmp_path / "packs" / "small.toml").read_text())["revision"]
    with running_triton(models) as triton:
        with grpc.InferenceServerClient(triton.grpc_address) as client:
            given = grpc.InferInput("pixels", list(pixels.shape), "UINT8")
            given.set_data_from_numpy(pixels)
            served = client.infer("small_image", [given]).as_numpy("embedding")
        assert np.allclose(served, answer(folder / "model.onnx", pixels), atol=1e-6)
        # Sent to a Triton that runs, it is whole there, too.
        (again := tmp_path / "again").mkdir()
        export(again, "--triton", triton.grpc_address)
    assert revision_of(models, "small") == installed == revision_of(again / "models", "small")
    graph = (folder / "model.onnx").read_bytes()
    weights = np.fromfile(folder / "model.onnx.data", np.float32)
    weights[0] += 1
    weights.tofile(folder / "model.onnx.data")
    assert (folder / "model.onnx").read_bytes() == graph
    assert revision_of(models, "small") != installed


@pytest.mark.parametrize(
    ("precision", "limit", "apart"),
    [("fp16", WHOLE // 2 - 1, True), ("fp16", WHOLE - 1, False), ("int8", WHOLE - 1, False)],
)
def test_a_large_graph_is_converted_and_may_fit_one_file_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str, limit: int, apart: bool
) -> None:
    monkeypatch.setattr(staged_parity, "staged_triton", no_triton)
    monkeypatch.setattr(onnx_file, "ONE_FILE_BYTES", limit)
    folder = export(tmp_path, "--precision", precision)
    assert {each.name for each in folder.iterdir()} == {"model.onnx", *(["model.onnx.data"] * apart)}


@pytest.mark.parametrize("apart", [True, False])
def test_what_torch_writes_and_its_copy_answer_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: bool
) -> None:
    torch.manual_seed(0)
    module = nn.Linear(32, 16, bias=False)
    monkeypatch.setattr(onnx_file, "ONE_FILE_BYTES", 32 * 16 * 4 - apart)
    path, copied = tmp_path / "one.onnx", tmp_path / "copy" / "one.onnx"
    copied.parent.mkdir()
    write_onnx(module, {"pixels": torch.zeros(2, 32)}, {}, ["embedding"], path)
    assert data_of(path).is_file() is apart
    copy_graph(path, copied)
    given = np.random.default_rng(4).normal(size=(2, 32)).astype(np.float32)
    with torch.inference_mode():
        expected = module(torch.from_numpy(given)).numpy()
    for each in (path, copied):
        assert np.allclose(answer(each, given), expected, atol=1e-5)


class Table(nn.Module):
    """Rows of numbers, all nought but the last: 2.1 GiB of them."""

    ROWS, WIDTH = 2**21 + 2**17, 256

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.Parameter(torch.zeros(self.ROWS, self.WIDTH), requires_grad=False)
        self.rows[-1] = 7

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.rows[pixels].sum(dim=-1)


def test_two_gigabytes_and_more_are_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "large.onnx"
    try:
        write_onnx(Table(), {"pixels": torch.zeros(2, dtype=torch.int64)}, {}, ["embedding"], path)
        assert data_of(path).stat().st_size > 2**31
        assert answer(path, np.array([0, Table.ROWS - 1])).tolist() == [0, 7 * Table.WIDTH]
    finally:
        data_of(path).unlink(missing_ok=True)  # pytest keeps the folders of three runs

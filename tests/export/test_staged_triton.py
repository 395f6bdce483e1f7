"""What a Triton that cannot serve the staged models comes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_repository.export import staged_triton as module
from model_repository.export.staged_triton import staged_triton
from model_repository.triton_server import TritonFailed
from tests.fixtures.triton import free_ports


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A Triton tree whose one model has no graph."""
    (tmp_path / "broken" / "1").mkdir(parents=True)
    (tmp_path / "broken" / "config.pbtxt").write_text('name: "broken"\nbackend: "onnxruntime"\n')
    return tmp_path


def test_a_server_that_is_not_there(tree: Path) -> None:
    [port] = free_ports(1)
    with (
        pytest.raises(TritonFailed, match="Triton refuses what is staged"),
        staged_triton(tree, f"127.0.0.1:{port}"),
    ):
        pass


def test_a_model_that_no_message_holds(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "broken" / "1" / "model.onnx.data").write_bytes(bytes(2000))
    monkeypatch.setattr(module, "MESSAGE_BYTES", 1999)
    with (
        pytest.raises(TritonFailed, match=r"broken is .* without --triton"),
        staged_triton(tree, "127.0.0.1:9"),
    ):
        pass


def test_a_model_that_does_not_load(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TritonFailed, match="did not start"), staged_triton(tree):
        pass
    assert "failed to load 'broken'" in capsys.readouterr().out, "Triton's own log says why"

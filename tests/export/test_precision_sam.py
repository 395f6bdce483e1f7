"""SAM in float16 and int8: the masks of sam2's own predictor in a crowd, or nothing is installed."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sam2")

from model_repository.export import precision, sam2, sam2_converted
from model_repository.export.crowd import crowd
from model_repository.export.precision import MASKS, SCORES, Precision, convert
from model_repository.export.sam2_converted import check_converted
from model_repository.train.sam2 import MODELS, read_segmenter
from tests.export.blip_checkpoints import no_triton
from tests.export.exporting import export
from tests.export.test_export_sam2 import CONFIG
from tests.export.test_export_sam2 import checkpoint as checkpoint  # a fixture
from tests.fixtures.official_image import parse_config

# The sam2 package scripts its transforms, and looks in vain for its CUDA extension.
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def starter() -> Any:
    """The starter's SAM in torch: weights that know drawn things."""
    return read_segmenter(MODELS).eval().requires_grad_(False)


def test_the_drawing_is_crowded() -> None:
    pixels, boxes = crowd(128)
    assert (pixels.shape, boxes.shape) == ((128, 128, 3), (25, 4))
    assert boxes.min() >= 0
    assert boxes.max() <= 128
    assert len({tuple(pixels[int(y), int(x)]) for x, y in boxes.reshape(-1, 2, 2).mean(axis=1)}) == 25


@pytest.mark.parametrize("each", [Precision.FP16, Precision.INT8])
def test_the_starters_masks_stay_what_they_are(starter: Any, tmp_path: Path, each: Precision) -> None:
    for folder in MODELS.glob("starter_*"):
        if folder.name.startswith(("starter_sam_", "starter_segment")):
            shutil.copytree(folder, tmp_path / folder.name)
    for part in ("encoder", "decoder"):
        graph = tmp_path / f"starter_sam_{part}" / "1" / "model.onnx"
        whole = graph.stat().st_size
        convert(graph, each)
        assert graph.stat().st_size < 0.6 * whole
    figures = check_converted(tmp_path, "starter", starter, each, None)
    assert {(figure.runtime, figure.distance) for figure in figures} == {
        (runtime, distance) for runtime in ("ONNX Runtime", "Triton") for distance in (MASKS, SCORES)
    }
    assert [figure for figure in figures if not figure.passes] == []
    assert min(figure.largest_difference for figure in figures if figure.distance == MASKS) > 0


@pytest.mark.parametrize(("allowed", "status"), [(1.0, 0), (-1.0, 1)])
def test_what_the_gate_allows_alone_is_installed(
    checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    allowed: float,
    status: int,
) -> None:
    """Random weights, whose masks are all edge: what any rounding may do to them is said here."""
    monkeypatch.setattr(sam2_converted, "staged_triton", no_triton)
    monkeypatch.setitem(precision.ALLOWED, Precision.INT8, {MASKS: allowed, SCORES: 1.0})
    assert export(sam2, checkpoint, tmp_path, "--config", CONFIG, "--precision", "int8") == status
    if status:
        assert "tiny_segment drifts: masks on ONNX Runtime" in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []
    else:
        described = tomllib.loads((tmp_path / "packs" / "tiny.toml").read_text())
        assert described["segmenter"]["precision"] == "int8"
        config = tmp_path / "models" / "tiny_sam_encoder" / "config.pbtxt"
        parsed = parse_config(config.read_text())
        assert parsed.instance_group[0].kind == 2  # type: ignore[attr-defined]  # KIND_CPU

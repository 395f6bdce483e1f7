"""The starter pack is whole: its Python models are the repository's, its weights its revision's."""

import re
from pathlib import Path

import pytest

from model_repository.export.install import revision_of
from orchestrator.adapters.triton.packs import read_packs

ROOT = Path(__file__).parents[2] / "model_repository"
MODELS, PACKS = ROOT / "models", ROOT / "packs"
MIB = 1 << 20


@pytest.mark.parametrize(("model", "source"), [("starter_segment", "segment"), ("starter_text", "text")])
def test_installed_python_models_have_not_drifted(model: str, source: str) -> None:
    installed = sorted((MODELS / model / "1").glob("*.py"))
    assert installed
    for path in installed:
        assert path.read_text() == (ROOT / source / path.name).read_text(), path.name


def test_the_committed_weights_are_small() -> None:
    assert sum(path.stat().st_size for path in MODELS.glob("starter_*/**/*.onnx")) <= 25 * MIB


def test_the_revision_is_that_of_the_weights() -> None:
    assert read_packs(PACKS, MODELS)["starter"].revision == revision_of(MODELS, "starter")


def test_the_weights_name_no_file_of_the_machine_that_exported_them() -> None:
    for path in MODELS.glob("starter_*/**/*.onnx"):
        # A weight may be spelt ".py" by chance, a whole name hardly.
        assert not re.search(rb"\w{3}\.py\b", path.read_bytes()), path

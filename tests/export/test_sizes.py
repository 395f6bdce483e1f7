"""CLIP and SAM 2.1 in their published sizes, of random weights: each becomes the pack that is described.

`make parity` runs them, and the other families' alike.
"""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
import torch

from model_repository.export import clip, sam2
from model_repository.export.command import PACKS
from model_repository.export.sam2_checkpoint import SIZES, build_model
from tests.benchmarks import random_clip

pytestmark = [
    pytest.mark.parity,
    pytest.mark.timeout(3600),
    # The sam2 package scripts its transforms, and looks in vain for its CUDA extension.
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]


def places(root: Path, pack: str) -> list[str]:
    """Where a pack is exported to, with the committed description there."""
    (root / "packs").mkdir()
    shutil.copyfile(PACKS / f"{pack}.toml", root / "packs" / f"{pack}.toml")
    return ["--pack", pack, "--models", str(root / "models"), "--packs", str(root / "packs")]


def assert_described(root: Path, pack: str, part: str) -> None:
    """Asserts that what was exported has the names and sizes that the committed description announces."""
    before, after = (
        tomllib.loads((packs / f"{pack}.toml").read_text())[part] for packs in (PACKS, root / "packs")
    )
    for key in before.keys() - {"revision", "logit_scale", "pad_token_id", "tokenizer", "relevance"}:
        assert after[key] == before[key], key


def test_clip_vit_b32(tmp_path: Path) -> None:
    random_clip.write(tmp_path / "checkpoint")
    arguments = ["--checkpoint", str(tmp_path / "checkpoint"), *places(tmp_path, "clip-vit-b32")]
    assert clip.main(arguments) == 0  # the gate allows 1e-4
    assert_described(tmp_path, "clip-vit-b32", "embedder")


@pytest.mark.parametrize("size", SIZES)
def test_sam2(size: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    torch.save({"model": build_model(size, None).state_dict()}, tmp_path / "sam2.pt")
    pack = f"sam2.1-{size}"
    arguments = ["--checkpoint", str(tmp_path / "sam2.pt"), "--config", size, *places(tmp_path, pack)]
    assert sam2.main(arguments) == 0
    assert_described(tmp_path, pack, "segmenter")

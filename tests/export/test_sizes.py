"""Every published size of every family, of random weights: each becomes the pack that is described, and
answers in Triton as in torch.

The smallest size of each family runs with the other tests; `make parity` runs all of them.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BlipForConditionalGeneration, BlipForImageTextRetrieval

from model_repository.export import blip_caption, blip_itm, clip, sam2, siglip
from model_repository.export.command import PACKS
from model_repository.export.sam2_checkpoint import SIZES, build_model
from orchestrator.adapters.triton.packs import read_packs
from tests.benchmarks import random_clip
from tests.export import blip_checkpoints, siglip_checkpoints
from tests.export.exporting import export

pytestmark = [
    pytest.mark.timeout(3600),
    # The sam2 package scripts its transforms, and looks in vain for its CUDA extension.
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]
Becomes = Callable[..., None]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A folder that goes with the test: it holds gigabytes."""
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.fixture
def becomes(root: Path, capteesys: pytest.CaptureFixture[str]) -> Becomes:
    """Asserts that `root`/checkpoint becomes the pack as the committed description announces it, but for the
    keys `drawn` with its weights, and that these of its models were compared on Triton, too."""

    def check(
        exporter: Any, pack: str, part: str, models: set[str], *more: str, drawn: frozenset[str] = frozenset()
    ) -> None:
        described = (PACKS / f"{pack}.toml").read_text()
        (root / "packs").mkdir()
        (root / "packs" / f"{pack}.toml").write_text(unpinned(described))
        assert export(exporter, root / "checkpoint", root, *more, pack=pack) == 0
        shown = capteesys.readouterr().out
        before = tomllib.loads(described)
        after = tomllib.loads((root / "packs" / f"{pack}.toml").read_text())
        assert after["source"] == before["source"]
        for key in before[part].keys() - {"revision"} - drawn:
            assert after[part][key] == before[part][key], key
        read = read_packs(root / "packs", root / "models")[pack]
        assert set(read.models) == {path.name for path in (root / "models").glob(f"{pack}_*")}
        on_triton = {row.split("│")[1].strip() for row in shown.splitlines() if " Triton " in row}
        assert on_triton == {f"{pack}_{model}" for model in models}

    return check


def unpinned(description: str) -> str:
    """Without the published files' hashes; the weights are in the file that transformers writes now."""
    unpinned = re.sub(r"(?m)^(sha256|size) = .*\n", "", description)
    return unpinned.replace('"pytorch_model.bin"\n', '"model.safetensors"\n')


def test_clip_vit_b32(root: Path, becomes: Becomes) -> None:
    random_clip.write(root / "checkpoint")
    drawn = frozenset({"logit_scale", "pad_token_id", "relevance"})
    becomes(clip, "clip-vit-b32", "embedder", {"image", "text_tower", "text"}, drawn=drawn)


def test_siglip2_base(root: Path, becomes: Becomes) -> None:
    siglip_checkpoints.save_base(root / "checkpoint")
    becomes(siglip, "siglip2-base", "embedder", {"image", "text_tower", "text"})


@pytest.mark.parametrize(
    "size", ["tiny", *(pytest.param(each, marks=pytest.mark.parity) for each in SIZES if each != "tiny")]
)
def test_sam2(size: str, root: Path, becomes: Becomes) -> None:
    torch.manual_seed(0)
    torch.save({"model": build_model(size, None).state_dict()}, root / "checkpoint")
    models = {"sam_encoder", "sam_decoder", "segment"}
    becomes(sam2, f"sam2.1-{size}", "segmenter", models, "--config", size)


def test_blip_itm_base(root: Path, becomes: Becomes) -> None:
    blip_checkpoints.save_base(root / "checkpoint", BlipForImageTextRetrieval)
    becomes(blip_itm, "blip-itm", "matcher", {"itm"})


def test_blip_caption_base(root: Path, becomes: Becomes) -> None:
    blip_checkpoints.save_base(root / "checkpoint", BlipForConditionalGeneration)
    becomes(blip_caption, "blip-caption", "captioner", {"caption"})

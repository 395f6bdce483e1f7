"""CLIP in OpenCLIP's layout, saved by OpenCLIP itself, is the model that it is in transformers' layout."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import open_clip
import pytest
import torch
from open_clip.push_to_hf_hub import save_for_hf
from torch.nn.functional import normalize
from transformers import CLIPImageProcessor

from model_repository.export import clip
from model_repository.export.checkpoint import Checkpoint, CheckpointError
from model_repository.export.clip_checkpoint import load_checkpoint
from tests.fixtures.tokenizer import write_tokenizer

SIDE, LENGTH, DIMENSION, WORDS = 32, 12, 16, 20
MEAN, STD = (0.48, 0.46, 0.41), (0.27, 0.26, 0.28)
CONFIG: dict[str, Any] = {
    "embed_dim": DIMENSION,
    "vision_cfg": {"image_size": SIDE, "layers": 2, "width": 32, "head_width": 8, "patch_size": 8},
    "text_cfg": {"context_length": LENGTH, "vocab_size": WORDS, "width": 24, "heads": 3, "layers": 2},
}


class SmallTokenizer:
    """What OpenCLIP asks of a tokenizer that it saves."""

    def save_pretrained(self, folder: Path) -> None:
        words = {f"w{index}": index for index in range(WORDS)}
        write_tokenizer(Path(folder) / "tokenizer.json", words, unknown="w1")


def save(folder: Path, safe: bool | str = True, custom: bool = False, **top: Any) -> Any:
    """A random CLIP, written by OpenCLIP; the model."""
    torch.manual_seed(0)
    config = {**copy.deepcopy(CONFIG), **top}
    model = (open_clip.CustomTextCLIP if custom else open_clip.CLIP)(**config)
    for parameter in model.parameters():  # none may be 0 or 1, or a mix-up would not show
        torch.nn.init.normal_(parameter, std=0.2)
    model.eval()
    model.visual.image_mean, model.visual.image_std = list(MEAN), list(STD)
    model.visual.preprocess_cfg = {"interpolation": "bilinear", "resize_mode": "squash"}
    save_for_hf(model, SmallTokenizer(), config, str(folder), safe_serialization=safe)
    return model


def inputs() -> tuple[torch.Tensor, torch.Tensor]:
    """Normalised pictures, and texts that end with the largest id."""
    generator = torch.Generator().manual_seed(1)
    pixels = torch.randn(3, 3, SIDE, SIDE, generator=generator)
    ids = torch.randint(1, WORDS - 1, (3, LENGTH), generator=generator)
    for row, end in enumerate((4, 7, LENGTH - 1)):
        ids[row, end], ids[row, end + 1 :] = WORDS - 1, 0
    return pixels, ids


@torch.inference_mode()
def embed(checkpoint: Checkpoint) -> tuple[torch.Tensor, torch.Tensor]:
    pixels, ids = inputs()
    images = checkpoint.model.get_image_features(pixel_values=pixels).pooler_output
    texts = checkpoint.model.get_text_features(input_ids=ids).pooler_output
    return normalize(images, dim=-1), normalize(texts, dim=-1)


@pytest.mark.parametrize(
    ("safe", "options"),
    [
        (True, {}),
        (False, {}),
        (True, {"quick_gelu": True}),
        (True, {"custom": True}),
    ],
)
def test_both_layouts_give_the_embeddings_of_openclip(
    tmp_path: Path, safe: bool, options: dict[str, Any]
) -> None:
    model = save(tmp_path / "openclip", safe, **options)
    pixels, ids = inputs()
    with torch.inference_mode():
        expected = model.encode_image(pixels, normalize=True), model.encode_text(ids, normalize=True)
    openclip = load_checkpoint(str(tmp_path / "openclip"))
    for answer, wanted in zip(embed(openclip), expected, strict=True):
        torch.testing.assert_close(answer, wanted, atol=1e-5, rtol=0)
    assert openclip.logit_scale == pytest.approx(model.logit_scale.exp().item())
    assert (openclip.end_token_id, openclip.pad_token_id) == (WORDS - 1, 0)

    folder = tmp_path / "transformers"
    openclip.model.save_pretrained(folder)
    SmallTokenizer().save_pretrained(folder)
    size = {"height": SIDE, "width": SIDE}
    CLIPImageProcessor(
        size=size, do_center_crop=False, resample=2, image_mean=list(MEAN), image_std=list(STD)
    ).save_pretrained(folder)
    transformers = load_checkpoint(str(folder))
    assert transformers.preprocessing == openclip.preprocessing
    for answer, wanted in zip(embed(transformers), embed(openclip), strict=True):
        assert torch.equal(answer, wanted)


def test_it_is_exported(tmp_path: Path) -> None:
    model = save(tmp_path / "openclip")
    places = ["--models", str(tmp_path / "models"), "--packs", str(tmp_path / "packs")]
    assert clip.main(["--checkpoint", str(tmp_path / "openclip"), "--pack", "tiny", *places]) == 0
    picture = np.random.default_rng(2).integers(0, 256, (2, SIDE, SIDE, 3), np.uint8)
    normalised = (torch.from_numpy(picture).float() / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    path = tmp_path / "models" / "tiny_image" / "1" / "model.onnx"
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"pixels": picture})
    with torch.inference_mode():
        expected = model.encode_image(normalised.permute(0, 3, 1, 2), normalize=True)
    np.testing.assert_allclose(answer, expected, atol=1e-5)


def change_config(folder: Path, table: str, **values: Any) -> None:
    path = folder / "open_clip_config.json"
    described = json.loads(path.read_text())
    place = described[table] if table == "preprocess_cfg" else described["model_cfg"][table]
    place.update(values)
    path.write_text(json.dumps(described))


@pytest.mark.parametrize(
    ("table", "values", "said"),
    [
        ("vision_cfg", {"timm_model_name": "vit_base"}, "asks for timm_model_name"),
        ("text_cfg", {"pool_type": "last"}, "asks for pool_type"),
        ("preprocess_cfg", {"resize_mode": "longest"}, "resizes by 'longest'"),
        ("preprocess_cfg", {"size": 64}, "ends at 64"),
        ("vision_cfg", {"layers": 3}, "lacks the weight vision_model.encoder.layers.2"),
        ("vision_cfg", {"layers": 1}, "has a weight that CLIP has not, vision_model.encoder.layers.1"),
        ("text_cfg", {"context_length": 9}, "size mismatch"),
    ],
)
def test_what_is_not_clip_is_refused(tmp_path: Path, table: str, values: dict[str, Any], said: str) -> None:
    save(tmp_path)
    change_config(tmp_path, table, **values)
    with pytest.raises(CheckpointError, match=said):
        load_checkpoint(str(tmp_path))


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    save(tmp_path / "whole")
    shutil.copytree(tmp_path / "whole", tmp_path / "torn", ignore=shutil.ignore_patterns("*.safetensors"))
    with pytest.raises(CheckpointError, match="has none of open_clip_model"):
        load_checkpoint(str(tmp_path / "torn"))

"""The starter's CLIP as files: written in transformers' layout, and read back from the installed pack."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import CLIPModel, PreTrainedTokenizerFast

from model_repository.export.clip_checkpoint import load_checkpoint
from model_repository.export.contrastive_graphs import (
    ImageTower,
    TextTower,
    export_image_tower,
    export_text_tower,
)
from model_repository.train import text_tower
from model_repository.train.image_tower import CONTEXT_LENGTH, STD, build_clip
from model_repository.train.installed import read_installed
from model_repository.train.views import IMAGE_SIZE

MODELS = Path(__file__).parents[1] / "models"
PACKS = Path(__file__).parents[1] / "packs"
PACK = "starter"

_PREPROCESSING = {
    "image_processor_type": "CLIPImageProcessor",
    "do_convert_rgb": True,
    "do_resize": True,
    # No centre crop: what lies at the edge of a picture is looked for as well.
    "size": {"height": IMAGE_SIZE, "width": IMAGE_SIZE},
    "resample": 3,
    "do_center_crop": False,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
}


def write_model(model: CLIPModel, tokenizer: Tokenizer, folder: Path, labels: Sequence[str] = ()) -> Path:
    """Write ``folder`` as the exporter reads it, with the pack's ``labels.txt``, and return it."""
    model.save_pretrained(folder)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=text_tower.BEGIN,
        eos_token=text_tower.END,
        pad_token=text_tower.PAD,
        model_max_length=CONTEXT_LENGTH,
    )
    wrapped.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(_PREPROCESSING, indent=2))
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in labels))
    return folder


def installed_tokenizer() -> Tokenizer:
    """The installed starter's tokenizer."""
    return Tokenizer.from_file(str(PACKS / PACK / "tokenizer.json"))


def read_installed_clip(models: Path = MODELS) -> CLIPModel:
    """The installed starter's two towers. ValueError where they are of another architecture."""
    tokenizer = installed_tokenizer()
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_model(build_clip(tokenizer.get_vocab_size()), tokenizer, Path(scratch))
        checkpoint = load_checkpoint(str(folder))
    image, text = ImageTower(checkpoint), TextTower(checkpoint)
    read_installed(
        image,
        lambda path: export_image_tower(image, IMAGE_SIZE, path),
        models / f"{PACK}_image" / "1" / "model.onnx",
    )
    read_installed(
        text,
        lambda path: export_text_tower(text, CONTEXT_LENGTH, True, path),
        models / f"{PACK}_text_tower" / "1" / "model.onnx",
    )
    model: CLIPModel = checkpoint.model
    with torch.no_grad():
        for name, weight in image.vision.state_dict().items():
            if "patch_embedding" not in name:
                model.vision_model.state_dict()[name].copy_(weight)
        # The exporter folded the normalisation of pixels into the patch embedding.
        folded = image.vision.embeddings.patch_embedding.weight
        model.vision_model.embeddings.patch_embedding.weight.copy_(folded * STD)
    return model.requires_grad_(True)

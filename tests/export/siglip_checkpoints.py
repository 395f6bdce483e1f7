"""Random SigLIP 2 checkpoints as their publisher's tools write them, to export and to compare with."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import Siglip2Tokenizer, SiglipConfig, SiglipImageProcessor, SiglipModel

SIDE, LENGTH, DIMENSION = 32, 16, 32
PIECES = [
    "<pad>",
    "<eos>",
    "<bos>",
    "<unk>",
    "<mask>",
    "▁",
    *"abcdeghiorstu",
    "ca",
    "re",
    "red",
    "!",
    "A",
    "R",
]
MERGES = [("c", "a"), ("r", "e"), ("re", "d")]
SMALL = {"hidden_size": DIMENSION, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


def save(folder: Path, text: dict[str, int], vision: dict[str, int]) -> SiglipModel:
    """A random SigLIP 2 as its publisher's tools write one, tokenizer and image processor included."""
    torch.manual_seed(0)
    config = SiglipConfig(text_config={**text, "pad_token_id": 0, "eos_token_id": 1}, vision_config=vision)
    model = SiglipModel(config).eval()
    model.save_pretrained(folder)
    SiglipImageProcessor(
        size={"height": vision["image_size"], "width": vision["image_size"]}, resample=2
    ).save_pretrained(folder)
    Siglip2Tokenizer(
        vocab={piece: index for index, piece in enumerate(PIECES)},
        merges=MERGES,  # type: ignore[arg-type]
        add_bos_token=False,
        add_eos_token=True,
        padding_side="right",
    ).save_pretrained(folder)
    return model


def save_small(folder: Path) -> SiglipModel:
    """One of some ten thousand parameters."""
    text = {**SMALL, "vocab_size": len(PIECES), "max_position_embeddings": LENGTH}
    return save(folder, text, {**SMALL, "image_size": SIDE, "patch_size": 8})


def save_base(folder: Path) -> SiglipModel:
    """One of the published size; its tokenizer knows few of the 256,000 tokens."""
    text = {"vocab_size": 256_000, "max_position_embeddings": 64}
    return save(folder, text, {"image_size": 224, "patch_size": 16})

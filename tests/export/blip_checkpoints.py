"""Random BLIPs as their publisher's tools write them, to export and to compare with."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import BertTokenizer, BlipConfig

SIDE, TOKENS = 32, 300
# Weights are drawn so large that the answers depend on the picture: BLIP's own 1e-10 would blind it.
SMALL = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
SMALL_RANGE, BASE_RANGE = 0.4, 0.06
# Special tokens where BERT's uncased vocabulary has them.
SPECIAL = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "[MASK]": 103}
PIECES = [
    *string.ascii_lowercase,
    *string.digits,
    *string.punctuation,
    "a",
    "red",
    "car",
    "two",
    "tree",
    "on",
]
PIECES += [f"##{each}" for each in (*string.ascii_lowercase, *string.digits, "ing", "s")]
# The file of Salesforce/blip-image-captioning-base, but for the size.
PREPROCESSING = {
    "do_normalize": True,
    "do_resize": True,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_processor_type": "BlipImageProcessor",
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "processor_class": "BlipProcessor",
}


def tokenizer(tokens: int) -> BertTokenizer:
    """A small WordPiece vocabulary in lower case, filled up to `tokens`."""
    vocabulary = dict(SPECIAL)
    free = iter(
        each for each in range(tokens) if each not in SPECIAL.values() and each > max(SPECIAL.values())
    )
    vocabulary |= {piece: next(free) for piece in dict.fromkeys(PIECES)}
    taken = set(vocabulary.values())
    vocabulary |= {f"[unused{each}]": each for each in range(tokens) if each not in taken}
    return BertTokenizer(vocab=vocabulary, model_max_length=512)


def save(folder: Path, model_class: Any, *, text: dict[str, Any], vision: dict[str, Any], tokens: int) -> Any:
    """A random model, saved with its tokenizer and preprocessing. Two tokens of its text model are in no
    vocabulary, as in the published ones."""
    torch.manual_seed(0)
    config = BlipConfig(
        text_config={
            "vocab_size": tokens + 2,
            "bos_token_id": tokens,
            "sep_token_id": SPECIAL["[SEP]"],
            **text,
        },
        vision_config=vision,
    )
    model = model_class(config).eval().requires_grad_(False)
    model.save_pretrained(folder)
    tokenizer(tokens).save_pretrained(folder)
    described = {**PREPROCESSING, "size": model.config.vision_config.image_size}
    (folder / "preprocessor_config.json").write_text(json.dumps(described))
    return model


def save_small(folder: Path, model_class: Any) -> Any:
    """One of some hundred thousand parameters."""
    text = {**SMALL, "initializer_range": SMALL_RANGE, "max_position_embeddings": 48}
    vision = {**SMALL, "initializer_range": SMALL_RANGE, "image_size": SIDE, "patch_size": 8}
    return save(folder, model_class, text=text, vision=vision, tokens=TOKENS)


def save_base(folder: Path, model_class: Any) -> Any:
    """One of the published size, whose text model has 12 heads, not the class's default of 8."""
    return save(
        folder,
        model_class,
        text={"num_attention_heads": 12, "initializer_range": BASE_RANGE},
        vision={"initializer_range": BASE_RANGE},
        tokens=30522,
    )


@contextmanager
def no_triton(tree: Path, running: str | None = None) -> Iterator[None]:
    """In place of `staged_triton`, where another test compares there."""
    yield None

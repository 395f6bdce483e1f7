"""Reads a BLIP checkpoint in transformers' layout: weights, preprocessing, tokenizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tokenizers
from transformers import BlipForConditionalGeneration, BlipForImageTextRetrieval

from model_repository.export.checkpoint import (
    CheckpointError,
    Preprocessing,
    load_model,
    read_preprocessing,
    read_tokenizer,
    read_tokenizer_config,
    reading,
    token_id,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlipCheckpoint:
    """A BLIP on the CPU in single precision, for export; `model` is of the class that was loaded."""

    model: Any
    preprocessing: Preprocessing
    tokenizer: tokenizers.Tokenizer
    pad_token_id: int
    revision: str


def load_matcher(source: str, revision: str | None = None) -> BlipCheckpoint:
    """A `BlipForImageTextRetrieval`, from a local folder or a hub id (at a commit). Raises
    `CheckpointError`."""
    return _load(BlipForImageTextRetrieval, "for image-text matching", source, revision)


def load_captioner(source: str, revision: str | None = None) -> BlipCheckpoint:
    """A `BlipForConditionalGeneration`; otherwise as `load_matcher`."""
    return _load(BlipForConditionalGeneration, "for captioning", source, revision)


def _load(model_class: Any, purpose: str, source: str, revision: str | None) -> BlipCheckpoint:
    with reading(source, f"BLIP checkpoint {purpose}"):
        model = load_model(model_class, source, revision)
        text, vision = model.config.text_config, model.config.vision_config
        tokenizer = read_tokenizer(source, revision)
        tokens = tokenizer.get_vocab_size()
        if tokens > text.vocab_size:
            raise CheckpointError(f"{source}: {tokens} tokens, and a model of {text.vocab_size}")
        pad = token_id(read_tokenizer_config(source, revision), "pad_token", tokenizer)
        return BlipCheckpoint(
            model=model,
            # BLIP's processor crops nothing: its published files say `"size": 384`, and mean a square.
            preprocessing=read_preprocessing(source, revision, vision.image_size, crops=False),
            tokenizer=tokenizer,
            pad_token_id=text.pad_token_id if pad is None else pad,
            revision=getattr(model.config, "_commit_hash", None) or "",
        )

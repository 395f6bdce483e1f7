"""Reads a CLIP checkpoint in transformers' or in OpenCLIP's layout: weights, preprocessing, tokenizer."""

from __future__ import annotations

from typing import Any

import tokenizers
from transformers import CLIPModel

from model_repository.export.checkpoint import (
    Checkpoint,
    Preprocessing,
    has_file,
    load_model,
    read_preprocessing,
    read_tokenizer,
    read_tokenizer_config,
    reading,
    token_id,
)
from model_repository.export.clip_openclip import CONFIG, load_openclip, read_openclip_tokenizer


def load_checkpoint(source: str, revision: str | None = None) -> Checkpoint:
    """From a local folder or a hub id (at a commit). A folder with both layouts is read in transformers'.

    Raises `CheckpointError`.
    """
    with reading(source, "CLIP checkpoint"):
        openclip = not has_file(source, "config.json", revision) and has_file(source, CONFIG, revision)
    with reading(source, "CLIP checkpoint", "OpenCLIP's" if openclip else "transformers'"):
        if openclip:
            model, preprocessing = load_openclip(source, revision)
            tokenizer = read_openclip_tokenizer(source, revision)
        else:
            model = load_model(CLIPModel, source, revision)
            preprocessing = read_preprocessing(source, revision, model.config.vision_config.image_size)
            tokenizer = read_tokenizer(source, revision)
        pad = token_id(read_tokenizer_config(source, revision), "pad_token", tokenizer)
        return _checkpoint(model, preprocessing, tokenizer, pad)


def _checkpoint(
    model: Any, preprocessing: Preprocessing, tokenizer: tokenizers.Tokenizer, pad_token_id: int | None
) -> Checkpoint:
    text = model.config.text_config
    return Checkpoint(
        model=model,
        image_projection=model.visual_projection,
        text_projection=model.text_projection,
        preprocessing=preprocessing,
        tokenizer=tokenizer,
        pad_token_id=text.pad_token_id if pad_token_id is None else pad_token_id,
        # By an early convention of transformers 2 means: pooled at the largest id, which ends a text.
        end_token_id=text.vocab_size - 1 if text.eos_token_id == 2 else text.eos_token_id,
        context_length=text.max_position_embeddings,
        vocabulary_size=text.vocab_size,
        dimension=model.config.projection_dim,
        revision=getattr(model.config, "_commit_hash", None) or "",
        trims=True,
        logit_scale=model.logit_scale.detach().exp().item(),
        text_cleaning="clip" if _is_openais(tokenizer) else None,
    )


def _is_openais(tokenizer: tokenizers.Tokenizer) -> bool:
    """Whether its vocabulary is OpenAI's, whose texts were cleaned before they were tokenized."""
    return (tokenizer.token_to_id("<|startoftext|>"), tokenizer.token_to_id("<|endoftext|>")) == (
        49406,
        49407,
    )

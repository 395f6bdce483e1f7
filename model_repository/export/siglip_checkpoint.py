"""Reads a SigLIP 2 checkpoint of one resolution, in transformers' layout: weights, preprocessing, tokenizer.

These load as transformers' SiglipModel; the NaFlex ones, of any resolution, are another architecture.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tokenizers
from tokenizers import normalizers, processors
from torch import nn
from transformers import SiglipModel

from model_repository.export.checkpoint import (
    Checkpoint,
    CheckpointError,
    load_model,
    read_preprocessing,
    read_tokenizer,
    read_tokenizer_config,
    reading,
    token_id,
)


def load_checkpoint(source: str, revision: str | None = None) -> Checkpoint:
    """From a local folder or a hub id (at a commit). Raises `CheckpointError`."""
    with reading(source, "SigLIP 2 checkpoint"):
        model = load_model(SiglipModel, source, revision)
        text, vision = model.config.text_config, model.config.vision_config
        if not vision.vision_use_head:
            raise CheckpointError(f"{source} has an image tower without its pooling head")
        described = read_tokenizer_config(source, revision)
        tokenizer = _tokenizer(source, revision, described)
        pad, end = (token_id(described, name, tokenizer) for name in ("pad_token", "eos_token"))
        scale = model.logit_scale.detach().exp().item()
        return Checkpoint(
            model=model,
            # SigLIP's towers end in the shared space.
            image_projection=nn.Identity(),
            text_projection=nn.Identity(),
            preprocessing=read_preprocessing(source, revision, vision.image_size, crops=False),
            tokenizer=tokenizer,
            pad_token_id=text.pad_token_id if pad is None else pad,
            end_token_id=text.eos_token_id if end is None else end,
            context_length=text.max_position_embeddings,
            vocabulary_size=text.vocab_size,
            dimension=vision.hidden_size,
            revision=getattr(model.config, "_commit_hash", None) or "",
            # It sees padding, and pools at the last position.
            trims=False,
            logit_scale=scale,
            relevance={"scale": round(scale, 4), "bias": round(model.logit_bias.item(), 4)},
        )


def _tokenizer(source: str, revision: str | None, described: Mapping[str, Any]) -> tokenizers.Tokenizer:
    """Gemma's, with what SigLIP 2 was trained on and its file need not say: lower case, an end token."""
    if described.get("tokenizer_class") in ("SiglipTokenizer", "SiglipTokenizerFast"):
        raise CheckpointError(f"{source} is SigLIP's first version, whose texts lose their punctuation")
    if described.get("padding_side", "right") != "right":
        raise CheckpointError(f"{source} pads its texts on the left, and a pack pads on the right")
    tokenizer = read_tokenizer(source, revision)
    how = tokenizer.normalizer
    if how is None:
        tokenizer.normalizer = normalizers.Lowercase()
    elif how.normalize_str("A") != how.normalize_str("a"):
        tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), how])
    opening, closing = (_added(described, name, tokenizer) for name in ("bos", "eos"))
    expected = [*opening.values(), *closing.values()]
    if expected != tokenizer.encode("").ids:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=" ".join([*opening, "$A", *closing]), special_tokens=list({**opening, **closing}.items())
        )
    return tokenizer


def _added(described: Mapping[str, Any], name: str, tokenizer: tokenizers.Tokenizer) -> dict[str, int]:
    """The token, with its id, that is added to every text: SigLIP 2 adds the end token only."""
    if not described.get(f"add_{name}_token", name == "eos"):
        return {}
    found = token_id(described, f"{name}_token", tokenizer)
    if found is None:
        raise ValueError(f"its tokenizer has no {name}_token")
    return {str(tokenizer.id_to_token(found)): found}

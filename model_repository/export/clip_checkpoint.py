"""Reads a CLIP checkpoint in transformers' layout: weights, preprocessing, tokenizer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tokenizers
from transformers import CLIPModel
from transformers.utils.hub import cached_file

_RESAMPLE = {2: "bilinear", 3: "bicubic"}


class CheckpointError(Exception):
    """The checkpoint cannot be read, or asks for what a pack cannot say; one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """How pictures become pixels. `scale`, `mean` and `std` go into the graph, the rest into the pack."""

    image_size: int
    resize: str
    resample: str
    crop: str | None
    scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A CLIP on the CPU in single precision, ready to be exported."""

    model: CLIPModel
    preprocessing: Preprocessing
    tokenizer: tokenizers.Tokenizer
    pad_token_id: int
    end_token_id: int
    context_length: int
    vocabulary_size: int
    dimension: int
    revision: str


def load_checkpoint(source: str, revision: str | None = None) -> Checkpoint:
    """From a local folder or a hub id (at a commit). Raises `CheckpointError`."""
    try:
        model = CLIPModel.from_pretrained(source, revision=revision or "main", dtype="float32")
        model.requires_grad_(False).train(False)
        config: Any = model.config
        text = config.text_config
        tokenizer = tokenizers.Tokenizer.from_file(_file(source, "tokenizer.json", revision))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return Checkpoint(
            model=model,
            preprocessing=_preprocessing(
                json.loads(Path(_file(source, "preprocessor_config.json", revision)).read_text()),
                config.vision_config.image_size,
            ),
            tokenizer=tokenizer,
            pad_token_id=_pad_token_id(source, revision, tokenizer, text.pad_token_id),
            # By an early convention of transformers 2 means: pooled at the largest id, which ends a text.
            end_token_id=text.vocab_size - 1 if text.eos_token_id == 2 else text.eos_token_id,
            context_length=text.max_position_embeddings,
            vocabulary_size=text.vocab_size,
            dimension=config.projection_dim,
            revision=getattr(config, "_commit_hash", None) or "",
        )
    except (OSError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(
            f"{source} is not a CLIP checkpoint in transformers' layout: {reason}"
        ) from error


def _file(source: str, name: str, revision: str | None) -> str:
    found = cached_file(source, name, revision=revision)
    if found is None:
        raise OSError(f"it has no {name}")
    return str(found)


def _pad_token_id(source: str, revision: str | None, tokenizer: tokenizers.Tokenizer, configured: int) -> int:
    try:
        described = json.loads(Path(_file(source, "tokenizer_config.json", revision)).read_text())
    except OSError:
        return configured
    token = described.get("pad_token")
    content = token["content"] if isinstance(token, Mapping) else token
    found = tokenizer.token_to_id(content) if content else None
    return configured if found is None else int(found)


def _preprocessing(described: Mapping[str, Any], image_size: int) -> Preprocessing:
    size = described.get("size", image_size)
    crop = described.get("crop_size", image_size)
    shortest = size if isinstance(size, int) else size.get("shortest_edge")
    crop_to = crop if isinstance(crop, int) else crop.get("height")
    cropped = described.get("do_center_crop", True)
    if shortest is not None and cropped:
        resize = "shortest_edge"
        if (shortest, crop_to) != (image_size, image_size):
            raise CheckpointError(f"it resizes to {shortest} and crops to {crop_to}, not to {image_size}")
    elif isinstance(size, Mapping) and (size.get("height"), size.get("width")) == (image_size, image_size):
        resize = "squash"
    else:
        raise CheckpointError(f"its preprocessing does not end at {image_size} × {image_size} pixels")
    resample = described.get("resample", 3)
    if resample not in _RESAMPLE:
        raise CheckpointError(
            f"it resamples with Pillow's filter {resample}, and a pack says bilinear or bicubic"
        )
    scale = described.get("rescale_factor", 1 / 255) if described.get("do_rescale", True) else 1.0
    normalised = described.get("do_normalize", True)
    red, green, blue = described["image_mean"] if normalised else (0.0, 0.0, 0.0)
    std = described["image_std"] if normalised else (1.0, 1.0, 1.0)
    return Preprocessing(
        image_size=image_size,
        resize=resize,
        resample=_RESAMPLE[resample],
        crop="center" if resize == "shortest_edge" else None,
        scale=float(scale),
        mean=(float(red), float(green), float(blue)),
        std=(float(std[0]), float(std[1]), float(std[2])),
    )

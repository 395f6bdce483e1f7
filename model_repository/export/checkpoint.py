"""What a checkpoint of two towers holds, whoever published it, and the files of transformers' layout."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tokenizers
from safetensors import SafetensorError
from torch import nn
from transformers.utils.hub import cached_file

_RESAMPLE = {2: "bilinear", 3: "bicubic"}


class CheckpointError(Exception):
    """The checkpoint cannot be read, or asks for what a pack cannot say; one line."""


@contextmanager
def reading(source: str, family: str, layout: str = "transformers'") -> Iterator[None]:
    """Turns what fails for the content of `source` into a `CheckpointError` that says what it is not."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(f"{source} is not a {family} in {layout} layout: {reason}") from error


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
    """Two towers on the CPU in single precision, ready to be exported.

    `model` has `vision_model`, `text_model`, `get_image_features` and `get_text_features`, as transformers'
    CLIPModel and SiglipModel; the projections come after the towers' pooled output. `trims`: what follows a
    text's end token changes nothing. `text_cleaning`: what is done to a text before it is tokenized, where
    anything is (the orchestrator's `Tokenization`). `relevance`: the scale and bias of the sigmoid that the
    weights were trained under, where they were.
    """

    model: Any
    image_projection: nn.Module
    text_projection: nn.Module
    preprocessing: Preprocessing
    tokenizer: tokenizers.Tokenizer
    pad_token_id: int
    end_token_id: int
    context_length: int
    vocabulary_size: int
    dimension: int
    revision: str
    trims: bool
    logit_scale: float
    relevance: Mapping[str, float] | None = None
    text_cleaning: str | None = None


def load_model(model_class: Any, source: str, revision: str | None) -> Any:
    """A model of transformers' `model_class`, every weight from the checkpoint, ready for inference.

    Raises `CheckpointError` for a checkpoint of another architecture or without some of the weights.
    """
    wanted = model_class.config_class.model_type
    found = read_json(source, "config.json", revision).get("model_type")
    if found != wanted:
        raise CheckpointError(f"{source} holds a model of type {found!r}, not {wanted!r}")
    model, loaded = model_class.from_pretrained(
        source, revision=revision or "main", dtype="float32", output_loading_info=True
    )
    missing = sorted(loaded["missing_keys"])
    if missing:
        raise CheckpointError(f"{source} lacks {len(missing)} of the weights, the first {missing[0]}")
    return model.requires_grad_(False).train(False)


def find_file(source: str, name: str, revision: str | None) -> Path:
    """The file of a local folder or of the hub. Raises OSError where there is none."""
    found = cached_file(source, name, revision=revision)
    if found is None:
        raise OSError(f"it has no {name}")
    return Path(found)


def has_file(source: str, name: str, revision: str | None) -> bool:
    """Whether the folder, or the hub's repository, has that file."""
    try:
        find_file(source, name, revision)
    except OSError:
        return False
    return True


def read_json(source: str, name: str, revision: str | None) -> dict[str, Any]:
    """The object in that file. Raises OSError and ValueError."""
    found = json.loads(find_file(source, name, revision).read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"its {name} holds no object")
    return found


def read_tokenizer(source: str, revision: str | None) -> tokenizers.Tokenizer:
    """`tokenizer.json`, without padding and truncation: who serves it sets them."""
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(find_file(source, "tokenizer.json", revision)))
    except OSError:
        raise
    except Exception as error:  # the library raises nothing narrower
        raise ValueError(f"its tokenizer.json: {error}") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def read_tokenizer_config(source: str, revision: str | None) -> dict[str, Any]:
    """`tokenizer_config.json`; nothing where there is none."""
    if not has_file(source, "tokenizer_config.json", revision):
        return {}
    return read_json(source, "tokenizer_config.json", revision)


def token_id(described: Mapping[str, Any], name: str, tokenizer: tokenizers.Tokenizer) -> int | None:
    """The id of the special token (`pad_token` …) that the tokenizer's configuration names."""
    token = described.get(name)
    content = token["content"] if isinstance(token, Mapping) else token
    found = tokenizer.token_to_id(content) if content else None
    return None if found is None else int(found)


def read_preprocessing(
    source: str, revision: str | None, image_size: int, *, crops: bool = True
) -> Preprocessing:
    """What transformers' image processor of that checkpoint does; `crops` says whether one of its class does
    where the file is silent. Raises `CheckpointError` for what a pack cannot say."""
    if has_file(source, "preprocessor_config.json", revision):
        described = read_json(source, "preprocessor_config.json", revision)
    else:  # transformers 5 writes the whole processor into one file
        described = read_json(source, "processor_config.json", revision)["image_processor"]
    size = described.get("size", image_size)
    crop = described.get("crop_size") or image_size
    if isinstance(size, int):
        size = {"shortest_edge": size} if crops else {"height": size, "width": size}
    shortest = size.get("shortest_edge")
    crop_to = crop if isinstance(crop, int) else crop.get("height")
    cropped = described.get("do_center_crop", crops)
    if shortest is not None and cropped:
        resize = "shortest_edge"
        if (shortest, crop_to) != (image_size, image_size):
            raise CheckpointError(f"it resizes to {shortest} and crops to {crop_to}, not to {image_size}")
    elif (size.get("height"), size.get("width")) == (image_size, image_size):
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

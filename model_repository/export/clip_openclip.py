"""Reads OpenCLIP's layout: its own weights' names and configuration, mapped to transformers' CLIPModel.

Only the plain architecture maps: two transformers with a class token, a causal text tower and linear
projections, which is what OpenCLIP's ViT models are unless their configuration says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import safetensors.torch
import tokenizers
import torch
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from model_repository.export.checkpoint import (
    CheckpointError,
    Preprocessing,
    find_file,
    has_file,
    read_json,
    read_tokenizer,
)

CONFIG = "open_clip_config.json"
_WEIGHTS = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
)
# OpenCLIP's PreprocessCfg, where a configuration leaves something out.
_MEAN, _STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
_RESIZE = {"shortest": "shortest_edge", "squash": "squash"}
_SIZES = {"layers", "width", "mlp_ratio"}
_VISION = _SIZES | {"image_size", "patch_size", "head_width", "patch_dropout"}
_TEXT = _SIZES | {"context_length", "vocab_size", "heads", "hf_tokenizer_name"}
_TOP = {"embed_dim", "vision_cfg", "text_cfg", "quick_gelu", "custom_text", "init_logit_scale"}
_EMBEDDINGS = {
    "visual.class_embedding": "vision_model.embeddings.class_embedding",
    "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
    "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
    "visual.ln_pre": "vision_model.pre_layrnorm",
    "visual.ln_post": "vision_model.post_layernorm",
    "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
    "positional_embedding": "text_model.embeddings.position_embedding.weight",
    "ln_final": "text_model.final_layer_norm",
    "logit_scale": "logit_scale",
}
_BLOCK = re.compile(r"(visual\.)?transformer\.resblocks\.(\d+)\.(.+)\.(weight|bias)")
_PARTS = {
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "attn.out_proj": "self_attn.out_proj",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
}


def load_openclip(source: str, revision: str | None) -> tuple[CLIPModel, Preprocessing]:
    """The model and its preprocessing. Raises `CheckpointError` for an architecture that is not CLIP's, and
    OSError, ValueError, KeyError or RuntimeError for files that hold something else."""
    described = read_json(source, CONFIG, revision)
    config = _config(described["model_cfg"])
    weights = _rename(_read_weights(source, revision))
    with torch.device("meta"):
        wanted = {name: tuple(value.shape) for name, value in CLIPModel(config).state_dict().items()}
    for name in sorted(wanted.keys() ^ weights.keys()):
        kind = "lacks the weight" if name in wanted else "has a weight that CLIP has not,"
        raise CheckpointError(f"{source} {kind} {name}")
    model = CLIPModel(config)
    model.load_state_dict(weights)
    how = _preprocessing(
        described.get("preprocess_cfg") or {}, described["model_cfg"]["vision_cfg"]["image_size"]
    )
    return model.requires_grad_(False).train(False), how


def read_openclip_tokenizer(source: str, revision: str | None) -> tokenizers.Tokenizer:
    """`tokenizer.json`, else one made from CLIP's `vocab.json` and `merges.txt`."""
    if has_file(source, "tokenizer.json", revision):
        return read_tokenizer(source, revision)
    files = [str(find_file(source, name, revision)) for name in ("vocab.json", "merges.txt")]
    tokenizer: tokenizers.Tokenizer = CLIPTokenizer(*files).backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _config(model: Mapping[str, Any]) -> CLIPConfig:
    vision, text = model["vision_cfg"], model["text_cfg"]
    for table, known in ((model, _TOP), (vision, _VISION), (text, _TEXT)):
        unknown = sorted(key for key in table.keys() - known if table[key] not in (None, False))
        if unknown:
            raise CheckpointError(f"its {CONFIG} asks for {unknown[0]}, which CLIP has not")
    if not isinstance(vision["image_size"], int):
        raise CheckpointError(f"its pictures are not square: {vision['image_size']}")
    activation = "quick_gelu" if model.get("quick_gelu") else "gelu"
    vocabulary = text.get("vocab_size", 49408)
    return CLIPConfig(
        projection_dim=model["embed_dim"],
        vision_config={
            **_sizes(vision, vision["width"] // vision.get("head_width", 64), activation),
            "image_size": vision["image_size"],
            "patch_size": vision["patch_size"],
        },
        text_config={
            **_sizes(text, text["heads"], activation),
            "vocab_size": vocabulary,
            "max_position_embeddings": text.get("context_length", 77),
            # OpenCLIP pools at the largest id of a text, which is its end token's, and pads with 0.
            "bos_token_id": vocabulary - 2,
            "eos_token_id": vocabulary - 1,
            "pad_token_id": 0,
        },
    )


def _sizes(table: Mapping[str, Any], heads: int, activation: str) -> dict[str, Any]:
    return {
        "hidden_size": table["width"],
        "intermediate_size": int(table["width"] * table.get("mlp_ratio", 4.0)),
        "num_hidden_layers": table["layers"],
        "num_attention_heads": heads,
        "hidden_act": activation,
        "layer_norm_eps": 1e-5,
    }


def _read_weights(source: str, revision: str | None) -> dict[str, torch.Tensor]:
    for name in _WEIGHTS:
        if not has_file(source, name, revision):
            continue
        path = find_file(source, name, revision)
        if path.suffix == ".safetensors":
            found: Any = safetensors.torch.load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
            found = found.get("state_dict", found)  # as its training writes it
        return {name.removeprefix("module."): value.float() for name, value in found.items()}
    raise OSError(f"it has none of {', '.join(_WEIGHTS)}")


def _rename(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """OpenCLIP's names to transformers'; a name that is not known stays, and is refused later."""
    renamed: dict[str, torch.Tensor] = {}
    for name, value in weights.items():
        name = name.removeprefix("text.")  # a model with a text tower of its own
        stem, _, kind = name.rpartition(".")
        block = _BLOCK.fullmatch(name) or re.fullmatch(
            r"(visual\.)?transformer\.resblocks\.(\d+)\.(attn)\.in_proj_(weight|bias)", name
        )
        if name == "attn_mask":
            continue
        if block:
            tower, layer, part, kind = block.groups()
            prefix = f"{'vision_model' if tower else 'text_model'}.encoder.layers.{layer}"
            if part == "attn":
                for letter, third in zip("qkv", value.chunk(3), strict=True):
                    renamed[f"{prefix}.self_attn.{letter}_proj.{kind}"] = third.clone()
            else:
                renamed[f"{prefix}.{_PARTS.get(part, part)}.{kind}"] = value
        elif name in ("visual.proj", "text_projection"):
            to = "visual_projection.weight" if name == "visual.proj" else "text_projection.weight"
            renamed[to] = value.T.contiguous()
        elif name in _EMBEDDINGS:
            renamed[_EMBEDDINGS[name]] = value
        else:
            renamed[f"{_EMBEDDINGS[stem]}.{kind}" if stem in _EMBEDDINGS else name] = value
    return renamed


def _preprocessing(described: Mapping[str, Any], image_size: int) -> Preprocessing:
    resize, resample = described.get("resize_mode", "shortest"), described.get("interpolation", "bicubic")
    if resize not in _RESIZE or resample not in ("bicubic", "bilinear"):
        raise CheckpointError(f"it resizes by {resize!r} and {resample!r}, which a pack cannot say")
    size = described.get("size", image_size)
    if size not in (image_size, [image_size, image_size]):
        raise CheckpointError(f"its preprocessing ends at {size}, and its image tower takes {image_size}")
    red, green, blue = described.get("mean", _MEAN)
    std = described.get("std", _STD)
    return Preprocessing(
        image_size=image_size,
        resize=_RESIZE[resize],
        resample=resample,
        crop="center" if resize == "shortest" else None,
        scale=1 / 255,
        mean=(float(red), float(green), float(blue)),
        std=(float(std[0]), float(std[1]), float(std[2])),
    )

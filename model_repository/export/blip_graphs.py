"""BLIP's matcher and captioner as graphs that take raw pixels and token ids, and how they become ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.export import Dim
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

from model_repository.export.blip_checkpoint import BlipCheckpoint
from model_repository.export.onnx_writer import write_onnx
from model_repository.export.raw_pixels import channels_first, taking_raw_pixels

CROSS = ("cross_keys", "cross_values")
PAST = ("past_keys", "past_values")
PRESENT = ("present_keys", "present_values")
SAME = Dim.DYNAMIC  # as large as one that is named: torch takes a name once


class Matcher(nn.Module):
    """`pixels` uint8 (N, S, S, 3) and `input_ids` int64 (N, L) → `itm_logits` float32 (N, 2): mismatch,
    match. The padding token is not looked at."""

    def __init__(self, checkpoint: BlipCheckpoint) -> None:
        super().__init__()
        model = checkpoint.model
        self.vision = taking_raw_pixels(model.vision_model, checkpoint.preprocessing)
        self.text = model.text_encoder
        self.head = model.itm_head
        self.pad_token_id = checkpoint.pad_token_id

    def forward(self, pixels: torch.Tensor, input_ids: torch.Tensor) -> torch.Tensor:
        """See the class."""
        seen = self.vision(pixel_values=channels_first(pixels)).last_hidden_state
        read = self.text(
            input_ids=input_ids,
            attention_mask=(input_ids != self.pad_token_id).long(),
            encoder_hidden_states=seen,
        )
        logits: torch.Tensor = self.head(read.last_hidden_state[:, 0])
        return logits


class CaptionEncoder(nn.Module):
    """`pixels` uint8 (N, S, S, 3) → `cross_keys` and `cross_values`, float32 (N, layers, heads, patches + 1,
    D): what every step of the decoder attends to, computed once."""

    def __init__(self, checkpoint: BlipCheckpoint) -> None:
        super().__init__()
        self.vision = taking_raw_pixels(checkpoint.model.vision_model, checkpoint.preprocessing)
        layers = checkpoint.model.text_decoder.bert.encoder.layer
        self.attentions = nn.ModuleList(layer.crossattention.self for layer in layers)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """See the class."""
        seen = self.vision(pixel_values=channels_first(pixels)).last_hidden_state
        return self._of_all_layers("key", seen), self._of_all_layers("value", seen)

    def _of_all_layers(self, projection: str, seen: torch.Tensor) -> torch.Tensor:
        projected = [
            getattr(attention, projection)(seen).unflatten(-1, (-1, attention.attention_head_size))
            for attention in self.attentions
        ]
        return torch.stack(projected, dim=1).transpose(2, 3)


class CaptionDecoder(nn.Module):
    """One step of the text decoder, with a cache.

    `input_ids` int64 (N, 1), the encoder's `cross_keys` and `cross_values`, and `past_keys` and `past_values`
    float32 (N, layers, heads, P, D) of the P tokens before this one, at first none → `logits` float32
    (N, tokens) of the next token, and `present_keys` and `present_values`, the next step's past.
    """

    def __init__(self, checkpoint: BlipCheckpoint) -> None:
        super().__init__()
        self.decoder = checkpoint.model.text_decoder

    def forward(
        self,
        input_ids: torch.Tensor,
        cross_keys: torch.Tensor,
        cross_values: torch.Tensor,
        past_keys: torch.Tensor,
        past_values: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """See the class."""
        cache: Any = EncoderDecoderCache(_cache(past_keys, past_values), _cache(cross_keys, cross_values))
        step = self.decoder(
            input_ids=input_ids,
            encoder_hidden_states=cross_keys,  # that there are any is all it asks: the cache holds them
            past_key_values=cache,
            use_cache=True,
        )
        layers = cache.self_attention_cache.layers
        keys = torch.stack([layer.keys for layer in layers], dim=1)
        return step.logits[:, -1], keys, torch.stack([layer.values for layer in layers], dim=1)


def _cache(keys: torch.Tensor, values: torch.Tensor) -> DynamicCache:
    return DynamicCache(list(zip(keys.unbind(1), values.unbind(1), strict=True)))


def export_matcher(matcher: nn.Module, image_size: int, longest: int, path: Path) -> None:
    """Writes a module that takes and gives what `Matcher` does, for any batch and up to `longest` tokens."""
    examples = {
        "pixels": torch.zeros(2, image_size, image_size, 3, dtype=torch.uint8),
        "input_ids": torch.ones(2, min(longest, 8) - 1, dtype=torch.int64),
    }
    sizes = {"pixels": {0: Dim("batch")}, "input_ids": {0: SAME, 1: Dim("length", max=longest)}}
    write_onnx(matcher, examples, sizes, ["itm_logits"], path)


def export_caption_encoder(encoder: CaptionEncoder, image_size: int, path: Path) -> None:
    """Writes the encoder, for any batch."""
    pixels = torch.zeros(2, image_size, image_size, 3, dtype=torch.uint8)
    write_onnx(encoder, {"pixels": pixels}, {"pixels": {0: Dim("batch")}}, CROSS, path)


def export_caption_decoder(decoder: CaptionDecoder, cross: tuple[int, ...], longest: int, path: Path) -> None:
    """Writes the decoder, for any batch and up to `longest` tokens; `cross` is the shape of one picture's
    `cross_keys`, without the batch."""
    layers, heads, _, width = cross
    examples = {"input_ids": torch.zeros(2, 1, dtype=torch.int64)}
    examples |= {name: torch.zeros(2, *cross) for name in CROSS}
    examples |= {name: torch.zeros(2, layers, heads, 3, width) for name in PAST}
    sizes = {name: {0: SAME} for name in examples}
    sizes["input_ids"] = {0: Dim("batch")}
    sizes |= {PAST[0]: {0: SAME, 3: Dim("past", min=0, max=longest - 1)}, PAST[1]: {0: SAME, 3: SAME}}
    write_onnx(decoder, examples, sizes, ["logits", *PRESENT], path)

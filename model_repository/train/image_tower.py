"""The starter's CLIP: transformers' own architecture, small, and its image tower patch by patch."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPVisionConfig

from model_repository.train import views

DIMENSION = 128
WIDTH = 128
DEPTH = 6
CONTEXT_LENGTH = 32
VOCABULARY = 3000
MEAN = STD = 127.5


def build_clip(vocabulary: int = VOCABULARY) -> CLIPModel:
    """A CLIP of transformers' own architecture, 64-pixel pictures, texts of at most 32 tokens.

    Token 0 pads, 1 begins and 2 ends a text: with ``eos_token_id`` 2 transformers would pool at the
    largest id,
    as the first CLIP did, so the ids are 0, vocabulary - 2 and vocabulary - 1.
    """
    vision = CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        num_hidden_layers=DEPTH,
        num_attention_heads=4,
        image_size=views.IMAGE_SIZE,
        hidden_act="relu",  # a third cheaper on a CPU than CLIP's quick_gelu
        patch_size=views.PATCH,
        projection_dim=DIMENSION,
    )
    text = CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=3,
        num_attention_heads=4,
        hidden_act="relu",
        max_position_embeddings=CONTEXT_LENGTH,
        projection_dim=DIMENSION,
        pad_token_id=0,
        bos_token_id=vocabulary - 2,
        eos_token_id=vocabulary - 1,
    )
    config = CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=DIMENSION)
    model = CLIPModel(config)
    for name, weight in model.named_parameters():
        if weight.ndim == 2 and "embedding" not in name:
            nn.init.normal_(weight, std=0.5 / math.sqrt(weight.shape[1]))
    return model


def normalise(pixels: NDArray[np.uint8] | Tensor) -> Tensor:
    """uint8 ``(N, H, W, 3)`` → float32 ``(N, 3, H, W)`` in [-1, 1]: mean and standard deviation 0.5."""
    return (torch.as_tensor(pixels).permute(0, 3, 1, 2).float() - MEAN) / STD


def embed_pixels(model: CLIPModel, pixels: NDArray[np.uint8] | Tensor) -> Tensor:
    """L2-normalised image embeddings float32 ``(N, D)`` of uint8 pixels ``(N, 64, 64, 3)``."""
    return embed_patches(model, pixels, None)[0]


def embed_patches(
    model: CLIPModel, pixels: NDArray[np.uint8] | Tensor, kept: Tensor | None
) -> tuple[Tensor, Tensor]:
    """L2-normalised embeddings ``(N, D)`` and what goes into the last layer for each patch ``(N, K, W)``.

    ``kept`` int64 ``(N, K)`` names the patches that the tower is given; None gives it all.
    """
    vision = model.vision_model
    states = vision.embeddings(normalise(pixels))
    if kept is not None:
        chosen = functional.pad(kept + 1, (1, 0))  # the class token comes first
        states = states.gather(1, chosen[..., None].expand(-1, -1, states.shape[-1]))
    states = vision.pre_layrnorm(states)
    *layers, last = vision.encoder.layers
    for layer in layers:
        states = layer(states, attention_mask=None)
    pooled = vision.post_layernorm(last(states, attention_mask=None)[:, 0])
    return functional.normalize(model.visual_projection(pooled), dim=-1), states[:, 1:]

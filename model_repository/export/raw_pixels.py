"""Pictures as a pack's model gets them, raw pixels, and as its publisher's model does, normalised."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from model_repository.export.checkpoint import Preprocessing

Pictures = npt.NDArray[np.uint8]


def taking_raw_pixels(vision: Any, how: Preprocessing) -> Any:
    """A copy of transformers' vision model that takes pixels from 0 to 255: scale, mean and standard
    deviation are folded into its patch embedding, which is a convolution without padding."""
    vision = copy.deepcopy(vision)
    patch = vision.embeddings.patch_embedding
    # Double precision: the folded bias sums over a whole patch.
    spread = torch.tensor(how.std, dtype=torch.float64)
    shift = torch.tensor(how.mean, dtype=torch.float64) / spread
    weight = patch.weight.detach().double()
    folded = nn.Conv2d(3, patch.out_channels, patch.kernel_size, patch.stride, bias=True)
    with torch.no_grad():
        folded.weight.copy_(weight * (how.scale / spread).view(1, 3, 1, 1))
        bias = -(weight * shift.view(1, 3, 1, 1)).sum(dim=(1, 2, 3))
        folded.bias.copy_(bias if patch.bias is None else bias + patch.bias.double())  # type: ignore[union-attr]
    vision.embeddings.patch_embedding = folded
    return vision


def channels_first(pixels: torch.Tensor) -> torch.Tensor:
    """(N, H, W, 3) uint8 → (N, 3, H, W) float32, of the same values."""
    return pixels.permute(0, 3, 1, 2).float()


def normalised(pixels: Pictures, how: Preprocessing) -> torch.Tensor:
    """(N, H, W, 3) → (N, 3, H, W) float32, as the publisher's image processor leaves them."""
    scaled = channels_first(torch.from_numpy(pixels)) * how.scale
    return (scaled - torch.tensor(how.mean).view(3, 1, 1)) / torch.tensor(how.std).view(3, 1, 1)


def sample_pictures(rng: np.random.Generator, side: int) -> dict[str, Pictures]:
    """Pictures of side × side pixels, by name: noise, blocks of colour, black and white."""
    noise = rng.integers(0, 256, (3, side, side, 3), dtype=np.uint8)
    blocks = rng.integers(0, 256, (1, 4, 4, 3), dtype=np.uint8)
    blocks = blocks.repeat(-(-side // 4), axis=1).repeat(-(-side // 4), axis=2)[:, :side, :side]
    extremes = np.stack([np.zeros_like(noise[0]), np.full_like(noise[0], 255)])
    return {"noise": noise, "one picture": np.ascontiguousarray(blocks), "black and white": extremes}

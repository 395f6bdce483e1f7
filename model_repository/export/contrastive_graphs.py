"""A checkpoint's two towers as graphs that take pixels and token ids, and how they become ONNX."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from model_repository.export.checkpoint import Checkpoint
from model_repository.export.onnx_writer import write_onnx
from model_repository.export.raw_pixels import channels_first, taking_raw_pixels

OUTPUT = "embedding"


class ImageTower(nn.Module):
    """`pixels` uint8 (N, H, W, 3) → float32 (N, D), L2-normalised."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        self.vision = taking_raw_pixels(checkpoint.model.vision_model, checkpoint.preprocessing)
        self.projection = checkpoint.image_projection

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """See the class."""
        pooled = self.vision(pixel_values=channels_first(pixels)).pooler_output
        return functional.normalize(self.projection(pooled), dim=-1)


class TextTower(nn.Module):
    """`token_ids` int64 (N, L) → float32 (N, D), L2-normalised. Every token counts, padding too, unless the
    checkpoint `trims`."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        self.text = checkpoint.model.text_model
        self.projection = checkpoint.text_projection

    def forward(self, token_ids: torch.Tensor) -> torch.Tensor:
        """See the class."""
        return functional.normalize(self.projection(self.text(input_ids=token_ids).pooler_output), dim=-1)


def export_image_tower(tower: ImageTower, image_size: int, path: Path) -> None:
    """Writes the tower with a dynamic batch."""
    pixels = torch.zeros(2, image_size, image_size, 3, dtype=torch.uint8)
    sizes = {0: torch.export.Dim("batch")}
    write_onnx(tower, {"pixels": pixels}, {"pixels": sizes}, [OUTPUT], path)


def export_text_tower(tower: TextTower, context_length: int, trims: bool, path: Path) -> None:
    """Writes the tower with a dynamic batch and, where it `trims`, a dynamic length of at most
    `context_length`; otherwise it takes no other length."""
    token_ids = torch.zeros(2, context_length - trims, dtype=torch.int64)
    sizes = {0: torch.export.Dim("batch")}
    if trims:
        sizes[1] = torch.export.Dim("length", max=context_length)
    write_onnx(tower, {"token_ids": token_ids}, {"token_ids": sizes}, [OUTPUT], path)

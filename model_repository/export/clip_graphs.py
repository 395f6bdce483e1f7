"""CLIP's two towers as graphs that take pixels and token ids, and how they become ONNX."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import CLIPModel

OPSET = 18
OUTPUT = "embedding"


class ImageTower(nn.Module):
    """`pixels` uint8 (N, H, W, 3) → float32 (N, D), L2-normalised. Mean and standard deviation are folded
    into the patch embedding, which is a convolution without padding: the tower reads raw pixels."""

    def __init__(self, model: CLIPModel, scale: float, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.vision = copy.deepcopy(model.vision_model)
        self.projection = model.visual_projection
        embeddings = self.vision.embeddings
        patch = embeddings.patch_embedding
        # Double precision: the folded bias sums over a whole patch.
        spread = torch.tensor(std, dtype=torch.float64)
        shift = torch.tensor(mean, dtype=torch.float64) / spread
        weight = patch.weight.detach().double()
        folded = nn.Conv2d(3, patch.out_channels, patch.kernel_size, patch.stride, bias=True)
        with torch.no_grad():
            folded.weight.copy_(weight * (scale / spread).view(1, 3, 1, 1))
            bias = -(weight * shift.view(1, 3, 1, 1)).sum(dim=(1, 2, 3))
            folded.bias.copy_(bias if patch.bias is None else bias + patch.bias.double())  # type: ignore[union-attr]
        embeddings.patch_embedding = folded

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """See the class."""
        pooled = self.vision(pixel_values=pixels.permute(0, 3, 1, 2).float()).pooler_output
        return functional.normalize(self.projection(pooled), dim=-1)


class TextTower(nn.Module):
    """`token_ids` int64 (N, L) → float32 (N, D), L2-normalised; pooled at the end token, so what follows it
    changes nothing."""

    def __init__(self, model: CLIPModel) -> None:
        super().__init__()
        self.text = model.text_model
        self.projection = model.text_projection

    def forward(self, token_ids: torch.Tensor) -> torch.Tensor:
        """See the class."""
        return functional.normalize(self.projection(self.text(input_ids=token_ids).pooler_output), dim=-1)


def export_image_tower(tower: ImageTower, image_size: int, path: Path) -> None:
    """Writes the tower with a dynamic batch."""
    pixels = torch.zeros(2, image_size, image_size, 3, dtype=torch.uint8)
    _export(tower, pixels, "pixels", {0: torch.export.Dim("batch")}, path)


def export_text_tower(tower: TextTower, context_length: int, path: Path) -> None:
    """Writes the tower with a dynamic batch and a dynamic length of at most `context_length`."""
    token_ids = torch.zeros(2, context_length - 1, dtype=torch.int64)
    sizes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length", max=context_length)}
    _export(tower, token_ids, "token_ids", sizes, path)


def _export(tower: nn.Module, example: torch.Tensor, name: str, sizes: dict[int, Any], path: Path) -> None:
    program = torch.onnx.export(
        tower.eval(),
        (example,),
        dynamo=True,
        opset_version=OPSET,
        input_names=[name],
        output_names=[OUTPUT],
        dynamic_shapes=(sizes,),
        external_data=False,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch exported nothing")
    graph = program.model.graph
    inner = [value for node in graph.all_nodes() for value in node.outputs]
    for value in [*inner, *graph.initializers.values()]:
        # The look-up in an embedding table may bear that name too, and names must be unique.
        if value.name == OUTPUT and not value.is_graph_output():
            value.name = f"{OUTPUT}_table"
    for node in graph.all_nodes():  # torch notes where its own sources and ours lie on this machine
        node.metadata_props.clear()
        node.doc_string = None
    program.save(path, external_data=False)

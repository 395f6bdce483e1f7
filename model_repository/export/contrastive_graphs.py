"""A checkpoint's two towers as graphs that take pixels and token ids, and how they become ONNX."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from model_repository.export.checkpoint import Checkpoint, CheckpointError

OPSET = 18
OUTPUT = "embedding"
MAX_BYTES = 2**31 - 2**20  # protobuf's limit, and room for the nodes


class ImageTower(nn.Module):
    """`pixels` uint8 (N, H, W, 3) → float32 (N, D), L2-normalised. Mean and standard deviation are folded
    into the patch embedding, which is a convolution without padding: the tower reads raw pixels."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        how = checkpoint.preprocessing
        self.vision = copy.deepcopy(checkpoint.model.vision_model)
        self.projection = checkpoint.image_projection
        embeddings = self.vision.embeddings
        patch = embeddings.patch_embedding
        # Double precision: the folded bias sums over a whole patch.
        spread = torch.tensor(how.std, dtype=torch.float64)
        shift = torch.tensor(how.mean, dtype=torch.float64) / spread
        weight = patch.weight.detach().double()
        folded = nn.Conv2d(3, patch.out_channels, patch.kernel_size, patch.stride, bias=True)
        with torch.no_grad():
            folded.weight.copy_(weight * (how.scale / spread).view(1, 3, 1, 1))
            bias = -(weight * shift.view(1, 3, 1, 1)).sum(dim=(1, 2, 3))
            folded.bias.copy_(bias if patch.bias is None else bias + patch.bias.double())  # type: ignore[union-attr]
        embeddings.patch_embedding = folded

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """See the class."""
        pooled = self.vision(pixel_values=pixels.permute(0, 3, 1, 2).float()).pooler_output
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
    _export(tower, pixels, "pixels", {0: torch.export.Dim("batch")}, path)


def export_text_tower(tower: TextTower, context_length: int, trims: bool, path: Path) -> None:
    """Writes the tower with a dynamic batch and, where it `trims`, a dynamic length of at most
    `context_length`; otherwise it takes no other length."""
    token_ids = torch.zeros(2, context_length - trims, dtype=torch.int64)
    sizes = {0: torch.export.Dim("batch")}
    if trims:
        sizes[1] = torch.export.Dim("length", max=context_length)
    _export(tower, token_ids, "token_ids", sizes, path)


def _export(tower: nn.Module, example: torch.Tensor, name: str, sizes: dict[int, Any], path: Path) -> None:
    size = sum(weights.numel() * weights.element_size() for weights in tower.parameters())
    if size > MAX_BYTES:
        raise CheckpointError(f"the tower of {name} is {size / 1e9:.1f} GB, and one ONNX file holds 2.1 GB")
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

"""SAM 2's image encoder and mask decoder as modules that export: what the two Triton models hold."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from sam2.modeling.sam2_base import SAM2Base
from torch import Tensor, nn

from model_repository.export.sam2_config import FEATURES, MASKS, PROMPTS

# SAM2Transforms: ImageNet's, on pixels in [0, 1].
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
OPSET = 17


class Encoder(nn.Module):
    """`(1, S, S, 3)` uint8 pixels to the three feature maps, as SAM2ImagePredictor.set_image.

    They leave as float16: they cross a process boundary at every decode, and half as many bytes cost half.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, model: SAM2Base) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("mean", 255 * torch.tensor(MEAN).reshape(1, 3, 1, 1))
        self.register_buffer("std", 255 * torch.tensor(STD).reshape(1, 3, 1, 1))

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The three feature maps, `(1, C, S/16, S/16)`, `(1, C/8, S/4, S/4)` and `(1, C/4, S/8, S/8)`."""
        images = (pixels.permute(0, 3, 1, 2).float() - self.mean) / self.std
        high_res_0, high_res_1, image_embed = self.model.forward_image(images)["backbone_fpn"][-3:]
        if self.model.directly_add_no_mem_embed:
            image_embed = image_embed + self.model.no_mem_embed.reshape(1, -1, 1, 1)
        return image_embed.half(), high_res_0.half(), high_res_1.half()


class Decoder(nn.Module):
    """Features and N prompts of K points to all four masks of each, as SAM2ImagePredictor._predict.

    The padding point that SAM 2 appends to every prompt is appended in here. `mask_input` is
    `(M, 1, S/4, S/4)` and `has_mask_input` `(M,)`, M being N or 1. MaskDecoder.predict_masks repeats the
    image for every prompt; here it broadcasts, so that with M = 1 the first layer projects it once.
    """

    def __init__(self, model: SAM2Base) -> None:
        super().__init__()
        self.prompts, self.decoder = model.sam_prompt_encoder, model.sam_mask_decoder
        self.register_buffer("position", self.prompts.get_dense_pe())

    def forward(
        self,
        image_embed: Tensor,
        high_res_0: Tensor,
        high_res_1: Tensor,
        point_coords: Tensor,
        point_labels: Tensor,
        mask_input: Tensor,
        has_mask_input: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """`(N, 4, S/4, S/4)` logits, the single mask first, and `(N, 4)` predicted IoU."""
        sparse = self.prompts._embed_points(point_coords, point_labels, pad=True)
        flag = has_mask_input.reshape(-1, 1, 1, 1)
        empty = self.prompts.no_mask_embed.weight.reshape(1, -1, 1, 1)
        dense = flag * self.prompts._embed_masks(mask_input) + (1 - flag) * empty
        hidden, image = self.decoder.transformer(
            image_embed.float() + dense, self.position, self._tokens(sparse)
        )
        return self._masks(hidden, image, high_res_0.float(), high_res_1.float())

    def _tokens(self, sparse: Tensor) -> Tensor:
        decoder = self.decoder
        output = [decoder.iou_token.weight, decoder.mask_tokens.weight]
        if decoder.pred_obj_scores:
            output.insert(0, decoder.obj_score_token.weight)
        return torch.cat([torch.cat(output).expand(sparse.shape[0], -1, -1), sparse], dim=1)

    def _masks(
        self, hidden: Tensor, image: Tensor, high_res_0: Tensor, high_res_1: Tensor
    ) -> tuple[Tensor, Tensor]:
        decoder = self.decoder
        start = 1 if decoder.pred_obj_scores else 0
        side = high_res_1.shape[-1] // 2
        image = image.transpose(1, 2).reshape(-1, image.shape[2], side, side)
        deconvolve_1, norm, activate_1, deconvolve_2, activate_2 = decoder.output_upscaling
        image = activate_1(norm(deconvolve_1(image) + high_res_1))
        image = activate_2(deconvolve_2(image) + high_res_0)
        weights = torch.stack(
            [mlp(hidden[:, start + 1 + i]) for i, mlp in enumerate(decoder.output_hypernetworks_mlps)], dim=1
        )
        masks = (weights @ image.flatten(2)).reshape(
            -1, len(decoder.output_hypernetworks_mlps), 4 * side, 4 * side
        )
        return masks, decoder.iou_prediction_head(hidden[:, start])


def export_encoder(encoder: Encoder, square: int, path: Path) -> None:
    """Write the encoder to `path` as ONNX, of one fixed shape."""
    pixels = torch.zeros(1, square, square, 3, dtype=torch.uint8)
    _export(encoder, (pixels,), path, ("pixels",), FEATURES, {})


def export_decoder(decoder: Decoder, square: int, features: Sequence[Tensor], path: Path) -> None:
    """Write the decoder to `path` as ONNX, with dynamic N, K and M; `features` as the encoder gives them."""
    side = square // 4
    prompts = (
        torch.full((2, 3, 2), square / 2),
        torch.ones(2, 3, dtype=torch.int32),
        torch.zeros(2, 1, side, side),
        torch.zeros(2),
    )
    axes = {
        "point_coords": {0: "N", 1: "K"},
        "point_labels": {0: "N", 1: "K"},
        "mask_input": {0: "M"},
        "has_mask_input": {0: "M"},
        "low_res_masks": {0: "N"},
        "iou_scores": {0: "N"},
    }
    _export(decoder, (*features, *prompts), path, (*FEATURES, *PROMPTS), MASKS, axes)


def _export(
    module: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    inputs: Sequence[str],
    outputs: Sequence[str],
    axes: dict[str, dict[int, str]],
) -> None:
    with torch.no_grad(), warnings.catch_warnings():
        # The tracer warns of every shape that it takes for constant; the parity gate compares other shapes.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            example,
            str(path),
            opset_version=OPSET,
            dynamo=False,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=axes,
        )

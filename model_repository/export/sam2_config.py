"""Triton configurations of `<pack>_sam_encoder` and `<pack>_sam_decoder`: their contract, without torch."""

from __future__ import annotations

from collections.abc import Mapping

from model_repository.export.config import ModelConfig, Tensor, Warmup
from model_repository.export.precision import Precision

FEATURES = ("image_embed", "high_res_0", "high_res_1")  # the encoder's outputs
PROMPTS = ("point_coords", "point_labels", "mask_input", "has_mask_input")  # after them the decoder's inputs
MASKS = ("low_res_masks", "iou_scores")  # the decoder's outputs
# Two of each: automatic masks use one, and a click finds the other free.
INSTANCES = 2


def encoder_config(
    name: str, square: int, features: Mapping[str, tuple[int, ...]], precision: Precision = Precision.FP32
) -> ModelConfig:
    """The encoder's contract; `features` are the shapes of its outputs."""
    return ModelConfig(
        name=name,
        backend="onnxruntime",
        inputs=[Tensor("pixels", "UINT8", (1, square, square, 3))],
        outputs=[Tensor(output, "FP16", shape) for output, shape in features.items()],
        instance_count=INSTANCES,
        instance_kind=precision.instance_kind,
        tensorrt=precision is not Precision.INT8,
        tensorrt_precision="FP16" if precision is Precision.FP16 else "FP32",
        warmup=[Warmup()],
    )


def decoder_config(
    name: str, square: int, features: Mapping[str, tuple[int, ...]], precision: Precision = Precision.FP32
) -> ModelConfig:
    """The decoder's contract. No TensorRT: it would build an engine for every number of prompts."""
    side = square // 4
    return ModelConfig(
        name=name,
        backend="onnxruntime",
        inputs=[
            *(Tensor(feature, "FP16", shape) for feature, shape in features.items()),
            Tensor("point_coords", "FP32", (-1, -1, 2)),
            Tensor("point_labels", "INT32", (-1, -1)),
            Tensor("mask_input", "FP32", (-1, 1, side, side)),
            Tensor("has_mask_input", "FP32", (-1,)),
        ],
        outputs=[
            Tensor("low_res_masks", "FP32", (-1, 4, side, side)),
            Tensor("iou_scores", "FP32", (-1, 4)),
        ],
        instance_count=INSTANCES,
        instance_kind=precision.instance_kind,
        warmup=[
            Warmup(
                dims={
                    "point_coords": (1, 1, 2),
                    "point_labels": (1, 1),
                    "mask_input": (1, 1, side, side),
                    "has_mask_input": (1,),
                }
            )
        ],
    )

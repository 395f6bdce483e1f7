"""The `sam2` package's own classes, and the segmenter on ONNX Runtime, over the same weights."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from sam2.automatic_mask_generator import SAM2AutomaticMaskGenerator
from sam2.sam2_image_predictor import SAM2ImagePredictor
from torch.nn import functional

from model_repository.export.sam2_graphs import FEATURES, MASKS
from model_repository.segment.amg import Found
from model_repository.segment.features import Features
from model_repository.segment.parameters import parse_parameters
from model_repository.segment.segmenter import Request, Segmenter

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


class OfficialPredictor(SAM2ImagePredictor):  # type: ignore[misc]  # sam2 has no types
    """The published predictor over `model`, its decoder set as `build_sam2` sets it.

    `as_served`: squared pictures are rounded to bytes and features to float16, as they are where the encoder
    and the decoder are models of their own; otherwise a mask whose score lies at a threshold, or next to
    another's, may win on one side alone.
    """

    _features: dict[str, Any]

    def __init__(self, model: Any, *, as_served: bool = False) -> None:
        super().__init__(model)
        decoder = model.sam_mask_decoder
        decoder.dynamic_multimask_via_stability = True
        decoder.dynamic_multimask_stability_delta, decoder.dynamic_multimask_stability_thresh = 0.05, 0.98
        self._bb_feat_sizes = [(model.image_size // stride,) * 2 for stride in (4, 8, 16)]
        self._as_served = as_served

    def set_image(self, image: Pixels) -> None:
        """Encode an RGB picture `(H, W, 3)`."""
        super().set_image(squared(image, self.model.image_size) if self._as_served else image)
        self._orig_hw = [image.shape[:2]]
        if self._as_served:
            embed, high_res = self._features["image_embed"], self._features["high_res_feats"]
            self._features = {
                "image_embed": embed.half().float(),
                "high_res_feats": [feature.half().float() for feature in high_res],
            }


def official_generator(predictor: OfficialPredictor, asked: dict[str, Any]) -> SAM2AutomaticMaskGenerator:
    """The published generator over that predictor; `asked` are the parameters of the segmenter."""
    given = {name: value for name, value in asked.items() if name != "mode"}
    generator = SAM2AutomaticMaskGenerator(predictor.model, **given)
    generator.predictor = predictor
    return generator


def segmenter(models: Path, pack: str, square: int, threads: int = 0) -> Segmenter:
    """The sources of `<pack>_segment` over ONNX Runtime; `threads` 0 is every core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors only
    encoder, decoder = (
        onnxruntime.InferenceSession(models / f"{pack}_sam_{part}" / "1" / "model.onnx", options)
        for part in ("encoder", "decoder")
    )

    async def encode(pixels: Pixels) -> Features:
        outputs = encoder.run(list(FEATURES), {"pixels": pixels[None]})
        return Features(dict(zip(FEATURES, outputs, strict=True)))

    async def decode(features: Features, coords: Any, labels: Any) -> tuple[Any, Any]:
        mask = {
            "mask_input": np.zeros((1, 1, square // 4, square // 4), np.float32),
            "has_mask_input": np.zeros(1, np.float32),
        }
        inputs = {**features.tensors, "point_coords": coords, "point_labels": labels, **mask}
        logits, scores = decoder.run(list(MASKS), inputs)
        return logits, scores

    return Segmenter(encode, decode, square=square, cache_bytes=0)


def squared(picture: Pixels, square: int) -> Pixels:
    """As SAM2Transforms squares it, rounded back to bytes."""
    tensor = torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None]
    resized = functional.interpolate(
        tensor, (square, square), mode="bilinear", antialias=True, align_corners=False
    )
    return np.asarray(resized[0].permute(1, 2, 0).round().clamp(0, 255).numpy(), np.uint8)


def ask(
    segmenter: Segmenter, picture: Pixels, square: int, asked: dict[str, Any], **prompts: Any
) -> list[Found]:
    """The segmenter's answer for a whole picture `(H, W, 3)`."""
    request = Request(
        image_hash=b"a picture",
        size=(picture.shape[1], picture.shape[0]),
        parameters=parse_parameters(json.dumps(asked).encode()),
        pixels=squared(picture, square),
        **prompts,
    )
    return asyncio.run(segmenter.segment(request))


def iou(first: Mask, second: Mask) -> float:
    """Of two masks; one of two empty ones."""
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union if union else 1.0


def pair_up(theirs: list[Mask], ours: list[Mask]) -> list[float]:
    """The IoU of each of `theirs` with the mask of `ours` that is most like it."""
    return [max((iou(mask, other) for other in ours), default=0.0) for mask in theirs]

"""The `sam2` package's own classes, and what the segmenter is asked to be compared with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sam2.automatic_mask_generator import SAM2AutomaticMaskGenerator
from torch.nn import functional

from model_repository.export import sam2_onnx_segmenter
from model_repository.export.mask_iou import mask_iou
from model_repository.export.sam2_masks import Predictor
from model_repository.segment.amg import Found
from model_repository.segment.segmenter import Segmenter

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


class OfficialPredictor(Predictor):
    """The published predictor.

    `as_served`: squared pictures are rounded to bytes and features to float16, as they are where the encoder
    and the decoder are models of their own; otherwise a mask whose score lies at a threshold, or next to
    another's, may win on one side alone.
    """

    _features: dict[str, Any]

    def __init__(self, model: Any, *, as_served: bool = False) -> None:
        super().__init__(model)
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
    height, width = picture.shape[:2]
    return sam2_onnx_segmenter.ask(segmenter, squared(picture, square), (width, height), asked, **prompts)


def pair_up(theirs: list[Mask], ours: list[Mask]) -> list[float]:
    """The IoU of each of `theirs` with the mask of `ours` that is most like it."""
    return [max((mask_iou(mask, other) for other in ours), default=0.0) for mask in theirs]

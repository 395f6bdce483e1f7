"""Whether a SAM in float16 or int8 finds the masks of its publisher's own predictor, in a crowded drawing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model_repository.export import sam2_masks
from model_repository.export.crowd import crowd
from model_repository.export.mask_iou import mask_iou
from model_repository.export.parity import Figure
from model_repository.export.precision import ALLOWED, MASKS, SCORES, Precision
from model_repository.export.sam2_masks import Prompted
from model_repository.export.staged_triton import staged_triton
from model_repository.segment import rle


@dataclass(frozen=True, slots=True)
class Converted(Prompted):
    """A request whose masks, three for each prompt, may differ as far as the precision allows on average: a
    rounding moves the edge of a small thing by a pixel, and that is much of it."""

    precision: Precision

    def compare(self, model: str, runtime: str, counts: Any, scores: Any) -> list[Figure]:
        """Figures of the mean IoU, and of the mean difference of the predicted IoU."""
        differences = {MASKS: float("inf"), SCORES: float("inf")}
        if len(counts) == len(self.masks):
            pairs = zip(counts, self.masks, strict=True)
            overlaps = [mask_iou(rle.decode(each, mask.shape), mask) for each, mask in pairs]
            differences[MASKS] = 1 - float(np.mean(overlaps))
            differences[SCORES] = float(np.abs(np.asarray(scores) - self.scores).mean())
        return [
            Figure(
                model=model,
                runtime=runtime,
                case=f"{self.name}, {len(self.masks)} masks",
                output=output,
                largest_difference=differences[distance],
                limit=ALLOWED[self.precision][distance],
                distance=distance,
            )
            for output, distance in (("masks", MASKS), ("predicted_iou", SCORES))
        ]


def check_converted(
    tree: Path, pack: str, model: Any, precision: Precision, triton: str | None
) -> list[Figure]:
    """Points and boxes on every thing: on ONNX Runtime and, where that passes and a Triton runs, there, on
    the one at `triton` (`host:port` of its gRPC) or on a new one. `model` is torch's."""
    segment = f"{pack}_segment"
    pixels, boxes = crowd(int(model.image_size))
    centres = boxes.reshape(-1, 2, 2).mean(axis=1, keepdims=True)
    prompts = {
        "points": {"point_coords": centres, "point_labels": np.ones((len(boxes), 1), np.int32)},
        "boxes": {"boxes": boxes},
    }
    cases = [
        Converted(each.name, each.inputs, each.masks, each.scores, precision)
        for each in sam2_masks.predict(model, pixels, prompts.items())
    ]
    figures = sam2_masks.check_onnx_runtime(segment, tree, pack, cases)
    if not all(figure.passes for figure in figures):
        return figures
    with staged_triton(tree, triton) as served:
        if served is not None:
            figures += sam2_masks.check_triton(segment, served.address, served.name(segment), cases)
    return figures

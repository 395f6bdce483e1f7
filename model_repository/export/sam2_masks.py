"""Masks for prompts: those of SAM 2's own predictor in torch, and those of the exported models."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sam2.sam2_image_predictor import SAM2ImagePredictor

from model_repository.export.ask_triton import Arrays, ask_triton
from model_repository.export.mask_iou import mask_iou
from model_repository.export.parity import Figure
from model_repository.export.sam2_onnx_segmenter import ask, onnx_segmenter
from model_repository.export.sam2_segment import CACHE_BYTES
from model_repository.segment import rle

Pixels = npt.NDArray[np.uint8]
Masks = npt.NDArray[np.bool_]
IOU_LIMIT = 1e-2
# Of the predicted IoU, a number from 0 to 1: the predictor's features are not rounded to float16.
SCORE_LIMIT = 1e-2


class Predictor(SAM2ImagePredictor):  # type: ignore[misc]  # sam2 has no types
    """The published predictor over a model of any image size, its decoder set as `build_sam2` sets it."""

    def __init__(self, model: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it scripts its transforms, which torch advises against
            super().__init__(model)
        decoder = model.sam_mask_decoder
        decoder.dynamic_multimask_via_stability = True
        decoder.dynamic_multimask_stability_delta, decoder.dynamic_multimask_stability_thresh = 0.05, 0.98
        self._bb_feat_sizes = [(model.image_size // stride,) * 2 for stride in (4, 8, 16)]


@dataclass(frozen=True, slots=True)
class Prompted:
    """A request of N prompts to `<pack>_segment`, and the predictor's masks `(3N, S, S)` with their predicted
    IoU `(3N,)`."""

    name: str
    inputs: Arrays
    masks: Masks
    scores: npt.NDArray[np.float32]

    def compare(self, model: str, runtime: str, counts: Sequence[bytes], scores: Any) -> list[Figure]:
        """Figures of the least IoU and of the predicted IoU; `counts` are compressed COCO RLE."""
        iou = score = float("inf")
        if len(counts) == len(self.masks):
            answers = (rle.decode(each, mask.shape) for each, mask in zip(counts, self.masks, strict=True))
            iou = 1 - min(mask_iou(answer, mask) for answer, mask in zip(answers, self.masks, strict=True))
            score = float(np.abs(np.asarray(scores) - self.scores).max())
        shares = self.masks.mean(axis=(1, 2))
        case = f"{self.name}, masks of {shares.min():.0%} to {shares.max():.0%}"
        return [
            Figure(
                model=model,
                runtime=runtime,
                case=case,
                output="masks",
                largest_difference=iou,
                limit=IOU_LIMIT,
                distance="1 − IoU",
            ),
            Figure(
                model=model,
                runtime=runtime,
                case=case,
                output="predicted_iou",
                largest_difference=score,
                limit=SCORE_LIMIT,
            ),
        ]


def predict(
    model: Any, pixels: Pixels, asked: Iterable[tuple[str, dict[str, Any]]] | None = None
) -> list[Prompted]:
    """Points, boxes and both together on a picture `(S, S, 3)`, or the prompts that are `asked`, by name; and
    what the predictor answers: all three masks of each, since which of them is best may hang on a
    rounding."""
    predictor = Predictor(model)
    predictor.set_image(pixels)
    square = pixels.shape[0]
    found = []
    for name, prompts in asked or _prompts(square):
        rows = [dict(zip(prompts, row, strict=True)) for row in zip(*prompts.values(), strict=True)]
        answers = [
            predictor.predict(
                row.get("point_coords"), row.get("point_labels"), row.get("boxes"), multimask_output=True
            )
            for row in rows
        ]
        both = prompts.keys() >= {"boxes", "point_coords"}
        parameters = {"mode": "prompt", "multimask_output": True, "combine": both}
        inputs = {
            "pixels": pixels,
            "image_size": np.array([square, square], np.int32),
            "image_hash": np.array([b"parity"], np.object_),
            "parameters": np.array([json.dumps(parameters).encode()], np.object_),
            **prompts,
        }
        masks = np.concatenate([masks for masks, _, _ in answers]) > 0
        found.append(Prompted(name, inputs, masks, np.concatenate([scores for _, scores, _ in answers])))
    return found


def check_onnx_runtime(model: str, tree: Path, pack: str, cases: Sequence[Prompted]) -> list[Figure]:
    """Every case through the sources of `<pack>_segment`, over the pack's graphs below `tree`."""
    square = int(cases[0].inputs["pixels"].shape[0])
    figures = []
    with closing(onnx_segmenter(tree, pack, square, cache_bytes=CACHE_BYTES)) as segmenter:
        for case in cases:
            given = case.inputs
            prompts = {name: given.get(name) for name in ("point_coords", "point_labels", "boxes")}
            asked = json.loads(given["parameters"][0])
            found = ask(segmenter, given["pixels"], tuple(given["image_size"].tolist()), asked, **prompts)
            scores = [one.predicted_iou for one in found]
            figures += case.compare(model, "ONNX Runtime", [one.rle for one in found], scores)
    return figures


def check_triton(model: str, address: str, served_as: str, cases: Sequence[Prompted]) -> list[Figure]:
    """Every case through `<pack>_segment` on the Triton at `address`, there named `served_as`."""
    figures = []
    for case in cases:
        answer = ask_triton(address, served_as, case.inputs, ("rle", "predicted_iou"), decoupled=True)
        figures += case.compare(model, "Triton", answer["rle"].tolist(), answer["predicted_iou"])
    return figures


def _prompts(square: int) -> Iterator[tuple[str, dict[str, Any]]]:
    boxes = np.array([[0.15, 0.25, 0.65, 0.75], [0.5, 0.1, 0.95, 0.6]], np.float32) * square
    points = np.array([[[0.4, 0.5], [0.8, 0.3]], [[0.7, 0.3], [0.1, 0.9]]], np.float32) * square
    on, off = np.array([[1], [1]], np.int32), np.array([[1, 0], [1, 0]], np.int32)
    yield "2 points", {"point_coords": points[:, :1], "point_labels": on}
    yield "2 points on, 2 off", {"point_coords": points, "point_labels": off}
    yield "2 boxes", {"boxes": boxes}
    yield "2 boxes with points", {"boxes": boxes, "point_coords": points, "point_labels": off}

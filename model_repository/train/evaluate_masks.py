"""Measures a segmenter's ONNX encoder and decoder: masks of clicks and boxes, and whether its scores can
be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model_repository.train.concepts import Stock
from model_repository.train.prompts import CORNER_1, CORNER_2, ON, point_in, scene_drawing
from model_repository.train.scenes import Painter, seen

Array = NDArray[np.float32]
_GRID = 12
_LEAST_IOU, _LEAST_STABILITY, _OFFSET = 0.7, 0.85, 1.0


@dataclass(frozen=True)
class Segmenter:
    """A pack's encoder and decoder for S × S pixels."""

    encoder: onnxruntime.InferenceSession
    decoder: onnxruntime.InferenceSession
    side: int

    def encode(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.generic]]:
        """Features of one picture uint8 ``(S, S, 3)``, by name."""
        names = [output.name for output in self.encoder.get_outputs()]
        return dict(zip(names, self.encoder.run(None, {"pixels": pixels[None]}), strict=True))

    def decode(
        self, features: dict[str, NDArray[np.generic]], coords: Array, labels: NDArray[np.int32]
    ) -> tuple[Array, Array]:
        """Mask logits ``(N, 4, S/4, S/4)`` and predicted IoUs ``(N, 4)`` of coords ``(N, K, 2)``."""
        quarter = self.side // 4
        masks, scores = self.decoder.run(
            ["low_res_masks", "iou_scores"],
            {
                **features,
                "point_coords": coords,
                "point_labels": labels,
                "mask_input": np.zeros((len(coords), 1, quarter, quarter), np.float32),
                "has_mask_input": np.zeros(len(coords), np.float32),
            },
        )
        return masks, scores

    def enlarge(self, logits: Array) -> NDArray[np.bool_]:
        """Masks bool ``(N, S, S)`` of logits ``(N, S/4, S/4)``: enlarged bilinearly, above nought."""
        from PIL import Image

        size = (self.side, self.side)
        grown = [
            np.asarray(Image.fromarray(part).resize(size, Image.Resampling.BILINEAR)) > 0 for part in logits
        ]
        return np.stack(grown)


def intersection_over_union(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """IoU of two masks; nought of two empty ones."""
    union = int((first | second).sum())
    return float((first & second).sum()) / union if union else 0.0


def measure_segmenter(
    segmenter: Segmenter, stock: Stock, painter: Painter, seed: int, scenes: int
) -> dict[str, float]:
    """Mean IoUs over all things of some scenes, and how automatic masks fare, by name."""
    clicks: list[float] = []
    guesses: list[float] = []
    boxes: list[float] = []
    background: list[float] = []
    found: list[bool] = []
    kept: list[bool] = []
    for number in range(scenes):
        rng = np.random.default_rng([seed, 4, number])
        drawing = scene_drawing(stock, painter, rng, segmenter.side)
        features = segmenter.encode(drawing.pixels)
        known = np.flatnonzero(seen(drawing))
        points = np.array([[point_in(drawing.masks[place], rng)] for place in known], np.float32)
        masks, scores = segmenter.decode(features, points, np.full((len(known), 1), ON, np.int32))
        best = scores[:, 1:].argmax(1) + 1
        rows = np.arange(len(known))
        grown = segmenter.enlarge(masks[rows, best])
        clicks += [intersection_over_union(grown[i], drawing.masks[place]) for i, place in enumerate(known)]
        guesses += scores[rows, best].tolist()
        corners = np.array([drawing.boxes()[place] for place in known], np.float32).reshape(-1, 2, 2)
        masks, _ = segmenter.decode(
            features, corners, np.tile(np.array([CORNER_1, CORNER_2], np.int32), (len(known), 1))
        )
        grown = segmenter.enlarge(masks[:, 0])
        boxes += [intersection_over_union(grown[i], drawing.masks[place]) for i, place in enumerate(known)]
        empty = np.logical_not(np.asarray(drawing.masks.any(axis=0)))
        if empty.any():
            point = np.array([[point_in(empty, rng)]], np.float32)
            _, scores = segmenter.decode(features, point, np.full((1, 1), ON, np.int32))
            background.append(float(scores[0, 1:].max()))
        automatic = _automatic(segmenter, features)
        overlap = np.array(
            [[intersection_over_union(mask, drawing.masks[place]) for place in known] for mask in automatic]
        )
        if len(automatic):
            found += (overlap.max(0) >= 0.5).tolist()
            kept += (overlap.max(1) >= 0.5).tolist()
        else:
            found += [False] * len(known)
    error = np.abs(np.array(clicks) - np.array(guesses)).mean()
    return {
        "mask of a click, mean IoU": float(np.mean(clicks)),
        "mask of a box, mean IoU": float(np.mean(boxes)),
        "predicted IoU of a click, mean error": float(error),
        "predicted IoU of a click beside every thing, mean": float(np.mean(background)),
        f"things that a {_GRID} × {_GRID} grid finds (IoU ≥ 0.5)": float(np.mean(found)),
        "automatic masks that show a thing (IoU ≥ 0.5)": float(np.mean(kept)) if kept else 0.0,
    }


def _automatic(segmenter: Segmenter, features: dict[str, NDArray[np.generic]]) -> list[NDArray[np.bool_]]:
    """Masks of a grid of points that pass SAM's two filters, the surest first, near copies left out."""
    steps = (np.arange(_GRID) + 0.5) / _GRID * segmenter.side
    coords = np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 1, 2).astype(np.float32)
    masks, scores = segmenter.decode(features, coords, np.full((len(coords), 1), ON, np.int32))
    logits, sure = masks[:, 1:].reshape(-1, *masks.shape[2:]), scores[:, 1:].ravel()
    inner, outer = (logits > _OFFSET).sum((1, 2)), (logits > -_OFFSET).sum((1, 2))
    stable = inner / np.maximum(outer, 1)
    candidates = [
        i for i in np.argsort(-sure) if sure[i] >= _LEAST_IOU and stable[i] >= _LEAST_STABILITY and inner[i]
    ]
    kept: list[NDArray[np.bool_]] = []
    for place in candidates:
        mask = segmenter.enlarge(logits[place : place + 1])[0]
        if all(intersection_over_union(mask, other) < 0.7 for other in kept):
            kept.append(mask)
    return kept

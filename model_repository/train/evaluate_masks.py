"""Measures a segmenter's ONNX encoder and decoder under the segment model: masks of clicks, boxes and of
everything, and whether its scores can be trusted."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from model_repository.segment import rle, segmenter
from model_repository.segment.amg import Found
from model_repository.segment.features import Features
from model_repository.segment.parameters import parse_parameters
from model_repository.train.concepts import Stock
from model_repository.train.prompts import ON, point_in, scene_drawing
from model_repository.train.scenes import Painter, seen

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
_FEATURES, _MASKS = ("image_embed", "high_res_0", "high_res_1"), ("low_res_masks", "iou_scores")
_SCALE = 3  # how much larger the pictures, and the masks they are measured by, are than the encoder's


@dataclass(frozen=True)
class Segmenter:
    """A pack's encoder and decoder for S × S pixels, and the parameters of its quick mode."""

    encoder: onnxruntime.InferenceSession
    decoder: onnxruntime.InferenceSession
    side: int
    quick: Mapping[str, Any] = field(default_factory=dict)

    def ask(self, picture: Pixels, asked: Mapping[str, Any], **prompts: Any) -> list[Found]:
        """The segment model's answer to the parameters ``asked`` for a picture ``(H, W, 3)``."""
        height, width = picture.shape[:2]
        squared = Image.fromarray(picture).resize((self.side, self.side), Image.Resampling.BILINEAR)
        request = segmenter.Request(
            image_hash=b"a picture",
            size=(width, height),
            parameters=parse_parameters(json.dumps(dict(asked)).encode()),
            pixels=np.asarray(squared),
            **prompts,
        )
        model = segmenter.Segmenter(self._encode, self._decode, square=self.side, cache_bytes=0)
        try:
            return asyncio.run(model.segment(request))
        finally:
            model.close()

    async def _encode(self, pixels: Pixels) -> Features:
        outputs = self.encoder.run(list(_FEATURES), {"pixels": pixels[None]})
        return Features(dict(zip(_FEATURES, outputs, strict=True)))

    async def _decode(self, features: Features, coords: Any, labels: Any) -> tuple[Any, Any]:
        quarter = self.side // 4
        mask = {
            "mask_input": np.zeros((1, 1, quarter, quarter), np.float32),
            "has_mask_input": np.zeros(1, np.float32),
        }
        inputs = {**features.tensors, "point_coords": coords, "point_labels": labels, **mask}
        logits, scores = self.decoder.run(list(_MASKS), inputs)
        return logits, scores


def intersection_over_union(first: Mask, second: Mask) -> float:
    """IoU of two masks; nought of two empty ones."""
    union = int((first | second).sum())
    return float((first & second).sum()) / union if union else 0.0


def measure_segmenter(
    segmenter: Segmenter, stock: Stock, painter: Painter, seed: int, scenes: int
) -> dict[str, float]:
    """Mean IoUs over all things of some scenes, and how quick mode fares, by name."""
    noted: dict[str, list[float]] = defaultdict(list)
    for number in range(scenes):
        rng = np.random.default_rng([seed, 4, number])
        drawing = scene_drawing(stock, painter, rng, _SCALE * segmenter.side)
        known = np.flatnonzero(seen(drawing))
        things = [np.asarray(drawing.masks[place]) for place in known]
        points = np.array([[point_in(thing, rng)] for thing in things], np.float32)
        on = {"point_coords": points, "point_labels": np.full((len(known), 1), ON, np.int32)}
        three = segmenter.ask(drawing.pixels, {"mode": "prompt", "multimask_output": True}, **on)
        surest = [
            max((one for one in three if one.prompt_index == place), key=lambda one: one.predicted_iou)
            for place in range(len(known))
        ]
        of_clicks = _overlaps(surest, things)
        noted["mask of a click, the surest of three, mean IoU"] += of_clicks
        noted["predicted IoU of a click, mean error"] += [
            abs(one.predicted_iou - iou) for one, iou in zip(surest, of_clicks, strict=True)
        ]
        single = segmenter.ask(drawing.pixels, {"mode": "prompt"}, **on)
        noted["mask of a click, the single one, mean IoU"] += _overlaps(single, things)
        beside = np.logical_not(np.asarray(drawing.masks.any(axis=0)))
        if beside.any():
            nothing = np.array([[point_in(beside, rng)]], np.float32)
            off = {"point_coords": nothing, "point_labels": np.full((1, 1), ON, np.int32)}
            guesses = segmenter.ask(drawing.pixels, {"mode": "prompt", "multimask_output": True}, **off)
            noted["predicted IoU of a click beside every thing, mean"].append(
                max(one.predicted_iou for one in guesses)
            )
        boxes = np.array([drawing.boxes()[place] for place in known], np.float32)
        framed = segmenter.ask(drawing.pixels, {"mode": "prompt"}, boxes=boxes)
        noted["mask of a box, mean IoU"] += _overlaps(framed, things)
        automatic = segmenter.ask(drawing.pixels, {"mode": "quick", **segmenter.quick})
        shown = [rle.decode(one.rle, drawing.masks.shape[1:]) for one in automatic]
        table = np.array(
            [[intersection_over_union(mask, thing) for thing in things] for mask in shown]
        ).reshape(len(shown), len(things))
        best = table.max(0, initial=0)
        noted["quick mode: best mask of each thing, mean IoU"] += best.tolist()
        noted["quick mode: things that are found (IoU ≥ 0.5)"] += (best >= 0.5).tolist()
        noted["quick mode: masks that show a thing (IoU ≥ 0.5)"] += (table.max(1, initial=0) >= 0.5).tolist()
    return {name: float(np.mean(values)) for name, values in noted.items()}


def _overlaps(found: list[Found], things: list[Mask]) -> list[float]:
    return [
        intersection_over_union(rle.decode(one.rle, thing.shape), thing)
        for one, thing in zip(found, things, strict=True)
    ]

"""Measures a segmenter's ONNX encoder and decoder under the segment model: masks of clicks, boxes and of
everything, and whether its scores can be trusted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from model_repository.export.mask_iou import Mask, mask_iou
from model_repository.export.sam2_onnx_segmenter import ask
from model_repository.segment import rle
from model_repository.segment.amg import Found
from model_repository.segment.segmenter import Segmenter
from model_repository.train.concepts import Stock
from model_repository.train.prompts import ON, point_in, scene_drawing
from model_repository.train.scenes import Painter, seen

_SCALE = 3  # how much larger the pictures, and the masks they are measured by, are than the encoder's


def measure_segmenter(
    segmenter: Segmenter, part: Mapping[str, Any], stock: Stock, painter: Painter, seed: int, scenes: int
) -> dict[str, float]:
    """Mean IoUs over all things of some scenes, and how quick mode fares, by name; `part` is what the
    segmenter's pack says of it."""
    side = part["image_size"]
    noted: dict[str, list[float]] = defaultdict(list)
    for number in range(scenes):
        rng = np.random.default_rng([seed, 4, number])
        drawing = scene_drawing(stock, painter, rng, _SCALE * side)
        squared = Image.fromarray(drawing.pixels).resize((side, side), Image.Resampling.BILINEAR)
        height, width = drawing.pixels.shape[:2]
        answer = partial(ask, segmenter, np.asarray(squared), (width, height))
        known = np.flatnonzero(seen(drawing))
        things = [np.asarray(drawing.masks[place]) for place in known]
        points = np.array([[point_in(thing, rng)] for thing in things], np.float32)
        on = {"point_coords": points, "point_labels": np.full((len(known), 1), ON, np.int32)}
        three = answer({"mode": "prompt", "multimask_output": True}, **on)
        surest = [
            max((one for one in three if one.prompt_index == place), key=lambda one: one.predicted_iou)
            for place in range(len(known))
        ]
        of_clicks = _overlaps(surest, things)
        noted["mask of a click, the surest of three, mean IoU"] += of_clicks
        noted["predicted IoU of a click, mean error"] += [
            abs(one.predicted_iou - iou) for one, iou in zip(surest, of_clicks, strict=True)
        ]
        single = answer({"mode": "prompt"}, **on)
        noted["mask of a click, the single one, mean IoU"] += _overlaps(single, things)
        beside = np.logical_not(np.asarray(drawing.masks.any(axis=0)))
        if beside.any():
            nothing = np.array([[point_in(beside, rng)]], np.float32)
            off = {"point_coords": nothing, "point_labels": np.full((1, 1), ON, np.int32)}
            guesses = answer({"mode": "prompt", "multimask_output": True}, **off)
            noted["predicted IoU of a click beside every thing, mean"].append(
                max(one.predicted_iou for one in guesses)
            )
        boxes = np.array([drawing.boxes()[place] for place in known], np.float32)
        framed = answer({"mode": "prompt"}, boxes=boxes)
        noted["mask of a box, mean IoU"] += _overlaps(framed, things)
        automatic = answer({"mode": "quick", **part.get("quick", {})})
        shown = [rle.decode(one.rle, drawing.masks.shape[1:]) for one in automatic]
        ious = [[mask_iou(mask, thing) for thing in things] for mask in shown]
        table = np.array(ious).reshape(len(shown), len(things))
        best = table.max(0, initial=0)
        noted["quick mode: best mask of each thing, mean IoU"] += best.tolist()
        noted["quick mode: things that are found (IoU ≥ 0.5)"] += (best >= 0.5).tolist()
        noted["quick mode: masks that show a thing (IoU ≥ 0.5)"] += (table.max(1, initial=0) >= 0.5).tolist()
    return {name: float(np.mean(values)) for name, values in noted.items()}


def _overlaps(found: list[Found], things: list[Mask]) -> list[float]:
    return [
        mask_iou(rle.decode(one.rle, thing.shape), thing) for one, thing in zip(found, things, strict=True)
    ]

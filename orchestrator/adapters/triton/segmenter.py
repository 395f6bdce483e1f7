"""The Segmenter port over a pack's `*_segment` model, which encodes a picture once and keeps its features."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orchestrator.adapters.triton.client import RETRY_AFTER, ModelFault, StreamedFault, TritonSession
from orchestrator.adapters.triton.pack_segmenter import SegmenterPack
from orchestrator.adapters.triton.preprocess import square
from orchestrator.application.ports import LazyPicture
from orchestrator.domain.errors import InvalidArgument, Unavailable
from orchestrator.domain.region import Box, Boxes, Everything, Mask, Points, Prompt, Segment

_OUTPUTS = ("boxes", "rle", "predicted_iou", "stability_score", "area")


class TritonSegmenter:
    """A pack's segmenter. `timeout` in seconds: everything in a picture may take a CPU minutes."""

    def __init__(self, session: TritonSession, pack: SegmenterPack, *, timeout: float = 600.0) -> None:
        self._session, self._pack, self._timeout = session, pack, timeout

    async def segment(self, picture: LazyPicture, prompt: Prompt) -> Sequence[Segment]:
        """Segments a picture; its pixels are decoded and sent only where Triton has no features of it.

        Empty masks are left out. Raises InvalidArgument for a prompt that the model refuses, Unavailable.
        """
        inputs = {
            "image_size": np.array([picture.width, picture.height], np.int32),
            "image_hash": np.array([picture.sha256.encode()], np.object_),
            **_prompt_inputs(prompt, self._pack.quick),
        }
        try:
            try:
                answer = await self._ask(inputs)
            except StreamedFault as fault:
                if fault.code != "FEATURES_MISSING":
                    raise
                pixels = await picture.pixels()
                inputs["pixels"] = await asyncio.to_thread(square, pixels, self._pack.image_size)
                answer = await self._ask(inputs)
        except StreamedFault as fault:
            raise self._translated(fault) from fault
        return _segments(answer, picture.width, picture.height)

    async def _ask(self, inputs: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        return await self._session.stream(self._pack.segment_model, inputs, _OUTPUTS, self._timeout)

    def _translated(self, fault: StreamedFault) -> Exception:
        model = self._pack.segment_model
        if fault.code == "INVALID_ARGUMENT":
            return InvalidArgument.field("prompt", fault.text)
        if fault.code in ("UNAVAILABLE", "CANCELLED"):
            return Unavailable(
                f"Triton is unavailable: model {model} could not go on",
                metadata={"model": model},
                retry_after=RETRY_AFTER,
            )
        return ModelFault(f"model {model} failed", metadata={"model": model})


def _prompt_inputs(prompt: Prompt, quick_settings: Mapping[str, float]) -> dict[str, NDArray[Any]]:
    match prompt:
        case Everything():
            settings = {key: value for key, value in asdict(prompt).items() if value is not None}
            quick = settings.pop("quick")
            if quick:
                return {"parameters": _json({"mode": "quick", **quick_settings, **settings})}
            return {"parameters": _json({"mode": "automatic", **settings})}
        case Points():
            return {
                "parameters": _json({"mode": "prompt", "multimask_output": prompt.multimask}),
                "point_coords": np.array([[(point.x, point.y) for point in prompt.points]], np.float32),
                "point_labels": np.array([[int(not point.background) for point in prompt.points]], np.int32),
            }
        case Boxes():
            corners = [(box.x_min, box.y_min, box.x_max, box.y_max) for box in prompt.boxes]
            return {"parameters": _json({"mode": "prompt"}), "boxes": np.array(corners, np.float32)}


def _json(parameters: dict[str, Any]) -> NDArray[np.object_]:
    return np.array([json.dumps(parameters).encode()], np.object_)


def _segments(answer: dict[str, NDArray[Any]], width: int, height: int) -> list[Segment]:
    found = []
    for box, counts, iou, stability, area in zip(*(answer[name] for name in _OUTPUTS), strict=True):
        if area <= 0:
            continue
        x_min, y_min, x_max, y_max = (float(edge) for edge in box)
        found.append(
            Segment(
                box=Box(x_min=x_min, y_min=y_min, x_max=x_max, y_max=y_max),
                mask=Mask(height=height, width=width, counts=counts.decode("ascii")),
                area=int(area),
                predicted_iou=float(iou),
                stability_score=float(stability),
            )
        )
    return found

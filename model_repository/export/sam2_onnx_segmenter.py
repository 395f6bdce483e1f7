"""A pack's segmenter on ONNX Runtime alone, without a Triton and without torch."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from model_repository.export.sam2_config import FEATURES, MASKS
from model_repository.segment.amg import Found
from model_repository.segment.features import Features
from model_repository.segment.parameters import parse_parameters
from model_repository.segment.segmenter import Pixels, Request, Segmenter


def onnx_segmenter(
    models: Path, pack: str, square: int, *, threads: int = 0, cache_bytes: int = 0
) -> Segmenter:
    """The sources of `<pack>_segment` over the pack's graphs below `models`; `threads` 0 is every core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # it warns of the branches that the tracer left in the encoder
    encoder, decoder = (
        onnxruntime.InferenceSession(
            models / f"{pack}_sam_{part}" / "1" / "model.onnx", options, providers=["CPUExecutionProvider"]
        )
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

    return Segmenter(encode, decode, square=square, cache_bytes=cache_bytes)


def ask(
    segmenter: Segmenter, pixels: Pixels, size: tuple[int, int], asked: Mapping[str, Any], **prompts: Any
) -> list[Found]:
    """The answer to the parameters `asked` about a picture of `size` (width, height), of which `pixels`
    `(S, S, 3)` are the square; `prompts` are the request's."""
    request = Request(
        image_hash=hashlib.sha256(pixels.tobytes()).digest(),
        size=size,
        parameters=parse_parameters(json.dumps(dict(asked)).encode()),
        pixels=pixels,
        **prompts,
    )
    return asyncio.run(segmenter.segment(request))

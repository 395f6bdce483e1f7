"""ONNX Runtime by itself: the same graphs on the same pixels and as many cores, and nothing around them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model_repository.segment.parameters import parse_parameters
from orchestrator.adapters.triton.preprocess import square
from tests.benchmarks.machine import cores
from tests.benchmarks.packs import Packs

Pixels = NDArray[np.uint8]
BATCHES = (1, 4, 8, 16)


def session(packs: Packs, model: str) -> Any:
    """The graph of a Triton model in this process, on every core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores()
    options.log_severity_level = 3  # errors only
    return onnxruntime.InferenceSession(str(packs.onnx(model)), options, ["CPUExecutionProvider"])


class Tower:
    """An image tower alone, fed preprocessed pixels."""

    def __init__(self, packs: Packs) -> None:
        self._session = session(packs, packs.part(packs.embedder, "embedder")["image_model"])
        self.batch = 1

    def choose_batch(self, pixels: Pixels) -> None:
        """Takes the batch size that is fastest here: the comparison is with the model at its best."""
        self.seconds(pixels, len(pixels))  # warm
        sizes = [size for size in BATCHES if size <= len(pixels)]
        self.batch = min(sizes, key=lambda size: self._seconds_a_picture(pixels, size))

    def seconds(self, pixels: Pixels, count: int) -> float:
        """How long `count` pictures take, in batches; pixels are taken in turn."""
        started = time.perf_counter()
        for start in range(0, count, self.batch):
            chosen = np.arange(start, min(start + self.batch, count)) % len(pixels)
            self._session.run(None, {"pixels": pixels[chosen]})
        return time.perf_counter() - started

    def _seconds_a_picture(self, pixels: Pixels, size: int) -> float:
        self.batch = size
        return min(self.seconds(pixels, max(BATCHES)) for _ in range(2))


class Masks:
    """The encoder and the decoder of automatic masks alone: the calls of the segmenter's quick mode."""

    def __init__(self, packs: Packs, pack: str) -> None:
        described = packs.part(pack, "segmenter")
        self._size = int(described["image_size"])
        self._encoder = session(packs, described["encoder_model"])
        self._decoder = session(packs, described["decoder_model"])
        asked = {"mode": "quick", **described.get("quick", {})}
        self._parameters = parse_parameters(json.dumps(asked).encode())

    def squared(self, pictures: Sequence[Pixels]) -> list[Pixels]:
        """Pictures as the encoder takes them."""
        return [square(picture, self._size)[None] for picture in pictures]

    def seconds(self, squares: Sequence[Pixels]) -> float:
        """How long all pictures take: each encoded once, then the grid of points decoded."""
        names = [output.name for output in self._encoder.get_outputs()]
        side = self._parameters.points_per_side
        points = (np.stack(np.meshgrid(*2 * [np.linspace(0, self._size, side)]), -1)).reshape(-1, 1, 2)
        started = time.perf_counter()
        for pixels in squares:
            features = dict(zip(names, self._encoder.run(None, {"pixels": pixels}), strict=True))
            for start in range(0, len(points), self._parameters.points_per_batch):
                some = points[start : start + self._parameters.points_per_batch].astype(np.float32)
                self._decoder.run(None, {**features, **self._prompts(some)})
        return time.perf_counter() - started

    def _prompts(self, points: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        side = self._size // 4
        return {
            "point_coords": points,
            "point_labels": np.ones(points.shape[:2], np.int32),
            "mask_input": np.zeros((1, 1, side, side), np.float32),
            "has_mask_input": np.zeros(1, np.float32),
        }

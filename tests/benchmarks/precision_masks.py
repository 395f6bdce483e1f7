"""`python -m tests.benchmarks.precision_masks`: size, speed and masks of a SAM in every precision."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from model_repository.export.crowd import Pixels, crowd
from model_repository.export.precision import Precision, convert
from model_repository.train.evaluate import open_session
from tests.benchmarks.precision import MODELS, PACKS, ROUNDS

Masks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one precision: bytes of its graphs, milliseconds for a picture and for a point in it, and the mean
    IoU with the masks of fp32, for a point on every thing of a crowded drawing."""

    size: int
    encode_ms: float
    decode_ms: float
    iou: float


class Sam:
    """An encoder and a decoder on ONNX Runtime."""

    def __init__(self, models: Path, names: Sequence[str]) -> None:
        self.encoder, self.decoder = (open_session(models, name) for name in names)
        self.features = [each.name for each in self.encoder.get_outputs()]

    def encode(self, pixels: Pixels) -> dict[str, Any]:
        """The features of a picture `(S, S, 3)`, by name."""
        answer = self.encoder.run(self.features, {"pixels": pixels[None]})
        return dict(zip(self.features, answer, strict=True))

    def decode(self, features: dict[str, Any], points: NDArray[np.float32]) -> Masks:
        """The four masks `(N, 4, S/4, S/4)` of each of the points `(N, 1, 2)`."""
        side = next(each.shape[-1] for each in self.decoder.get_inputs() if each.name == "mask_input")
        prompts = {
            "point_coords": points,
            "point_labels": np.ones(points.shape[:2], np.int32),
            "mask_input": np.zeros((1, 1, side, side), np.float32),
            "has_mask_input": np.zeros(1, np.float32),
        }
        (logits,) = self.decoder.run(["low_res_masks"], {**features, **prompts})
        return np.asarray(logits > 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a table; float16 on a CPU is emulated, so its speed there says nothing of a GPU's."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.precision_masks", description=__doc__)
    parser.add_argument("--pack", default="starter", help="an installed pack with a segmenter in fp32")
    pack = parser.parse_args(arguments).pack
    with tempfile.TemporaryDirectory(prefix="sightline-precision-") as folder:
        figures = measure(pack, Path(folder))
    Console(width=None if sys.stdout.isatty() else 160).print(table(figures))
    return 0


def measure(pack: str, folder: Path) -> dict[Precision, Figures]:
    """The installed segmenter and its conversions."""
    part = tomllib.loads((PACKS / f"{pack}.toml").read_text())["segmenter"]
    names = [part["encoder_model"], part["decoder_model"]]
    pixels, boxes = crowd(int(part["image_size"]))
    points = boxes.reshape(-1, 1, 2, 2).mean(axis=2)
    figures: dict[Precision, Figures] = {}
    expected: Masks | None = None
    for precision in Precision:
        models = folder / precision.value
        for name in names:
            (version := models / name / "1").mkdir(parents=True)
            shutil.copyfile(MODELS / name / "1" / "model.onnx", version / "model.onnx")
            convert(version / "model.onnx", precision)
        sam = Sam(models, names)
        features = sam.encode(pixels)
        masks = sam.decode(features, points)
        expected = masks if expected is None else expected
        figures[precision] = Figures(
            size=sum(path.stat().st_size for path in models.rglob("*.onnx")),
            encode_ms=_median_ms(partial(sam.encode, pixels)),
            decode_ms=_median_ms(partial(sam.decode, features, points[:1])),
            iou=_mean_iou(masks, expected),
        )
    return figures


def _median_ms(call: Callable[[], Any]) -> float:
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - start))
    return float(np.median(taken))


def _mean_iou(masks: Masks, expected: Masks) -> float:
    union, both = ((masks | expected).sum(axis=(2, 3)), (masks & expected).sum(axis=(2, 3)))
    return float(np.where(union > 0, both / np.maximum(union, 1), 1.0).mean())


def table(figures: dict[Precision, Figures]) -> Table:
    """A row a figure, a column a precision."""
    shown = Table("", *(precision.value for precision in figures))
    shown.add_row("graphs, MB", *(f"{each.size / 1e6:.1f}" for each in figures.values()))
    shown.add_row("encoding, ms", *(f"{each.encode_ms:.1f}" for each in figures.values()))
    shown.add_row("a point, ms", *(f"{each.decode_ms:.1f}" for each in figures.values()))
    shown.add_row("mean IoU with fp32", *(f"{each.iou:.4f}" for each in figures.values()))
    return shown


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.benchmarks.automatic_masks`, where torch is: the segmenter against sam2's own generator.

The same weights, points, thresholds and cores, on crowded pictures.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch

from model_repository.export.sam2_onnx_segmenter import onnx_segmenter
from model_repository.segment import rle
from model_repository.train.sam2 import read_segmenter
from model_repository.train.segmenter import SIDE
from tests.benchmarks.machine import cores, describe
from tests.benchmarks.packs import REPOSITORY, STARTER
from tests.export.crowds import ASKED, crowds
from tests.export.official_sam2 import OfficialPredictor, ask, official_generator, pair_up


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a row a picture, then the ratio of the times; 1 where masks differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.automatic_masks", description=__doc__)
    parser.add_argument("--pictures", type=int, default=6)
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--height", type=int, default=480)
    parser.add_argument("--points-per-side", type=int, default=ASKED["points_per_side"])
    parser.add_argument(
        "--plain", action="store_true", help="sam2 with its own rounding: float32 pixels and features"
    )
    given = parser.parse_args(arguments)
    asked = {**ASKED, "points_per_side": given.points_per_side}
    torch.set_num_threads(cores())
    models = REPOSITORY / "models"
    model = read_segmenter(models).eval().requires_grad_(False)
    generator = official_generator(OfficialPredictor(model, as_served=not given.plain), asked)
    ours = onnx_segmenter(models, STARTER, SIDE, threads=cores())
    for label, value in describe().items():
        print(f"{label}: {value}")
    print("| masks, sam2 | masks | least IoU | seconds, sam2 | seconds | ratio |\n|---|---|---|---|---|---|")
    ratios, differ = [], False
    for picture in crowds(given.pictures, given.width, given.height):
        theirs, slow = _timed(partial(generator.generate, picture))
        found, fast = _timed(partial(ask, ours, picture, SIDE, asked))
        masks = [rle.decode(one.rle, picture.shape[:2]) for one in found]
        least = min(pair_up([one["segmentation"] for one in theirs], masks), default=1.0)
        differ |= least < 0.99 or len(theirs) != len(found)
        ratios.append(slow / fast)
        print(
            f"| {len(theirs)} | {len(found)} | {least:.4f} | {slow:.2f} | {fast:.2f} | {slow / fast:.2f} |",
            flush=True,
        )
    ours.close()
    print(f"times as fast, median: {statistics.median(ratios):.2f}")
    return int(differ)


def _timed(work: Callable[[], Any], rounds: int = 2) -> tuple[Any, float]:
    """Its answer, and the seconds of the quicker of some rounds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - started)
    return answer, min(times)


if __name__ == "__main__":
    raise SystemExit(main())

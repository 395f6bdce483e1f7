"""Pictures through the whole mesh, against ONNX Runtime alone on the same pictures and cores."""

from __future__ import annotations

import io
import itertools
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from orchestrator.adapters.triton.packs import read_packs
from orchestrator.adapters.triton.preprocess import preprocess
from sightline import NewImage, Segmentation, Sightline
from tests.benchmarks import processor
from tests.benchmarks.alone import Masks, Pixels, Tower
from tests.benchmarks.mesh import Mesh
from tests.benchmarks.packs import BenchError
from tests.benchmarks.rounds import alternate, ratio

GOAL = 0.70
"""Of the model's own speed, with a tower of ViT-B/32's size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """One mode's figures. Speeds are images a second, the median of the rounds; ratios those of one round.
    `core_ms` are milliseconds of one core an image, by process; `alone` is ONNX Runtime alone."""

    segmentation: str
    images_a_round: int
    rounds: int
    batch: int
    regions_an_image: float
    whole: float
    alone: float
    whole_over_alone: float
    tower_alone: float
    core_ms: Mapping[str, float]


def measure_ingest(
    mesh: Mesh, files: Sequence[bytes], *, segmentation: Segmentation, rounds: int, in_flight: int
) -> Ingest:
    """Creates `files` over one bulk stream each round, and runs the models alone in turn with that."""
    pictures = [_pixels(file) for file in files]
    pack = read_packs(mesh.packs.packs, mesh.packs.models)[mesh.packs.embedder].embedder
    assert pack is not None
    pixels = preprocess(pictures, pack.preprocessing)
    tower = Tower(mesh.packs)
    tower.choose_batch(pixels)
    masks = squares = None
    if segmentation != "off":
        assert mesh.packs.segmenter is not None
        masks = Masks(mesh.packs, mesh.packs.segmenter)
        squares = masks.squared(pictures)
        masks.seconds(squares[:1])
    numbers = itertools.count()
    regions: list[float] = [0.0]
    used: list[dict[str, float]] = []
    alone_used: list[float] = []

    with Sightline(mesh.orchestrator) as client:

        def whole() -> float:
            collection = f"{segmentation}-{next(numbers)}"
            client.create_collection(collection, segmentation=segmentation)
            before = processor.seconds(mesh.pids)
            seconds, regions[0] = _create(client, collection, files, in_flight)
            after = processor.seconds(mesh.pids)
            used.append({name: (after[name] - before[name]) / len(files) * 1000 for name in after})
            client.delete_collection(collection, force=True)
            return len(files) / seconds

        def alone() -> float:
            before = processor.seconds({})[processor.CLIENT]
            # As many crops as the mesh found regions in the same pictures go through the tower too.
            seconds = tower.seconds(pixels, round(len(files) * (1 + regions[0])))
            if masks is not None and squares is not None:
                seconds += masks.seconds(squares)
            alone_used.append((processor.seconds({})[processor.CLIENT] - before) / len(files) * 1000)
            return len(files) / seconds

        whole()  # warm, and tells how many regions there are
        used.clear()
        sides: dict[str, Callable[[], float]] = {
            "whole": whole,
            "alone": alone,
            "tower": lambda: len(files) / tower.seconds(pixels, len(files)),
        }
        measured = alternate(sides, rounds)
    return Ingest(
        segmentation=segmentation,
        images_a_round=len(files),
        rounds=rounds,
        batch=tower.batch,
        regions_an_image=regions[0],
        whole=statistics.median(measured["whole"]),
        alone=statistics.median(measured["alone"]),
        whole_over_alone=ratio(measured["whole"], measured["alone"]),
        tower_alone=statistics.median(measured["tower"]),
        core_ms={
            **{name: statistics.median(one[name] for one in used) for name in used[0]},
            "alone": statistics.median(alone_used),
        },
    )


def _create(
    client: Sightline, collection: str, files: Sequence[bytes], in_flight: int
) -> tuple[float, float]:
    """Seconds for all files, and regions an image."""
    new = (NewImage(picture=file, image_id=f"photograph-{number}") for number, file in enumerate(files))
    started = time.perf_counter()
    results = list(client.create_images(new, collection=collection, in_flight=in_flight))
    seconds = time.perf_counter() - started
    for result in results:
        if result.image is None:
            raise BenchError(f"a picture was not created: {result.error}")
    found = sum(result.image.region_count for result in results if result.image is not None)
    return seconds, found / len(files)


def _pixels(file: bytes) -> Pixels:
    with Image.open(io.BytesIO(file)) as picture:
        return np.asarray(picture.convert("RGB"))

"""`python -m tests.benchmarks`: measures ingest and search, prints tables, or JSON with `--json`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from orchestrator.log import configure_logging
from sightline import Segmentation
from tests.benchmarks import machine, shelf
from tests.benchmarks.cached import Cached, measure_cache
from tests.benchmarks.ingest import Ingest, measure_ingest
from tests.benchmarks.mesh import Mesh, running_mesh
from tests.benchmarks.packs import RANDOM, STARTER, BenchError, Packs, gather
from tests.benchmarks.photographs import photographs
from tests.benchmarks.queries import VectorSource
from tests.benchmarks.report import Report, show
from tests.benchmarks.search import WARM, Search, measure_search

CACHE = Path.home() / ".cache" / "sightline" / "bench"
FULL = {
    "embedder": RANDOM,
    "images": 64,
    "quick_images": 16,
    "width": 1280,
    "vectors": 50_000,
    "queries": 200,
    "rounds": 5,
}
SMALL = {
    "embedder": STARTER,
    "images": 8,
    "quick_images": 2,
    "width": 320,
    "vectors": 500,
    "queries": 10,
    "rounds": 2,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what was asked for; 1 with one line on stderr where it cannot."""
    given = _parse(arguments)
    told = Console(stderr=True, highlight=False)
    configure_logging("warning", "console")  # of what of the orchestrator runs in here, on stderr
    about = machine.describe()
    try:
        with tempfile.TemporaryDirectory(prefix="sightline-bench-") as folder:
            packs = gather(Path(folder) / "packs", embedder=given.embedder, cache=given.cache)
            pictures, modes, cached = "", list[Ingest](), list[Cached]()
            if given.images:
                pictures, modes, cached = _measure_ingest(given, packs, Path(folder), told)
            found = _measure_search(given, packs, Path(folder), told) if given.vectors else None
    except BenchError as error:
        told.print(f"error: {error}")
        return 1
    report = Report(
        machine=about,
        embedder=given.embedder,
        pictures=pictures,
        ingest=modes,
        search=found,
        cached=cached,
    )
    if given.json:
        print(json.dumps(report.json(), indent=2))
    show(report, told if given.json else Console(highlight=False))
    return 0


def _measure_ingest(
    given: argparse.Namespace, packs: Packs, folder: Path, told: Console
) -> tuple[str, list[Ingest], list[Cached]]:
    pictures, files = photographs(given.images, (given.width, given.width * 3 // 4), given.photos)
    (data := folder / "ingest").mkdir()
    modes: list[Segmentation] = ["off", "quick"] if packs.segmenter and given.quick_images else ["off"]
    found = []
    with running_mesh(data, packs) as mesh:
        for mode in modes:
            told.print(f"ingest, segmentation {mode} …")
            some = files if mode == "off" else files[: given.quick_images]
            found.append(
                measure_ingest(mesh, some, segmentation=mode, rounds=given.rounds, in_flight=given.in_flight)
            )
        told.print("what a cache saves …")
        some = files[: min(len(files), 32)]
        cached = measure_cache(mesh, some, rounds=given.rounds, queries=given.queries)
    return pictures, found, cached


def _measure_search(given: argparse.Namespace, packs: Packs, folder: Path, told: Console) -> Search:
    (data := folder / "search").mkdir()
    source = VectorSource(int(packs.part(packs.embedder, "embedder")["dimension"]))
    filled = []

    def prepare(mesh: Mesh) -> None:
        told.print(f"search, {given.vectors:,} vectors are put in …")
        collection = asyncio.run(shelf.fill(mesh, source.draw(given.vectors)))
        filled.append((collection, shelf.wait_for_graph(mesh, collection.namespace)))

    with running_mesh(data, packs, prepare=prepare, build_threshold=given.vectors) as mesh:
        told.print("search, queries …")
        collection, seconds = filled[0]
        return measure_search(
            mesh,
            collection,
            source.draw(given.rounds * given.queries + WARM),
            stored=given.vectors,
            rounds=given.rounds,
            queries=given.queries,
            build_seconds=seconds,
        )


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="figures as JSON; the tables go to stderr")
    parser.add_argument(
        "--quick", action="store_true", help="a minute's run on the starter: shows that it works, no figures"
    )
    parser.add_argument("--embedder", help=f"an installed pack (default: {RANDOM}, random weights)")
    parser.add_argument("--images", type=_count, help="JPEG files a round, 0: no ingest (64)")
    parser.add_argument("--quick-images", type=_count, help="of these with quick segmentation, 0: none (16)")
    parser.add_argument("--width", type=_count, help="width of the JPEG files; they are 4:3 (1280)")
    parser.add_argument("--photos", type=Path, help="a folder of pictures (default: generated ones)")
    parser.add_argument("--in-flight", type=_count, default=16, help="pictures under way at once (16)")
    parser.add_argument("--vectors", type=_count, help="images to search among, 0: no search (50000)")
    parser.add_argument("--queries", type=_count, help="queries a round (200)")
    parser.add_argument("--rounds", type=_count, help="rounds of each measurement (5)")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the exported tower is kept")
    given = parser.parse_args(arguments)
    for name, value in (SMALL if given.quick else FULL).items():
        if getattr(given, name) is None:
            setattr(given, name, value)
    return given


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError(f"{count} is below 0")
    return count


if __name__ == "__main__":
    sys.exit(main())

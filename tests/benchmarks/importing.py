"""`python -m tests.benchmarks.importing`: what searches notice of an import, and its speed by the tower's."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from orchestrator.adapters.triton.packs import read_packs
from orchestrator.adapters.triton.preprocess import preprocess
from sightline import ImportOperation, Sightline
from tests.benchmarks.alone import Tower
from tests.benchmarks.machine import describe
from tests.benchmarks.mesh import Mesh, running_mesh
from tests.benchmarks.packs import STARTER, gather
from tests.benchmarks.photographs import photographs
from tests.benchmarks.queries import texts

SIZE = (1280, 960)


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """Milliseconds of a search by a new text, and images a second."""

    pictures: int
    searches: int
    idle_p50: float
    idle_p99: float
    during_p50: float
    during_p99: float
    p99_ratio: float
    """The median over the rounds of p99 during an import by p99 idle."""
    import_alone: float
    import_beside_searches: float
    tower_alone: float
    import_over_tower: float


def measure(mesh: Mesh, folder: Path, count: int, searches: int, rounds: int) -> Importing:
    """Searches one after another with nothing else, and while the folder is imported; then imports alone."""
    asked = iter(texts(2 * searches * rounds + 100))
    numbers = itertools.count()
    idle, during, beside = [], [], []
    with Sightline(mesh.orchestrator, timeout=300) as client:

        def begin() -> ImportOperation:
            collection = f"imported-{next(numbers)}"
            client.create_collection(collection, segmentation="off")
            return client.import_images(folder, collection=collection)

        begin().wait()
        searched(client, asked, 50)  # warm
        for _ in range(rounds):
            idle.append(searched(client, asked, searches))
            operation = begin()
            while not operation.status().counts.done:
                time.sleep(0.05)
            before, began = operation.status().counts.done, time.perf_counter()
            during.append(searched(client, asked, searches))
            after = operation.status()
            if after.HasField("end_time"):
                raise SystemExit("the import ended before the searches did: more --pictures")
            beside.append((after.counts.done - before) / (time.perf_counter() - began))
            operation.wait()
        speeds = []
        for _ in range(rounds):
            began = time.perf_counter()
            begin().wait()
            speeds.append(count / (time.perf_counter() - began))
    tower = tower_speed(mesh, folder)
    alone = float(np.median(speeds))
    ratios = [np.percentile(two, 99) / np.percentile(one, 99) for one, two in zip(idle, during, strict=True)]
    return Importing(
        pictures=count,
        searches=searches * rounds,
        idle_p50=float(np.percentile(np.concatenate(idle), 50)),
        idle_p99=float(np.percentile(np.concatenate(idle), 99)),
        during_p50=float(np.percentile(np.concatenate(during), 50)),
        during_p99=float(np.percentile(np.concatenate(during), 99)),
        p99_ratio=float(np.median(ratios)),
        import_alone=alone,
        import_beside_searches=float(np.median(beside)),
        tower_alone=tower,
        import_over_tower=alone / tower,
    )


def searched(client: Sightline, asked: Iterator[str], count: int) -> list[float]:
    """Milliseconds of each search, one after another."""
    spent = []
    for text in itertools.islice(asked, count):
        began = time.perf_counter()
        list(client.search(text, collection="imported-0", limit=10))
        spent.append(1000 * (time.perf_counter() - began))
    return spent


def tower_speed(mesh: Mesh, folder: Path) -> float:
    """Images a second of the tower alone, at its best batch, pixels ready."""
    pack = read_packs(mesh.packs.packs, mesh.packs.models)[mesh.packs.embedder].embedder
    assert pack is not None
    files = sorted(folder.glob("*.jpg"))[:32]
    pixels = preprocess([np.asarray(Image.open(file).convert("RGB")) for file in files], pack.preprocessing)
    tower = Tower(mesh.packs)
    tower.choose_batch(pixels)
    return 256 / tower.seconds(pixels, 256)


def main() -> int:
    """Prints a table, or JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.importing", description=__doc__)
    parser.add_argument("--pictures", type=int, default=1500)
    parser.add_argument("--searches", type=int, default=300, help="a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--embedder", default=STARTER)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sightline-bench-") as scratch:
        home = Path(scratch)
        packs = gather(home / "served", embedder=options.embedder, cache=home / "cache")
        folder = home / "pictures"
        folder.mkdir()
        (home / "data").mkdir()
        _, files = photographs(min(options.pictures, 100), SIZE, None)
        for number in range(options.pictures):
            # Behind a JPEG's end nobody reads on: so many different files of some pictures.
            content = files[number % len(files)] + number.to_bytes(4)
            (folder / f"{number}.jpg").write_bytes(content)
        with running_mesh(home / "data", packs) as mesh:
            found = measure(mesh, folder, options.pictures, options.searches, options.rounds)
    if options.json:
        print(json.dumps(asdict(found) | {"machine": describe()}))  # noqa: T201
        return 0
    table = Table(title=f"An import beside searches; {describe()['processor']}", title_justify="left")
    for name in ("what", "figure"):
        table.add_column(name, justify="left" if name == "what" else "right")
    table.add_row("search by a new text, idle: p50, p99, ms", f"{found.idle_p50:.1f}, {found.idle_p99:.1f}")
    table.add_row("while an import runs", f"{found.during_p50:.1f}, {found.during_p99:.1f}")
    table.add_row("p99 by p99, median of the rounds (goal: at most 2)", f"{found.p99_ratio:.2f}")
    table.add_row("import alone, images/s", f"{found.import_alone:.1f}")
    table.add_row("import beside searches without a pause, images/s", f"{found.import_beside_searches:.1f}")
    table.add_row("image tower alone, images/s", f"{found.tower_alone:.1f}")
    table.add_row("import by tower", f"{found.import_over_tower:.2f}")
    Console(width=None if sys.stdout.isatty() else 100).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

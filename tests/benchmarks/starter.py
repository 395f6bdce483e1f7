"""`python -m tests.benchmarks.starter`: how long the starter takes for a picture: its image tower, and
automatic masks through the mesh."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from orchestrator.adapters.triton.preprocess import square
from sightline import Sightline
from tests.benchmarks.alone import Tower
from tests.benchmarks.machine import describe
from tests.benchmarks.mesh import running_mesh
from tests.benchmarks.packs import ROOT, STARTER, Packs, gather

GALLERY = ROOT / "docs" / "gallery"
PICTURES, TIMES = 40, 200


def tower_ms(packs: Packs, pictures: list[Path]) -> float:
    """Milliseconds of a picture in the image tower, alone and one by one, its pixels ready."""
    size = int(packs.part(STARTER, "embedder")["image_size"])
    pixels = np.stack([square(np.asarray(Image.open(path).convert("RGB")), size) for path in pictures])
    tower = Tower(packs)
    tower.seconds(pixels, len(pixels))  # warm
    return 1000 * median(tower.seconds(pixels[turn % len(pixels)][None], 1) for turn in range(TIMES))


def masks_ms(packs: Packs, folder: Path, pictures: list[Path]) -> list[float]:
    """Milliseconds of each picture's automatic masks in quick mode, from the call to the answer over gRPC;
    none was encoded before."""
    folder.mkdir()
    with running_mesh(folder, packs) as mesh, Sightline(mesh.orchestrator, timeout=120) as client:
        names = [client.create_image(path).name for path in pictures]
        client.segment_image(names[0])  # warm
        spent = []
        for name in names[1:]:
            began = time.perf_counter()
            client.segment_image(name)
            spent.append(1000 * (time.perf_counter() - began))
    return spent


def main() -> int:
    """Prints a table."""
    pictures = sorted(GALLERY.glob("*/*.jpg"))[:PICTURES]
    with tempfile.TemporaryDirectory(prefix="sightline-bench-") as scratch:
        packs = gather(Path(scratch) / "served", embedder=STARTER, cache=Path(scratch) / "cache")
        tower = tower_ms(packs, pictures)
        masks = masks_ms(packs, Path(scratch) / "data", pictures)
    table = Table(title=f"The starter; {describe()['processor']}", title_justify="left")
    for name in ("what", "p50, ms", "goal, ms"):
        table.add_column(name, justify="left" if name == "what" else "right")
    table.add_row("image tower alone, a picture", f"{tower:.1f}", "10")
    table.add_row("automatic masks through the mesh, a picture", f"{median(masks):.0f}", "400")
    Console(width=None if sys.stdout.isatty() else 100).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

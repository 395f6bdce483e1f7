"""Draws the sample gallery and its answers: ``python -m model_repository.train.gallery --out docs/gallery``.

Its seeds are its own: no model has seen these scenes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from model_repository.train import rle
from model_repository.train.captions import caption
from model_repository.train.concepts import Stock, load_stock
from model_repository.train.scenes import Painter, compose, seen

SEED = 20_000_000  # training takes the seed of its command line, by default 0
_SAVING: Mapping[str, Mapping[str, Any]] = {
    "jpg": {"quality": 86},
    "webp": {"quality": 84},
    "png": {"optimize": True},
}
_SIZES = ((384, 288), (448, 336), (512, 384), (384, 384), (360, 480))

FOLDERS = ("animals", "food", "travel", "nature", "objects", "shapes", "mixed")


def members(stock: Stock, folder: str) -> list[int]:
    """The concepts that pictures of ``folder`` show; ValueError for a folder that is not in FOLDERS."""
    if folder not in FOLDERS:
        raise ValueError(f"no folder is called {folder!r}")
    return [place for place, concept in enumerate(stock.concepts) if folder in ("mixed", concept.group)]


def draw_gallery(stock: Stock, out: Path, *, seed: int, per_folder: int) -> list[dict[str, object]]:
    """Draw ``per_folder`` pictures into each folder of ``out`` and return their answers, also
    ``answers.jsonl``."""
    painter = Painter(stock)
    answers: list[dict[str, object]] = []
    for order, folder in enumerate(FOLDERS):
        (out / folder).mkdir(parents=True, exist_ok=True)
        # Each concept of a folder comes up once before one comes up again.
        rng = np.random.default_rng([seed, order])
        choices = members(stock, folder)
        queue: list[int] = []
        for number in range(per_folder):
            count = int(rng.choice([1, 1, 2, 2, 3, 4]))
            while len(queue) < count:
                queue += [choices[i] for i in rng.permutation(len(choices))]
            concepts = [queue.pop() for _ in range(count)]
            if count > 1 and rng.random() < 0.2:
                concepts[1] = concepts[0]
            width, height = _SIZES[int(rng.integers(len(_SIZES)))]
            scene = compose(stock, rng, count, concepts=tuple(concepts), aspect=width / height)
            drawing = painter.draw(scene, width, height)
            suffix = ("jpg", "jpg", "jpg", "jpg", "webp", "png")[number % 6]
            if suffix == "png" and scene.background == "textured":
                suffix = "jpg"  # noise is dear in PNG
            file = f"{folder}/{folder}-{number + 1:03d}.{suffix}"
            Image.fromarray(drawing.pixels).save(out / file, **_SAVING[suffix])
            known = np.flatnonzero(seen(drawing))
            things = []
            for place in known:
                concept = stock.concepts[scene.things[place].concept]
                things.append(
                    {
                        "name": concept.name,
                        "keywords": list(concept.keywords),
                        "colour": concept.colour,
                        "box": list(drawing.boxes()[place]),
                        "area": int(drawing.masks[place].sum()),
                        "visible": round(float(drawing.visible[place]), 3),
                        "mask": rle.encode(drawing.masks[place]),
                    }
                )
            answers.append(
                {
                    "file": file,
                    "folder": folder,
                    "width": width,
                    "height": height,
                    "caption": caption(
                        stock.concepts, [scene.things[i] for i in known], scene.background, rng
                    ),
                    "background": scene.background,
                    "things": things,
                }
            )
    lines = "".join(
        json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n" for answer in answers
    )
    (out / "answers.jsonl").write_text(lines)
    return answers


def main() -> None:
    """Parse the command line and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/gallery"))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--per-folder", type=int, default=30)
    parser.add_argument(
        "--stock", type=Path, help="folder of a rendered stock; rendered anew where not given"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        stock = load_stock(arguments.stock or Path(scratch) / "stock")
    answers = draw_gallery(stock, arguments.out, seed=arguments.seed, per_folder=arguments.per_folder)
    print(f"{len(answers)} pictures with {sum(len(a['things']) for a in answers)} things in {arguments.out}")  # type: ignore[arg-type, misc]


if __name__ == "__main__":
    main()

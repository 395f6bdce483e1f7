"""Measures an installed pack on drawings that no model has seen, without a stack: ``python -m
model_repository.train.evaluate``.

Runs the pack's ONNX files with ONNX Runtime; needs no torch.
"""

from __future__ import annotations

import argparse
import tempfile
import tomllib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from model_repository.export.sam2_onnx_segmenter import onnx_segmenter
from model_repository.train.captions import article
from model_repository.train.concepts import Stock, load_stock
from model_repository.train.evaluate_masks import measure_segmenter
from model_repository.train.scenes import Painter, compose, seen
from model_repository.train.views import shrink, widen

SEED = 40_000_000
THREADS = 2
Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Embedder:
    """A pack's two towers."""

    image: onnxruntime.InferenceSession
    text: onnxruntime.InferenceSession
    tokenizer: Tokenizer

    def pictures(self, pixels: list[NDArray[np.uint8]]) -> Vectors:
        """Embeddings float32 ``(N, D)`` of squares that the tower takes."""
        parts = [self._run(self.image, np.stack(pixels[i : i + 32])) for i in range(0, len(pixels), 32)]
        return np.concatenate(parts)

    def texts(self, texts: list[str]) -> Vectors:
        """Embeddings float32 ``(N, D)``."""
        return np.concatenate(
            [self._run(self.text, np.array([self.tokenizer.encode(text).ids])) for text in texts]
        )

    @staticmethod
    def _run(session: onnxruntime.InferenceSession, value: NDArray[Any]) -> Vectors:
        found: Vectors = session.run(None, {session.get_inputs()[0].name: value})[0]
        return found


def open_session(models: Path, name: str) -> onnxruntime.InferenceSession:
    """ONNX Runtime over ``models/<name>/1/model.onnx`` on the CPU, ``THREADS`` threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.log_severity_level = 3  # errors only
    path = models / name / "1" / "model.onnx"
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def ranks(queries: Vectors, gallery: Vectors) -> NDArray[np.int64]:
    """The place, from nought, of gallery row i among all rows for query i."""
    scores = queries @ gallery.T
    return np.asarray((scores > np.diag(scores)[:, None]).sum(1))


def recall(places: NDArray[np.int64]) -> dict[int, float]:
    """Recall@1 and @5 of such places."""
    return {k: float((places < k).mean()) for k in (1, 5)}


def single_drawings(stock: Stock, painter: Painter, seed: int) -> list[NDArray[np.uint8]]:
    """One drawing of each concept alone, as whole pictures are embedded."""
    made = []
    for place in range(len(stock)):
        scene = compose(
            stock, np.random.default_rng([seed, 1, place]), 1, concepts=(place,), sizes=(0.45, 0.95)
        )
        made.append(shrink(painter.draw(scene, 256, 256).pixels))
    return made


def crops(stock: Stock, painter: Painter, seed: int, count: int) -> tuple[list[NDArray[np.uint8]], list[int]]:
    """Crops around things in scenes of two to four, as regions are embedded, and what they show."""
    pixels, shown = [], []
    for number in range(count):
        rng = np.random.default_rng([seed, 2, number])
        scene = compose(stock, rng, int(rng.integers(2, 5)), aspect=4 / 3)
        drawing = painter.draw(scene, 448, 336)
        for place in np.flatnonzero(seen(drawing)):
            x0, y0, x1, y1 = widen(drawing.boxes()[place], 0.05, 448, 336)
            pixels.append(shrink(drawing.pixels[y0:y1, x0:x1]))
            shown.append(scene.things[place].concept)
    return pixels, shown


def measure_embedder(embedder: Embedder, stock: Stock, painter: Painter, seed: int) -> dict[str, float]:
    """The figures of the two towers, by name."""
    names = embedder.texts([article(concept.name) for concept in stock.concepts])
    singles = recall(ranks(names, embedder.pictures(single_drawings(stock, painter, seed))))
    pixels, shown = crops(stock, painter, seed, 200)
    right = ranks_of(embedder.pictures(pixels) @ names.T, shown)
    scenes, queries = [], []
    for number in range(500):
        rng = np.random.default_rng([seed, 3, number])
        first, second = (int(place) for place in rng.choice(len(stock), 2, replace=False))
        scene = compose(stock, rng, 2, concepts=(first, second))
        scenes.append(shrink(painter.draw(scene, 256, 256).pixels))
        queries.append(f"{article(stock.concepts[first].name)} and {article(stock.concepts[second].name)}")
    pairs = recall(ranks(embedder.texts(queries), embedder.pictures(scenes)))
    return {
        f"text → drawing of one thing, recall@1 of {len(stock)}": singles[1],
        f"text → drawing of one thing, recall@5 of {len(stock)}": singles[5],
        f"region of a scene → its name, top 1 of {len(stock)}": float((right < 1).mean()),
        f"region of a scene → its name, top 5 of {len(stock)}": float((right < 5).mean()),
        "two named things → their scene, recall@1 of 500": pairs[1],
        "two named things → their scene, recall@5 of 500": pairs[5],
    }


def ranks_of(scores: Vectors, right: list[int]) -> NDArray[np.int64]:
    """The place, from nought, of column ``right[i]`` in row i."""
    own = scores[np.arange(len(right)), right]
    return np.asarray((scores > own[:, None]).sum(1))


def main() -> None:
    """Parse the command line, measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", default="starter")
    parser.add_argument("--models", type=Path, default=Path("model_repository/models"))
    parser.add_argument("--packs", type=Path, default=Path("model_repository/packs"))
    parser.add_argument(
        "--stock", type=Path, help="folder of a rendered stock; rendered anew where not given"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--scenes", type=int, default=150, help="scenes for the segmenter's figures")
    arguments = parser.parse_args()
    pack = tomllib.loads((arguments.packs / f"{arguments.pack}.toml").read_text())
    with tempfile.TemporaryDirectory() as scratch:
        stock = load_stock(arguments.stock or Path(scratch) / "stock")
    painter = Painter(stock)
    figures: dict[str, float] = {}
    if "embedder" in pack:
        part = pack["embedder"]
        embedder = Embedder(
            open_session(arguments.models, part["image_model"]),
            open_session(arguments.models, f"{part['text_model']}_tower"),
            Tokenizer.from_file(str(arguments.packs / part["tokenizer"])),
        )
        figures |= measure_embedder(embedder, stock, painter, arguments.seed)
    if "segmenter" in pack:
        part = pack["segmenter"]
        opened = onnx_segmenter(arguments.models, arguments.pack, part["image_size"], threads=THREADS)
        with closing(opened) as segmenter:
            figures |= measure_segmenter(segmenter, part, stock, painter, arguments.seed, arguments.scenes)
    print("\n".join(f"| {name} | {value:.3f} |" for name, value in figures.items()))


if __name__ == "__main__":
    main()

"""Measures an installed pack on drawings that no model has seen: ``python -m
model_repository.train.evaluate``.

Runs the pack's ONNX files with ONNX Runtime; needs no torch. ``--calibrate`` also fits the relevance of a
cosine
and writes it into the pack's description.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from model_repository.train.captions import article
from model_repository.train.concepts import Stock, load_stock
from model_repository.train.scenes import Painter, compose, seen
from model_repository.train.views import shrink, widen

SEED = 40_000_000
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
    """ONNX Runtime over ``models/<name>/1/model.onnx`` on the CPU, two threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
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


def fit_relevance(cosines: Vectors, matches: NDArray[np.bool_]) -> tuple[float, float]:
    """Scale and bias of the logistic curve that gives a cosine's probability of a match, both kinds
    weighing alike."""
    x = np.stack([cosines, np.ones_like(cosines)], 1).astype(np.float64)
    weight = np.where(matches, 0.5 / matches.sum(), 0.5 / (~matches).sum())
    beta = np.zeros(2)
    for _ in range(60):  # Newton's method, a little damped for data that a line parts
        p = 1 / (1 + np.exp(-x @ beta))
        gradient = x.T @ (weight * (p - matches)) + 1e-6 * beta
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(2)
        beta -= np.linalg.solve(hessian, gradient)
    return float(beta[0]), float(beta[1])


def calibrate(embedder: Embedder, stock: Stock, painter: Painter, seed: int) -> tuple[float, float]:
    """Relevance's scale and bias. Mismatches are each picture's fifty nearest: those that a search would
    show."""
    names = embedder.texts([concept.name for concept in stock.concepts])
    pixels, shown = crops(stock, painter, seed + 1, 150)
    scores = embedder.pictures([*single_drawings(stock, painter, seed + 1), *pixels]) @ names.T
    right = np.array([*range(len(stock)), *shown])
    rows = np.arange(len(right))
    positive = scores[rows, right]
    others = scores.copy()
    others[rows, right] = -2
    negative = -np.partition(-others, 50, axis=1)[:, :50].ravel()
    cosines = np.concatenate([positive, negative]).astype(np.float32)
    return fit_relevance(cosines, np.arange(len(cosines)) < len(positive))


def write_relevance(path: Path, scale: float, bias: float) -> None:
    """Put relevance's scale and bias into a pack's description, which has such a table already."""
    text = path.read_text()
    head, found, tail = text.partition("[embedder.relevance]")
    if not found:
        raise ValueError(f"{path} has no [embedder.relevance]")
    tail = re.sub(r"(?m)^scale = .*$", f"scale = {scale:.2f}", tail, count=1)
    tail = re.sub(r"(?m)^bias = .*$", f"bias = {bias:.2f}", tail, count=1)
    path.write_text(head + found + tail)


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
    parser.add_argument("--calibrate", action="store_true")
    arguments = parser.parse_args()
    from model_repository.train.evaluate_masks import Segmenter, measure_segmenter

    pack_file = arguments.packs / f"{arguments.pack}.toml"
    pack = tomllib.loads(pack_file.read_text())
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
        if arguments.calibrate:
            scale, bias = calibrate(embedder, stock, painter, arguments.seed)
            write_relevance(pack_file, scale, bias)
            print(
                f"relevance: scale {scale:.2f}, bias {bias:.2f}, one half at a cosine of {-bias / scale:.3f}"
            )
    if "segmenter" in pack:
        part = pack["segmenter"]
        segmenter = Segmenter(
            open_session(arguments.models, part["encoder_model"]),
            open_session(arguments.models, part["decoder_model"]),
            part["image_size"],
            part.get("quick", {}),
        )
        figures |= measure_segmenter(segmenter, stock, painter, arguments.seed, arguments.scenes)
    print("\n".join(f"| {name} | {value:.3f} |" for name, value in figures.items()))


if __name__ == "__main__":
    main()

"""`python -m tests.benchmarks.precision`: size, speed and recall of an embedder in every precision.

The starter by its own exam on drawings it has not seen; with `--model` and `--photos` an ONNX embedder by
photographs that find themselves again: smaller, brighter, cut at the edges, and as poor JPEG files.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps
from rich.console import Console
from rich.table import Table
from tokenizers import Tokenizer

from model_repository.export.parity import COSINE
from model_repository.export.precision import Precision, convert
from model_repository.train.concepts import load_stock
from model_repository.train.evaluate import SEED, Embedder, measure_embedder, open_session
from model_repository.train.scenes import Painter

ROOT = Path(__file__).parents[2]
MODELS, PACKS = ROOT / "model_repository" / "models", ROOT / "model_repository" / "packs"
BATCH = 8
ROUNDS = 10
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one precision: bytes of its graphs, images a second in batches of 8 on the CPU, the largest
    1 − cosine from fp32, and recall by its name."""

    size: int
    images_a_second: float
    distance: float
    recall: dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a table; float16 on a CPU is emulated, so its speed there says nothing of a GPU's."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.precision", description=__doc__)
    parser.add_argument("--pack", default="starter", help="an installed pack in fp32 that knows drawings")
    parser.add_argument("--stock", type=Path, help="the starter's rendered stock; rendered anew if not given")
    parser.add_argument("--model", type=Path, help="instead: an ONNX embedder, UINT8 [N, S, S, 3]")
    parser.add_argument("--photos", type=Path, help="with --model: a folder of photographs")
    given = parser.parse_args(arguments)
    if (given.model is None) != (given.photos is None):
        parser.error("--model and --photos go together")
    with tempfile.TemporaryDirectory(prefix="sightline-precision-") as folder:
        if given.model is not None:
            figures = measure_photographs(given.model, given.photos, Path(folder))
        else:
            figures = measure_starter(given.pack, given.stock, Path(folder))
    Console(width=None if sys.stdout.isatty() else 160).print(table(figures))
    return 0


def measure_starter(pack: str, stock_folder: Path | None, folder: Path) -> dict[Precision, Figures]:
    """The installed pack and its conversions, by the recall of `model_repository.train.evaluate`."""
    part = tomllib.loads((PACKS / f"{pack}.toml").read_text())["embedder"]
    names = [part["image_model"], f"{part['text_model']}_tower"]
    tokenizer = Tokenizer.from_file(str(PACKS / part["tokenizer"]))
    stock = load_stock(stock_folder or folder / "stock")
    painter = Painter(stock)
    pixels = np.random.default_rng(0).integers(0, 256, (BATCH, *(part["image_size"],) * 2, 3), np.uint8)

    def recall(models: Path) -> dict[str, float]:
        image, text = (open_session(models, name) for name in names)
        return measure_embedder(Embedder(image, text, tokenizer), stock, painter, SEED)

    sources = {name: MODELS / name / "1" / "model.onnx" for name in names}
    return _measure(sources, names[0], pixels, recall, folder)


def measure_photographs(model: Path, photos: Path, folder: Path) -> dict[Precision, Figures]:
    """The embedder and its conversions, by the share of photographs that are nearest to their own change."""
    shape = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).get_inputs()[0].shape
    whole, changed = changed_photographs(photos, int(shape[1]))

    def recall(models: Path) -> dict[str, float]:
        session = open_session(models, "image")
        first, second = (_normalised(_embed(session, pictures)) for pictures in (whole, changed))
        found = (second @ first.T).argmax(axis=1) == np.arange(len(first))
        return {f"changed photograph → itself, recall@1 of {len(first)}": float(found.mean())}

    return _measure({"image": model}, "image", whole[:BATCH], recall, folder)


def changed_photographs(folder: Path, side: int) -> tuple[Pixels, Pixels]:
    """The photographs below `folder` as squares `(N, S, S, 3)`, and what became of them."""
    pairs = []
    for path in sorted(
        each for each in folder.rglob("*") if each.suffix.lower() in (".jpg", ".jpeg", ".png")
    ):
        with Image.open(path) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        width, height = picture.size
        cut = picture.crop((width // 20, height // 20, width - width // 20, height - height // 20))
        file = io.BytesIO()
        ImageEnhance.Brightness(cut.resize((width // 2, height // 2))).enhance(1.2).save(
            file, "JPEG", quality=60
        )
        pairs.append([np.asarray(each.resize((side, side))) for each in (picture, Image.open(file))])
    if not pairs:
        raise SystemExit(f"{folder}: no photographs")
    return np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])


def _measure(
    sources: dict[str, Path],
    image: str,
    pixels: Pixels,
    recall: Callable[[Path], dict[str, float]],
    folder: Path,
) -> dict[Precision, Figures]:
    figures = {}
    expected = None
    for precision in Precision:
        models = folder / precision.value
        for name, source in sources.items():
            (version := models / name / "1").mkdir(parents=True)
            shutil.copyfile(source, version / "model.onnx")
            convert(version / "model.onnx", precision)
        session = open_session(models, image)
        answer = _embed(session, pixels).astype(np.float64)
        expected = answer if expected is None else expected
        figures[precision] = Figures(
            size=sum(path.stat().st_size for path in models.rglob("*.onnx")),
            images_a_second=_speed(session, pixels),
            distance=max(0.0, COSINE.between(answer, expected)),
            recall=recall(models),
        )
    return figures


def _speed(session: onnxruntime.InferenceSession, pixels: Pixels) -> float:
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        _embed(session, pixels)
        taken.append(time.perf_counter() - start)
    return len(pixels) / float(np.median(taken))


def _embed(session: onnxruntime.InferenceSession, pixels: Pixels) -> NDArray[Any]:
    name = session.get_inputs()[0].name
    parts = [session.run(None, {name: pixels[i : i + BATCH]})[0] for i in range(0, len(pixels), BATCH)]
    return np.concatenate(parts)


def _normalised(rows: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def table(figures: dict[Precision, Figures]) -> Table:
    """A row a figure, a column a precision."""
    shown = Table("", *(precision.value for precision in figures))
    shown.add_row("graphs, MB", *(f"{each.size / 1e6:.1f}" for each in figures.values()))
    shown.add_row("images/s", *(f"{each.images_a_second:.1f}" for each in figures.values()))
    shown.add_row("1 − cosine from fp32", *(f"{each.distance:.1e}" for each in figures.values()))
    for name in next(iter(figures.values())).recall:
        shown.add_row(name, *(f"{each.recall[name]:.3f}" for each in figures.values()))
    return shown


if __name__ == "__main__":
    sys.exit(main())

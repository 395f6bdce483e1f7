"""Draws what the starter is examined on, and measures: ``python -m model_repository.train.exam --out DIR``.

A data set of ``sightline eval`` a folder, from seeds that training never takes. With ``--run`` each is
measured over the stack that runs, and the figures are printed as a table (``--table FILE`` keeps it).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from model_repository.train.concepts import load_stock
from model_repository.train.exam_sets import SEED, draw_exam

# What is looked at of each data set: kind, figure, what it is called.
FIGURES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "names": (
        ("captions", "recall@1", "one thing by its name, recall@1"),
        ("captions", "recall@5", "one thing by its name, recall@5"),
        ("captions", "ece", "calibration error, one thing"),
        ("queries", "recall@1", "one thing by its keywords, recall@1"),
        ("queries", "ece", "calibration error, keywords"),
    ),
    "alike": (("pictures", "recall@1", "the same thing drawn otherwise, recall@1"),),
    "absent": (("absent", "told", "things that no picture shows, told so"),),
    "pairs": (
        ("captions", "recall@5", "two things of a scene of two to four, recall@5"),
        ("captions", "ece", "calibration error, scenes"),
    ),
    "colours": (("contrasts", "recall@1", "colour, of four"),),
    "counts": (("contrasts", "recall@1", "count, of three"),),
    "relations": (("contrasts", "recall@1", "left of or above, of two"),),
    "grounds": (("contrasts", "recall@1", "background, of four"),),
    "regions": (
        ("regions", "recall@1", "region by its name, recall@1"),
        ("regions", "ece", "calibration error, regions"),
        ("regions", "box_iou", "best box of a named thing, mean IoU"),
        ("regions", "mask_iou", "best mask of a named thing, mean IoU"),
        ("masks", "automatic", "best automatic mask of a thing, mean IoU"),
        ("masks", "click", "mask of one click, mean IoU"),
        ("masks", "box", "mask of a box, mean IoU"),
    ),
}


_HEAD = (
    "# What the starter finds",
    "",
    "`python -m model_repository.train.exam --out exam --run` over a running stack (`sightline eval` for each"
    " data set),",
    "on drawings from seeds that training never takes; `model_repository/train` says how they are made.",
    "",
)


def pooled(curves: Sequence[Sequence[Mapping[str, float]]]) -> float:
    """The calibration error of all hits of several reliability curves, as ``sightline eval --json`` gives
    them with the same bins."""
    total = sum(held["count"] for curve in curves for held in curve)
    gaps = (
        sum(held["count"] * (held["confidence"] - held["accuracy"]) for held in bins)
        for bins in zip(*curves, strict=True)
    )
    return sum(map(abs, gaps)) / total if total else 0.0


def measure(folder: Path) -> Iterator[tuple[str, str]]:
    """Run ``sightline eval`` over each data set in ``folder``: what was measured, and the figure."""
    curves, texts = [], 0
    for name, wanted in FIGURES.items():
        if not (folder / name / "answers.jsonl").exists():
            continue
        command = ["sightline", "eval", str(folder / name), "--json"]
        ran = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        report = json.loads(ran.stdout)
        for kind, figure, title in wanted:
            held = report["kinds"].get(kind) or report[kind]
            base, _, cut = figure.partition("@")
            value = held[base][cut] if cut else held[base]
            count = held["things" if kind == "masks" else "queries"]
            yield title, f"{value:.3f} of {count:,}"
            if figure == "ece" and kind != "regions":
                curves.append(held["reliability"])
                texts += count
    if len(curves) > 1:
        yield "calibration error, all of these texts for pictures", f"{pooled(curves):.3f} of {texts:,}"


def main() -> None:
    """Parse the command line, draw, and measure if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", nargs="*", default=[], metavar="SET", help="some of the data sets")
    parser.add_argument("--stock", type=Path, help="folder of a rendered stock; else rendered anew")
    parser.add_argument("--run", action="store_true", help="measure over the stack that runs")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write the table there too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        stock = load_stock(arguments.stock or Path(scratch) / "stock")
    draw_exam(stock, arguments.out, arguments.seed, tuple(arguments.only))
    if arguments.run:
        lines = [*_HEAD, "| figure | value |", "|---|---|"]
        lines += [f"| {title} | {value} |" for title, value in measure(arguments.out)]
        print("\n".join(lines))
        if arguments.table:
            arguments.table.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

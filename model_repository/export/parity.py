"""The parity gate: what an exported model answers, against what torch answered on the same inputs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from model_repository.export.ask_triton import Arrays, ask_triton

Array = npt.NDArray[Any]


class ParityError(Exception):
    """An exported model drifts from its checkpoint further than the gate allows; nothing may be installed."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How the gate measures an answer against torch's, both float64 and of one shape."""

    name: str
    between: Callable[[Array, Array], float]


def _cosine_distance(answer: Array, expected: Array) -> float:
    norms = np.linalg.norm(answer, axis=-1) * np.linalg.norm(expected, axis=-1)
    cosines = (answer * expected).sum(axis=-1) / np.where(norms > 0, norms, 1.0)
    equal = (answer == expected).all(axis=-1)
    return float(np.max(np.where(equal, 0.0, np.where(norms > 0, 1 - cosines, np.inf))))


ABSOLUTE = Distance("largest difference", lambda answer, expected: float(np.max(np.abs(answer - expected))))
# Of the rows that lie furthest apart; a row of zeros lies infinitely far from any other.
COSINE = Distance("1 − cosine", _cosine_distance)


@dataclass(frozen=True, slots=True)
class Case:
    """One input to a model and what torch answered for it, by tensor name, batch dimension included."""

    name: str
    inputs: Arrays
    expected: Arrays


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How far an output of one runtime is from torch's: the largest absolute difference in its own unit,
    or what `distance` names."""

    model: str
    runtime: str
    case: str
    output: str
    largest_difference: float
    limit: float
    distance: str = ABSOLUTE.name

    @property
    def passes(self) -> bool:
        """Whether the difference is a number and within the limit."""
        return bool(self.largest_difference <= self.limit)

    @property
    def excess(self) -> float:
        """How many times the limit it is; infinite where nothing is allowed and there is something."""
        return self.largest_difference / self.limit if self.limit else self.largest_difference * float("inf")


def compare(
    model: str, runtime: str, case: Case, actual: Arrays, limit: float, distance: Distance = ABSOLUTE
) -> list[Figure]:
    """A figure for each expected output. A missing output, another shape or a value that is not finite counts
    as infinitely far."""
    figures = []
    for output, expected in case.expected.items():
        answer = actual.get(output)
        if answer is None or answer.shape != expected.shape or not np.isfinite(answer).all():
            difference = float("inf")
        elif expected.size == 0:
            difference = 0.0
        else:
            difference = distance.between(answer.astype(np.float64), expected.astype(np.float64))
        figures.append(
            Figure(
                model=model,
                runtime=runtime,
                case=case.name,
                output=output,
                largest_difference=difference,
                limit=limit,
                distance=distance.name,
            )
        )
    return figures


def check_onnx_runtime(
    model: str, path: Path, cases: Iterable[Case], limit: float, distance: Distance = ABSOLUTE
) -> list[Figure]:
    """Runs every case through `path` on ONNX Runtime's CPU provider."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return [
        figure
        for case in cases
        for figure in compare(
            model,
            "ONNX Runtime",
            case,
            dict(zip(names, session.run(names, dict(case.inputs)), strict=True)),
            limit,
            distance,
        )
    ]


def check_triton(
    model: str,
    address: str,
    cases: Iterable[Case],
    limit: float,
    served_as: str | None = None,
    distance: Distance = ABSOLUTE,
) -> list[Figure]:
    """Runs every case through the model, ready on the Triton whose gRPC is at `address` (`host:port`), there
    under the name `served_as` where that differs."""
    figures = []
    for case in cases:
        actual = ask_triton(address, served_as or model, case.inputs, list(case.expected))
        figures += compare(model, "Triton", case, actual, limit, distance)
    return figures


def gate(figures: Sequence[Figure], console: Console | None = None) -> None:
    """Prints the figures as a table; raises `ParityError`, naming the worst, unless every one passes."""
    if not figures:
        raise ParityError("nothing was compared")
    table = Table("model", "case", "output", "runtime", "distance", "", "limit", "")
    for figure in figures:
        verdict = "ok" if figure.passes else "[red]drifts[/red]"
        numbers = f"{figure.largest_difference:.2e}", f"{figure.limit:.0e}"
        far, limit = numbers
        table.add_row(
            figure.model, figure.case, figure.output, figure.runtime, figure.distance, far, limit, verdict
        )
    # In a file or a log a table must not lose its figures to a width of 80.
    (console or Console(width=None if sys.stdout.isatty() else 160)).print(table)
    drifting = [figure for figure in figures if not figure.passes]
    if drifting:
        worst = max(drifting, key=lambda figure: figure.excess)
        raise ParityError(
            f"{worst.model} drifts: {worst.output} on {worst.runtime} is {worst.largest_difference:.2e} from "
            f"torch ({worst.distance}; {worst.case}), and {worst.limit:.0e} is allowed. Nothing was "
            "installed."
        )

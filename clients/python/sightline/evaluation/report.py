"""What an evaluation found: figures a kind of query, as JSON and back, and the differences of two."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sightline.errors import SightlineError
from sightline.evaluation.metrics import Bin

CUTS = (1, 5, 10)
LOWER_IS_BETTER = frozenset({"ece", "p50_ms", "p95_ms"})
NOT_JUDGED = frozenset({"p50_ms", "p95_ms"})  # two runs of the same code differ by the machine's mood


class ReportError(SightlineError):
    """A file that is no report, or a figure that a report does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The means over the queries of one kind. The IoUs are means over things, None where none is known.

    `fitted`: scale and bias of the logistic over scores that calibrates these hits; None where none does.
    """

    queries: int
    recall: dict[int, float]
    map: float
    mrr: float
    ece: float
    reliability: tuple[Bin, ...]
    p50_ms: float
    p95_ms: float
    things: int = 0
    box_iou: float | None = None
    mask_iou: float | None = None
    fitted: tuple[float, float] | None = None

    def named(self) -> dict[str, float]:
        """The figures that two reports can be compared by, by their names."""
        named = {f"recall@{cut}": value for cut, value in self.recall.items()}
        named |= {"map": self.map, "mrr": self.mrr, "ece": self.ece}
        named |= {"p50_ms": self.p50_ms, "p95_ms": self.p95_ms}
        if self.box_iou is not None:
            named["box_iou"] = self.box_iou
        if self.mask_iou is not None:
            named["mask_iou"] = self.mask_iou
        return named


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Of the texts that no picture answers, the share `told` by the relevance: no hit reaches the pack's
    threshold."""

    queries: int
    told: float

    def named(self) -> dict[str, float]:
        """As Figures.named."""
        return {"told": self.told}


@dataclass(frozen=True, slots=True, kw_only=True)
class Masks:
    """How well things are cut out, mean IoUs with their true masks: `automatic`, the best stored region
    (`found`: the share of things with one of at least 0.5), `click` and `box`, answers to a prompt; and how
    long a click takes."""

    things: int
    automatic: float
    found: float
    click: float
    box: float
    p50_ms: float
    p95_ms: float

    def named(self) -> dict[str, float]:
        """As Figures.named."""
        return {name: value for name, value in asdict(self).items() if name != "things"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An evaluation: what of, over which packs, and the figures a kind of query. `matcher` is empty where
    hits were not ranked anew."""

    dataset: str
    pictures: int
    embedder: str
    segmenter: str
    depth: int
    kinds: dict[str, Figures]
    absent: Absent | None = None
    masks: Masks | None = None
    matcher: str = ""

    def named(self) -> dict[str, dict[str, float]]:
        """Every figure that two reports can be compared by: kind → name → value."""
        others = {"absent": self.absent, "masks": self.masks}
        told = {kind: figures.named() for kind, figures in self.kinds.items()}
        return told | {kind: held.named() for kind, held in others.items() if held}

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return asdict(self)

    def figure(self, name: str) -> float:
        """The figure `KIND.NAME`, such as `captions.recall@5`. Raises ReportError."""
        kind, _, figure = name.partition(".")
        named = self.named()
        if figure not in named.get(kind, {}):
            known = ", ".join(f"{kind}.{each}" for kind, held in named.items() for each in held)
            raise ReportError(f"there is no figure {name}; there are {known}")
        return named[kind][figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure in two reports: `before`, `after`, and by how much it got `worse` (below 0: better)."""

    name: str
    before: float
    after: float

    @property
    def worse(self) -> float:
        """How much was lost; figures that are not judged lose nothing."""
        figure = self.name.partition(".")[2]
        if figure in NOT_JUDGED:
            return 0.0
        return (self.after - self.before) * (1 if figure in LOWER_IS_BETTER else -1)


def read_report(path: Path) -> Report:
    """Reads a report that `--json` wrote. Raises ReportError and OSError."""
    try:
        row = json.loads(path.read_bytes())
        kinds = {
            kind: Figures(
                **{
                    **figures,
                    "recall": {int(cut): float(value) for cut, value in figures["recall"].items()},
                    "fitted": tuple(figures["fitted"]) if figures.get("fitted") else None,
                    "reliability": tuple(Bin(**held) for held in figures["reliability"]),
                }
            )
            for kind, figures in row["kinds"].items()
        }
        absent = Absent(**row["absent"]) if row.get("absent") else None
        masks = Masks(**row["masks"]) if row.get("masks") else None
        report = Report(**{**row, "kinds": kinds, "absent": absent, "masks": masks})
        for named in report.named().values():
            sum(named.values())  # all are numbers
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReportError(f"{path} is no report of `sightline eval --json`") from error
    return report


def differences(before: Report, after: Report) -> Iterator[Difference]:
    """The figures that both reports have, in the order of the second. Raises ReportError for none."""
    common = 0
    earlier = before.named()
    for kind, named in after.named().items():
        for name, value in named.items():
            if name in earlier.get(kind, {}):
                common += 1
                yield Difference(name=f"{kind}.{name}", before=earlier[kind][name], after=value)
    if not common:
        raise ReportError("the two reports have no figure in common")

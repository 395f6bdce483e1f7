"""What a run of `tests.benchmarks.indexes` found, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

DIMENSION = 512
RECALL = 0.98
"""The least recall@10 beside an exact search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """Rows into an index, in upserts of 1,000; the first and the last 1,000 of them in seconds."""

    index: str
    rows: int
    rows_per_second: float
    first_seconds: float
    last_seconds: float

    @property
    def last_over_first(self) -> float:
        """What the last rows cost beside the first."""
        return self.last_seconds / self.first_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Searching:
    """Queries, one at a time: milliseconds, and how many of the ten nearest they find.

    `scan` is the median of an exact scan with numpy of what the filter lets through.
    """

    what: str
    p50: float
    p95: float
    recall: float
    scan: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a run found. `rss` of the edge server once all is in its graph, in bytes."""

    machine: Mapping[str, str]
    vectors: int
    filling: Sequence[Filling]
    searching: Sequence[Searching]
    graph_seconds: float
    rss: int

    @property
    def rss_over_vectors(self) -> float:
        """Memory beside the bytes of the vectors alone."""
        return self.rss / (self.vectors * DIMENSION * 4)


def show(report: Report, console: Console) -> None:
    """Prints the tables."""
    head = Table.grid(padding=(0, 2))
    for label, value in report.machine.items():
        head.add_row(label, value)
    console.print(head)
    table = Table(
        title=f"Rows into an index: {DIMENSION} dimensions, words, seven attributes", title_justify="left"
    )
    table.add_column("index")
    for name in ("rows", "rows/s", "first 1,000, s", "last 1,000, s", "last / first"):
        table.add_column(name, justify="right")
    for filled in report.filling:
        table.add_row(
            filled.index,
            f"{filled.rows:,}",
            f"{filled.rows_per_second:,.0f}",
            f"{filled.first_seconds:.2f}",
            f"{filled.last_seconds:.2f}",
            f"{filled.last_over_first:.2f}",
        )
    console.print(table)
    table = Table(
        title=f"Search in the embedded index: {report.vectors:,} vectors, one query at a time; the whole "
        f"graph took {report.graph_seconds:.0f} s; its process holds {report.rss / 2**20:,.0f} MiB, "
        f"{report.rss_over_vectors:.2f} of the vectors' bytes",
        title_justify="left",
    )
    table.add_column("asked")
    for name in ("p50, ms", "p95, ms", "recall@10", "goal", "exact scan, ms", "p50 / scan"):
        table.add_column(name, justify="right")
    for found in report.searching:
        table.add_row(
            found.what,
            f"{found.p50:.2f}",
            f"{found.p95:.2f}",
            f"{found.recall:.3f}",
            f"≥ {RECALL}",
            f"{found.scan:.2f}",
            f"{found.p50 / found.scan:.2f}",
        )
    console.print(table)

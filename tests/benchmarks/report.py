"""A run's figures as tables for people, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks import ingest, search
from tests.benchmarks.cached import Cached
from tests.benchmarks.ingest import Ingest
from tests.benchmarks.packs import RANDOM
from tests.benchmarks.search import Search


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a run found. A part that was not asked for is empty or None."""

    machine: Mapping[str, str]
    embedder: str
    pictures: str
    ingest: Sequence[Ingest]
    search: Search | None
    cached: Sequence[Cached] = ()

    def json(self) -> dict[str, Any]:
        """The figures, unrounded, with the goals."""
        goals = {"whole_over_alone": ingest.GOAL, "over_index_ms": search.GOAL_MS}
        return {**asdict(self), "goals": goals}


def show(report: Report, console: Console) -> None:
    """Prints the tables."""
    head = Table.grid(padding=(0, 2))
    for label, value in report.machine.items():
        head.add_row(label, value)
    console.print(head)
    if report.ingest:
        console.print(_ingest_table(report))
        console.print(_processor_table(report.ingest))
    if report.cached:
        console.print(_cache_table(report.cached))
    if report.search is not None:
        console.print(_search_table(report.search))


def _ingest_table(report: Report) -> Table:
    first = report.ingest[0]
    table = Table(
        title=f"Ingest: {first.images_a_round} JPEG files a round, {first.rounds} rounds in turn; "
        f"{report.pictures}; tower {report.embedder}, alone in batches of {first.batch}",
        caption="\n".join(_meaning(found) for found in report.ingest),
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("segmentation")
    for name in ("whole, images/s", "alone, images/s", "whole / alone", "goal"):
        table.add_column(name, justify="right")
    for found in report.ingest:
        table.add_row(
            found.segmentation,
            f"{found.whole:.2f}",
            f"{found.alone:.2f}",
            f"{found.whole_over_alone:.0%}",
            f"≥ {ingest.GOAL:.0%}" if report.embedder == RANDOM else "–",  # set for a ViT-B/32
        )
    return table


def _processor_table(found: Sequence[Ingest]) -> Table:
    table = Table(title="Ingest: milliseconds of one core an image, by process", title_justify="left")
    table.add_column("segmentation")
    for name in found[0].core_ms:
        table.add_column(name, justify="right")
    for mode in found:
        table.add_row(mode.segmentation, *(f"{used:.0f}" for used in mode.core_ms.values()))
    return table


def _meaning(found: Ingest) -> str:
    if found.segmentation == "off":
        return "off: alone is ONNX Runtime with the image tower, pixels ready"
    crops = f"{found.regions_an_image:.1f} crops"
    return f"{found.segmentation}: and with encoder, decoder, and the tower for the image and {crops}"


def _cache_table(found: Sequence[Cached]) -> Table:
    first = found[0]
    table = Table(
        title=f"Caches: {first.calls_a_round} searches by text, of {first.distinct} texts, and as many "
        f"thumbnails, each as often as it is popular (1/rank), from an empty cache, {first.rounds} rounds",
        title_justify="left",
    )
    table.add_column("cache")
    for name in ("lookups that hit", "a search, ms", "a thumbnail, ms"):
        table.add_column(name, justify="right")
    for each in found:
        table.add_row(each.cache, f"{each.hit_rate:.0%}", f"{each.search_ms:.2f}", f"{each.thumbnail_ms:.2f}")
    return table


def _search_table(found: Search) -> Table:
    table = Table(
        title=f"Search: {found.vectors:,} vectors of {found.dimension}, {found.hits} hits, one query "
        f"at a time, {found.queries_a_round} queries a round, {found.rounds} rounds; by vector over "
        f"gRPC takes {found.over_index:+.2f} ms beyond the index (goal: ≤ {search.GOAL_MS:g} ms)",
        title_justify="left",
    )
    table.add_column("asked")
    for name in ("p50, ms", "p99, ms", "p50 beyond the index, ms"):
        table.add_column(name, justify="right")
    for side in found.latencies:
        table.add_row(side.side, f"{side.p50:.2f}", f"{side.p99:.2f}", f"{side.added:+.2f}")
    return table

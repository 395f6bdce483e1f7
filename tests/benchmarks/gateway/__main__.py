"""`python -m tests.benchmarks.gateway`: the gateway beside what else there is."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import machine
from tests.benchmarks.gateway import codec, peers, sides


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints; 1 with one line on stderr where it cannot."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gateway", description=__doc__)
    parser.add_argument("--json", action="store_true", help="figures as JSON; the tables go to stderr")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each measurement (5)")
    parser.add_argument(
        "--seconds", type=float, default=3, help="seconds of load, twice a side and round (3)"
    )
    parser.add_argument("--codec-only", action="store_true", help="the JSON codec alone; needs no Go")
    given = parser.parse_args(arguments)
    told = Console(stderr=given.json, highlight=False, width=110)
    for label, value in machine.describe().items():
        told.print(f"{label}: {value}")
    ways = codec.measure_codec(given.rounds * 3)
    told.print(_codec_table(ways))
    found = []
    if not given.codec_only:
        cores = sorted(os.sched_getaffinity(0))
        try:
            peers.build()
            with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
                found = sides.measure_sides(
                    Path(folder),
                    rounds=given.rounds,
                    seconds=given.seconds,
                    core=cores[0],
                    other_core=cores[-1],
                )
        except peers.PeerError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        told.print(_sides_table(found))
    if given.json:
        print(json.dumps({"codec": [asdict(way) for way in ways], "sides": [asdict(one) for one in found]}))
    return 0


def _codec_table(ways: Sequence[codec.Way]) -> Table:
    table = Table(
        title=f"A ten-hit search answer, µs of the processor (goal: ≥ {codec.GOAL:g} times as fast)",
        title_justify="left",
    )
    table.add_column("JSON")
    for name in ("codec", "json_format", "times as fast"):
        table.add_column(name, justify="right")
    for way in ways:
        table.add_row(way.name, f"{way.ours:.0f}", f"{way.json_format:.0f}", f"{way.times_as_fast:.1f}")
    return table


def _sides_table(found: Sequence[sides.Side]) -> Table:
    bare = found[0]
    table = Table(
        title=f"The same search; p50 of one at a time (goal: ≤ {sides.GOAL_ADDED_MS:g} ms beyond the bare "
        f"client), then {sides.CONNECTIONS} at a time (goal: ≥ {sides.GOAL_SHARE:.0%} of its)",
        title_justify="left",
    )
    table.add_column("side, on one core")
    for name in ("p50, ms", "beyond bare", "searches/s", "of bare", "a core second", "of bare"):
        table.add_column(name, justify="right")
    for side in found:
        table.add_row(
            side.name,
            f"{side.p50_ms:.2f}",
            f"{side.p50_ms - bare.p50_ms:+.2f}",
            f"{side.searches_a_second:,.0f}",
            f"{side.searches_a_second / bare.searches_a_second:.0%}",
            f"{side.a_core_second:,.0f}",
            f"{side.a_core_second / bare.a_core_second:.0%}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())

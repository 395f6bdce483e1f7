"""`make bench` in its short form: every part runs and comes to a figure. Which figure, no test asks."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(900)
def test_the_short_form_fills_both_tables() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--quick", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=850,
    )
    assert run.returncode == 0, run.stderr
    assert "Ingest: 8 JPEG files a round" in run.stderr
    assert "Search: 500 vectors" in run.stderr
    report = json.loads(run.stdout)
    assert [mode["segmentation"] for mode in report["ingest"]] == ["off", "quick"]
    for mode in report["ingest"]:
        assert finite(mode["whole"], mode["alone"], mode["whole_over_alone"], mode["tower_alone"])
        assert set(mode["core_ms"]) == {"triton", "index", "orchestrator", "gateway", "client", "alone"}
    assert report["search"]["vectors"] == 500
    assert len(report["search"]["latencies"]) == 7
    for side in report["search"]["latencies"]:
        assert finite(side["p50"], side["p99"])
        assert side["p50"] <= side["p99"]
    assert math.isfinite(report["search"]["over_index"])
    assert [each["cache"] for each in report["cached"]][:2] == ["none", "memory"]
    for each in report["cached"]:
        assert finite(each["search_ms"], each["thumbnail_ms"])
        assert (each["hit_rate"] > 0) == (each["cache"] != "none")
    assert report["machine"]["processor"]


@pytest.mark.timeout(600)
def test_indexes_are_filled_and_searched() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.indexes", "--vectors=2000", "--queries=5", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=550,
    )
    assert run.returncode == 0, run.stderr
    assert "Rows into an index" in run.stderr
    report = json.loads(run.stdout)
    assert [each["rows"] for each in report["filling"]] == [2_000, 2_000]
    for each in report["filling"]:
        assert finite(each["rows_per_second"], each["first_seconds"], each["last_seconds"])
    assert len(report["searching"]) == 3
    for each in report["searching"]:
        assert finite(each["p50"], each["p95"], each["scan"])
        assert each["recall"] >= 0.98  # so few are searched exactly
    assert finite(report["graph_seconds"], report["rss"])


def test_what_cannot_be_run_is_said_in_one_line() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--quick", "--embedder", "no-such-pack"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 1
    assert "error: the pack 'no-such-pack' is not installed" in run.stderr
    assert run.stdout == ""


def finite(*figures: float) -> bool:
    return all(math.isfinite(figure) and figure > 0 for figure in figures)

"""The gateway's benchmark runs as far as it needs no Go; its figures are not judged here."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks.gateway import peers
from tests.benchmarks.gateway.__main__ import main
from tests.clients.toolchain import need


def test_the_codec_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--codec-only", "--rounds", "1", "--json"]) == 0
    ways = json.loads(capsys.readouterr().out)["codec"]
    assert [way["name"] for way in ways] == ["write", "read"]
    assert all(way["times_as_fast"] > 1 for way in ways)


def test_what_it_is_measured_beside_is_built() -> None:
    need("go")
    peers.build()
    assert peers.BIN.stat().st_size

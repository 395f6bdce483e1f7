"""Runs an exporter's command line into folders of a test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def export(exporter: Any, checkpoint: Path, root: Path, *more: str, pack: str = "tiny") -> int:
    """The exit status of `exporter.main`, which installs in `root`/models and `root`/packs."""
    places = ["--models", str(root / "models"), "--packs", str(root / "packs")]
    return int(exporter.main(["--checkpoint", str(checkpoint), "--pack", pack, *places, *more]))

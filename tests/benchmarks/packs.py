"""The models of a run: a tower of random weights, exported once and kept, and the installed segmenter."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
REPOSITORY = ROOT / "model_repository"
EXPORT_PYTHON = ROOT / ".venv-export" / "bin" / "python"
RANDOM = "bench-vit-b32"
STARTER = "starter"


class BenchError(Exception):
    """The benchmark cannot be run; one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packs:
    """A tree for Triton and the descriptions beside it. `segmenter` is None where none is installed."""

    models: Path
    packs: Path
    embedder: str
    segmenter: str | None

    def part(self, pack: str, part: str) -> dict[str, Any]:
        """A table of a pack's description: `embedder` or `segmenter`."""
        found: dict[str, Any] = tomllib.loads((self.packs / f"{pack}.toml").read_text())[part]
        return found

    def onnx(self, model: str) -> Path:
        """The graph that Triton serves under a name."""
        return self.models / model / "1" / "model.onnx"


def gather(folder: Path, *, embedder: str, cache: Path) -> Packs:
    """Links what the run serves into `folder`. Raises BenchError where a pack cannot be had."""
    sources = {embedder: _random(cache) if embedder == RANDOM else REPOSITORY}
    segments = (REPOSITORY / "models" / f"{STARTER}_segment" / "config.pbtxt").is_file()
    if segments:
        sources[STARTER] = REPOSITORY
    models, packs = folder / "models", folder / "packs"
    models.mkdir(parents=True)
    packs.mkdir()
    for pack, source in sources.items():
        found = sorted((source / "models").glob(f"{pack}_*/config.pbtxt"))
        if not found:
            raise BenchError(f"the pack {pack!r} is not installed: make models PACK={pack}")
        for config in found:
            (models / config.parent.name).symlink_to(config.parent)
        shutil.copyfile(source / "packs" / f"{pack}.toml", packs / f"{pack}.toml")
        (packs / pack).symlink_to(source / "packs" / pack)
    return Packs(models=models, packs=packs, embedder=embedder, segmenter=STARTER if segments else None)


def _random(cache: Path) -> Path:
    """Where the random ViT-B/32 lies, exported anew when what exports it has changed."""
    sources = [Path(__file__).with_name("random_clip.py"), *sorted((REPOSITORY / "export").glob("c*.py"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    home = (cache / f"{RANDOM}-{digest}").absolute()
    if (home / "packs" / f"{RANDOM}.toml").is_file():
        return home
    if not EXPORT_PYTHON.exists():
        raise BenchError("the environment that exports is missing: make .venv-export/.ready")
    checkpoint = home / "checkpoint"
    home.mkdir(parents=True, exist_ok=True)
    _export("tests.benchmarks.random_clip", str(checkpoint))
    _export(
        "model_repository.export.clip",
        *("--checkpoint", str(checkpoint), "--source", "random", "--pack", RANDOM),
        *("--models", str(home / "models"), "--packs", str(home / "packs")),
    )
    shutil.rmtree(checkpoint)
    return home


def _export(module: str, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    status = subprocess.run(
        [str(EXPORT_PYTHON), "-m", module, *arguments],
        cwd=ROOT,
        env={**environment, "HF_HUB_OFFLINE": "1"},
        stdout=2,  # what it prints is no part of the report
        check=False,
    ).returncode
    if status:
        raise BenchError(f"{module} ended with status {status}; the lines above say why")

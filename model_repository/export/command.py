"""The exporters' command lines: what all are told, how all end, and all of it where a hub id is read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypedDict, Unpack

from model_repository.export.checkpoint import CheckpointError
from model_repository.export.download import obtain
from model_repository.export.parity import ParityError
from model_repository.export.precision import Precision
from model_repository.export.source import DownloadError
from model_repository.triton_server import TritonFailed

MODELS = Path(__file__).parent.parent / "models"
PACKS = Path(__file__).parent.parent / "packs"


class Told(TypedDict):
    """What every exporter is told."""

    pack: str
    models: Path
    packs: Path
    triton: str | None
    precision: Precision | None


class ExportPack(Protocol):
    """Exports a checkpoint, converts it (by default to the installed pack's precision), compares, installs;
    the pack's revision. Raises `CheckpointError`, `ParityError` and `TritonFailed`; then nothing was
    installed."""

    def __call__(self, checkpoint: Any, *, source: str, **told: Unpack[Told]) -> str:
        """See the class."""


def parser_of(program: str, description: str | None) -> argparse.ArgumentParser:
    """A command line with what every exporter is told: for `install`."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("--pack", required=True)
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--packs", type=Path, default=PACKS)
    parser.add_argument(
        "--triton", metavar="HOST:PORT", help="compare on this Triton (gRPC), not on a new one"
    )
    parser.add_argument("--precision", type=Precision, choices=list(Precision), help="default: the pack's")
    return parser


def install(given: argparse.Namespace, export: Callable[..., str]) -> int:
    """Calls `export` with what every exporter is told, and prints the revision that it returns.

    The exit status: 1 with one line on stderr where nothing could be installed.
    """
    try:
        revision = export(
            pack=given.pack,
            models=given.models,
            packs=given.packs,
            triton=given.triton,
            precision=given.precision,
        )
    except (CheckpointError, DownloadError, ParityError, TritonFailed) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{given.pack}: revision {revision} in {given.models}")
    return 0


def run(
    load: Callable[[str, str | None], Any],
    export_pack: ExportPack,
    *,
    program: str,
    description: str | None,
    layouts: str,
    arguments: list[str] | None,
) -> int:
    """The whole command line of an exporter; its exit status.

    `load` reads a folder or a hub id, at a commit, as a dataclass with a `revision`; `layouts` says which it
    reads.
    """
    parser = parser_of(program, description)
    parser.add_argument(
        "--checkpoint", help=f"a folder in {layouts} layout, or a hub id (default: the pack's)"
    )
    parser.add_argument("--revision", help="the hub's commit (default: the pack's)")
    parser.add_argument("--source", help="what the pack's description names as its source")
    given = parser.parse_args(arguments)

    def export(**told: Unpack[Told]) -> str:
        had = obtain(given.pack, given.packs, given.checkpoint, given.revision)
        hub = "" if had.commit is None else given.checkpoint or ""
        checkpoint = replace(load(str(had.path), None), revision=had.commit or "")
        return export_pack(checkpoint, source=given.source or (f"hub:{hub}" if hub else "local"), **told)

    return install(given, export)

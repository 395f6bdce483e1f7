"""`convert`: other programs' indexes into snapshots, and snapshots into those of FAISS."""

import json
import os
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sightline.cli.options import AsJson, examples
from sightline.cli.output import console, print_json
from sightline.cli.stack import settings

Snapshot = Annotated[
    str, typer.Argument(metavar="SNAPSHOT", help="A folder, s3://bucket/prefix or gs://bucket/prefix.")
]


class Format(StrEnum):
    """Who wrote an index."""

    FAISS = "faiss"
    HNSWLIB = "hnswlib"


class Metric(StrEnum):
    """How its vectors compare."""

    COSINE = "cosine"
    IP = "ip"


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="Indexes of other programs, in and out of snapshots.")
    app.add_typer(group, name="convert")

    @group.command(
        epilog=examples(
            "sightline convert from-index old.faiss /srv/snapshots/old --format faiss --rows old.jsonl "
            "--pictures ~/Pictures --embedder clip-vit-b32"
        )
    )
    def from_index(
        index: Annotated[Path, typer.Argument(metavar="INDEX", help="Its file.")],
        snapshot: Snapshot,
        format: Annotated[Format, typer.Option("--format", help="Who wrote it.")],
        rows: Annotated[
            Path, typer.Option("--rows", metavar="FILE", help="JSON lines: what vectors are of.")
        ],
        pictures: Annotated[
            Path, typer.Option("--pictures", metavar="FOLDER", help="The rows' files lie below.")
        ],
        embedder: Annotated[
            str, typer.Option("--embedder", metavar="PACK", help="Installed pack that made the vectors.")
        ],
        metric: Annotated[
            Metric | None, typer.Option("--metric", help="Of hnswlib's, which its files do not tell.")
        ] = None,
        collection: Annotated[
            str, typer.Option("--collection", "-c", metavar="ID", help="Id that the snapshot bears.")
        ] = "imported",
        as_json: AsJson = False,
    ) -> None:
        """Make a snapshot of an index of FAISS or hnswlib: `collections import` takes it."""
        if format is Format.HNSWLIB and metric is None:
            raise typer.BadParameter("--metric: hnswlib's files do not say which; cosine or ip")
        arguments = ["from-index", str(index), snapshot, "--format", format.value, "--rows", str(rows)]
        arguments += ["--pictures", str(pictures), "--embedder", embedder, "--collection", collection]
        arguments += ["--metric", metric.value] if metric else []
        convert(arguments, as_json)

    @group.command(epilog=examples("sightline convert to-faiss /srv/snapshots/shop shop-index"))
    def to_faiss(
        snapshot: Snapshot,
        folder: Annotated[
            Path, typer.Argument(metavar="FOLDER", help="For vectors.faiss and vectors.jsonl.")
        ],
        as_json: AsJson = False,
    ) -> None:
        """Make an index for FAISS of a snapshot's vectors."""
        convert(["to-faiss", snapshot, str(folder)], as_json)


def convert(arguments: list[str], as_json: bool) -> None:
    """Runs the program beside the server, and says what it did. Exits as it does."""
    stack = settings()
    told = {"SIGHTLINE_DATA_DIR": str(stack.data_dir), "SIGHTLINE_INDEX_ADDRESS": stack.index}
    command = [sys.executable, "-m", "orchestrator.convert", *arguments]
    done = subprocess.run(command, env={**os.environ, **told}, stdout=subprocess.PIPE, text=True, check=False)
    if done.stdout.strip():
        counts = json.loads(done.stdout.splitlines()[-1])
        if as_json:
            print_json(counts)
        else:
            said = ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in counts.items())
            console.stderr.print(said, markup=False)
    raise typer.Exit(done.returncode)

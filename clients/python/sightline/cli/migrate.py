"""`migrate`: collections to another engine, beside the orchestrators that serve them."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from sightline.cli.options import AsJson, examples
from sightline.cli.stack import settings


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command(
        epilog=examples(
            "sightline migrate --to qdrant://qdrant.internal:6334",
            "sightline migrate --to 'pinecone://sightline?region=us-east-1' -c shop",
            "sightline migrate --to s3://pictures/shop",
        )
    )
    def migrate(
        to: Annotated[
            str,
            typer.Option(
                "--to",
                metavar="URL",
                help="What is filled: qdrant://HOST:PORT, qdrants:// over TLS, pinecone://NAME?region=…, "
                "or for pictures file:///…, s3://…, gs://….",
            ),
        ],
        source: Annotated[
            str, typer.Option("--from", metavar="URL", help="Pictures are read here; else where they are.")
        ] = "",
        collection: Annotated[
            list[str] | None,
            typer.Option("--collection", "-c", metavar="ID", help="One or several; else all."),
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """Move collections to another vector index or object store while they are served.

        Runs where the server's settings are. Killed, it goes on where it was. Then restart the orchestrators
        with the new setting, and run it once more: it copies what was written in between.
        """
        stack = settings()
        command = [sys.executable, "-m", "orchestrator.migrate", "--to", to]
        command += ["--from", source] if source else []
        command += [part for each in collection or () for part in ("--collection", each)]
        command += ["--json"] if as_json else []
        told = {"SIGHTLINE_DATA_DIR": str(stack.data_dir), "SIGHTLINE_INDEX_ADDRESS": stack.index}
        raise typer.Exit(subprocess.run(command, env={**os.environ, **told}, check=False).returncode)

"""The options that commands share, what completes them, and examples for their help."""

import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from rich.markup import escape

from sightline import Sightline, SightlineError
from sightline._inputs import MAX_PICTURE_BYTES, PictureFile
from sightline.cli.output import console

STDIN = Path("-")
COMPLETION_TIMEOUT = 1.0  # seconds that a shell waits for names


def examples(*lines: str) -> str:
    """An epilogue of a command's help: a line each."""
    return "Examples:\n\n" + "\n\n".join(f"[bold]{escape(line)}[/]" for line in lines)


def read_input(path: Path) -> PictureFile:
    """The path, or for `-` what standard input holds: at most a byte above the largest picture."""
    return sys.stdin.buffer.read(MAX_PICTURE_BYTES + 1) if path == STDIN else path


def _completed(ctx: typer.Context, incomplete: str, kind: str) -> list[str]:
    """Ids of what there is; none where no server says it at once."""
    found: Iterable[str] = ()
    with (
        suppress(SightlineError, OSError),
        Sightline(ctx.params.get("server"), timeout=COMPLETION_TIMEOUT) as client,
    ):
        things = client.list_packs() if kind == "packs" else client.list_collections()
        found = [thing.name.removeprefix(f"{kind}/") for thing in things]
    return [each for each in found if each.startswith(incomplete)]


def complete_collection(ctx: typer.Context, incomplete: str) -> list[str]:
    """Ids of the server's collections, for the shell."""
    return _completed(ctx, incomplete, "collections")


def complete_pack(ctx: typer.Context, incomplete: str) -> list[str]:
    """Ids of the server's packs, for the shell."""
    return _completed(ctx, incomplete, "packs")


def picture_path(path: Path | None) -> Path | None:
    """Refuses a name whose ending is no picture's, before any work."""
    Image.init()
    if path is not None and path.suffix.lower() not in Image.EXTENSION:
        raise typer.BadParameter(f"{path}: its ending is that of no picture; .png is one")
    return path


def _print_json(value: bool) -> bool:
    console.as_json = value
    return value


Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        "-s",
        metavar="HOST:PORT",
        help="Address; else SIGHTLINE_ORCHESTRATOR_ADDRESS or the local one.",
    ),
]
Collection = Annotated[
    str,
    typer.Option("--collection", "-c", help="Id of the collection.", autocompletion=complete_collection),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0.1,
        help="What a call may take, retries included; else SIGHTLINE_CLIENT_TIMEOUT or 60.",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print JSON for programs, a line for each thing.", callback=_print_json),
]
Pictures = Annotated[bool, typer.Option("--pictures", "-p", help="Show it in the terminal.")]
SaveTo = Annotated[
    Path | None,
    typer.Option(
        "--save",
        metavar="FILE",
        help="Write a picture of it: PNG, JPEG or WebP by its name.",
        callback=picture_path,
    ),
]

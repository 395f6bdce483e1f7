"""What every command prints with: the terminal, JSON, errors, pictures."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from PIL import Image
from rich.console import Console
from rich.table import Table

Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        "-s",
        metavar="HOST:PORT",
        help="Address; else SIGHTLINE_ORCHESTRATOR_ADDRESS or the local one.",
    ),
]
Collection = Annotated[str, typer.Option("--collection", "-c", help="Id of the collection.")]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", metavar="SECONDS", min=0.1, help="What a call may take, retries included."),
]
DEFAULT_TIMEOUT = 60.0
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def picture_path(path: Path | None) -> Path | None:
    """Refuses a name whose ending is no picture's, before any work."""
    Image.init()
    if path is not None and path.suffix.lower() not in Image.EXTENSION:
        raise typer.BadParameter(f"{path}: its ending is that of no picture; .png is one")
    return path


SaveTo = Annotated[
    Path | None,
    typer.Option(
        "--save",
        metavar="FILE",
        help="Write a picture of it: PNG, JPEG or WebP by its name.",
        callback=picture_path,
    ),
]


class Consoles:
    """Standard output, and standard error beside it, so that what is piped on is what was asked for."""

    def __init__(self) -> None:
        # What is piped on has no terminal's width to fit into: every line is as long as it needs to be.
        width = None if sys.stdout.isatty() else 100_000
        self.stdout = Console(highlight=False, soft_wrap=True, width=width)
        self.stderr = Console(stderr=True, highlight=False, soft_wrap=True)


console = Consoles()


def say_error(text: str) -> None:
    """Prints an error, to standard error."""
    console.stderr.print("[bold red]error:[/] ", end="")
    console.stderr.print(text, markup=False)


def error_text(error: Exception) -> str:
    """What is wrong, for a person: without the number that an operating system has for it."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)


def plain_table(*columns: str, right: Sequence[str] = (), header: bool = True) -> Table:
    """A table without lines. What does not fit into the terminal goes on below; nothing is cut off."""
    table = Table(box=None, pad_edge=False, header_style="dim", show_header=header)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def print_json(found: Message | Iterable[Message] | dict[str, Any] | list[Any]) -> None:
    """Prints messages as proto3 JSON."""
    if isinstance(found, Message):
        plain: Any = MessageToDict(found)
    elif isinstance(found, dict):
        plain = found
    else:
        plain = [MessageToDict(item) if isinstance(item, Message) else item for item in found]
    console.stdout.print_json(data=plain)


def save_picture(picture: Image.Image, path: Path) -> None:
    """Writes a picture and says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    console.stderr.print(f"wrote {path} ({picture.width} × {picture.height})", markup=False)


def show_picture(picture: Image.Image) -> None:
    """Shows a picture in the terminal: by its graphics protocol, else in coloured blocks. Nowhere else."""
    if not sys.stdout.isatty():
        return
    from textual_image.renderable import Image as TerminalImage  # asks the terminal when it is imported

    console.stdout.print(TerminalImage(picture))

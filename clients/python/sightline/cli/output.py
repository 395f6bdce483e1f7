"""What every command prints with: the terminal, JSON, errors, pictures."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from PIL import Image
from rich.console import Console
from rich.progress import Progress, ProgressColumn
from rich.table import Table

from sightline.errors import CallError


class Consoles:
    """Standard output, and standard error beside it, so that what is piped on is what was asked for."""

    as_json = False
    """Whether programs read what is printed, and not people."""

    def __init__(self) -> None:
        # What is piped on has no terminal's width to fit into: every line is as long as it needs to be.
        width = None if sys.stdout.isatty() else 100_000
        self.stdout = Console(highlight=False, soft_wrap=True, width=width)
        self.stderr = Console(stderr=True, highlight=False, soft_wrap=True)

    @property
    def text(self) -> Console:
        """Where words for people go: standard output, with --json standard error."""
        return self.stderr if self.as_json else self.stdout


console = Consoles()


def progress_bars(*columns: ProgressColumn) -> Progress:
    """Bars on standard error; none where that is no terminal."""
    return Progress(*columns, console=console.stderr, disable=not console.stderr.is_terminal)


def say_error(text: str) -> None:
    """Prints an error, to standard error."""
    console.stderr.print("[bold red]error:[/] ", end="")
    console.stderr.print(text, markup=False)


def error_text(error: Exception) -> str:
    """What is wrong, for a person: without the number that an operating system has for it."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)


def error_json(error: Exception) -> dict[str, Any]:
    """What is wrong, for a program: `type`, `message` and, of a call, `code`, `reason`, `fieldViolations`."""
    told: dict[str, Any] = {"type": type(error).__name__, "message": error_text(error)}
    if isinstance(error, CallError):
        violations = [
            {"field": each.field, "description": each.description} for each in error.field_violations
        ]
        told |= {"code": error.code.name, "reason": error.reason, "fieldViolations": violations}
    return told


def plain_table(*columns: str, right: Sequence[str] = (), header: bool = True) -> Table:
    """A table without lines. What does not fit into the terminal goes on below; nothing is cut off."""
    table = Table(box=None, pad_edge=False, header_style="dim", show_header=header)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def print_json(found: Message | dict[str, Any]) -> None:
    """Prints one thing, a message as proto3 JSON: on one line, or, on a terminal, as eyes like it."""
    plain = MessageToDict(found) if isinstance(found, Message) else found
    if console.stdout.is_terminal:
        console.stdout.print_json(data=plain)
    else:
        console.stdout.out(json.dumps(plain, ensure_ascii=False), highlight=False)


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

    console.text.print(TerminalImage(picture))

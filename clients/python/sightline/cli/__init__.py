"""The command line: `sightline`.

Exit status: 0 all went well; 1 something failed, and it was said what; 2 the command was not understood;
130 it was interrupted.
"""

import json
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from dotenv import load_dotenv

from sightline.cli import (
    add,
    collections,
    convert,
    demo,
    duplicates,
    eval,
    importing,
    jobs,
    migrate,
    schedules,
    search,
    segment,
    show,
    stack,
    texts,
)
from sightline.cli.options import examples
from sightline.cli.output import console, error_json, error_text, say_error
from sightline.errors import NO_SERVER, CallError, SightlineError

INTERRUPTED = 130
UsageError: type[Exception] = typer.BadParameter.__bases__[0]  # typer has no other name for it

app = typer.Typer(
    name="sightline",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        console.stdout.print(f"sightline {version('sightline')}")
        raise typer.Exit


@app.callback(
    epilog=examples(
        "sightline add ~/Pictures",
        'sightline search "a red umbrella" --save hits.png',
        "sightline search --image query.jpg --json | jq .image",
        "sightline --install-completion",
    )
)
def sightline(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find things in pictures.

    Exit status: 0 all went well; 1 something failed; 2 the command was not understood; 130 interrupted.
    """


for module in (
    *(stack, add, importing, texts, search, duplicates, segment, show),
    *(collections, jobs, schedules, migrate, convert, eval, demo),
):
    module.register(app)


def main() -> None:
    """Runs the command line over `sys.argv`."""
    try:
        load_dotenv(".env")  # the working directory's, as for the stack's settings
        code = app(standalone_mode="--json" not in sys.argv)  # on its own it says in prose what is wrong
        if code == INTERRUPTED:
            _say_json({"type": "KeyboardInterrupt", "message": "interrupted"})
        sys.exit(code)
    except UsageError as error:
        _say_json({"type": "UsageError", "message": error.format_message()})  # type: ignore[attr-defined]
        sys.exit(2)
    except (SightlineError, OSError, ValueError) as error:
        _say(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _say_json(error: dict[str, Any]) -> None:
    console.stderr.out(json.dumps({"error": error}, ensure_ascii=False), highlight=False)


def _say(error: Exception) -> None:
    if console.as_json:
        _say_json(error_json(error))
    elif not isinstance(error, CallError):
        say_error(error_text(error))
    elif error.reason == NO_SERVER:
        say_error(f"{error.message}; `sightline up` starts a local stack")
    else:
        said = f"{type(error).__name__}: {error.message}"
        violations = [f"{each.field}: {each.description}" for each in error.field_violations]
        say_error("\n".join([said, *(f"  {each}" for each in violations if each not in error.message)]))

"""The command line: `sightline`.

Exit codes: 0 all went well; 1 something failed, and it was said what; 2 the command was not understood.
"""

import sys

import typer
from dotenv import load_dotenv

from sightline.cli import add, collections, demo, eval, search, segment, show, stack
from sightline.cli.output import console, error_text, say_error
from sightline.errors import NO_SERVER, CallError, SightlineError

app = typer.Typer(
    name="sightline",
    help="Finds things in pictures.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
for module in (stack, add, search, segment, show, collections, eval, demo):
    module.register(app)


def main() -> None:
    """Runs the command line over `sys.argv`."""
    try:
        load_dotenv(".env")  # the working directory's, as for the stack's settings
        app()
    except CallError as error:
        if error.reason == NO_SERVER:
            say_error(f"{error.message}; `sightline up` starts a local stack")
            sys.exit(1)
        say_error(f"{type(error).__name__}: {error.message}")
        for violation in error.field_violations:
            console.stderr.print(
                f"  {violation.field}: {violation.description}", markup=False, highlight=False
            )
        sys.exit(1)
    except (SightlineError, OSError, ValueError) as error:
        say_error(error_text(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)

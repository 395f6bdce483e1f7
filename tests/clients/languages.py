"""How each language's program of calls is built and run."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.clients.toolchain import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """`needs` must be on the PATH; `build`s run in `folder`, then `run`, which does the script's steps."""

    needs: Sequence[str] = ()
    folder: Path = ROOT
    builds: Sequence[Sequence[str]] = ()
    run: Sequence[str]


CLIENTS = ROOT / "clients"
LANGUAGES = {
    "python": Language(run=(sys.executable, "-m", "tests.clients.python_script")),
    "typescript": Language(
        needs=("node", "npm"),
        folder=CLIENTS / "typescript",
        builds=(("npm", "ci", "--silent"), ("npm", "run", "build:test")),
        run=("node", "dist-test/script.js"),
    ),
}

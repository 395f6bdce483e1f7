"""Programs of other languages: there in CI, and said clearly where they are missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD_SECONDS = 3000
"""A toolchain's first build fetches and compiles everything."""


def need(*programs: str) -> None:
    """Fails in CI, and skips elsewhere, unless all programs are on the PATH."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        said = f"{', '.join(missing)}: not on the PATH"
        pytest.fail(said) if os.environ.get("CI") else pytest.skip(said)


def build(*command: str, folder: Path = ROOT) -> None:
    """Runs a build, and fails with the end of what it said."""
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=BUILD_SECONDS,
    )
    assert done.returncode == 0, f"{' '.join(command)} in {folder}:\n{done.stdout[-4000:]}"

"""The Python that runs inside Triton's Python backend: which one, its shared library, and its packages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# The backend has stubs for 3.8 to 3.13, numpy 1 has wheels up to 3.12, and ONNX Runtime has them from 3.11.
VERSIONS = ((3, 11), (3, 12))
_SYSTEM_LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu",
    "/lib/x86_64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
)
_ASK = """
import json, sys, sysconfig
executable = getattr(sys, "_base_executable", sys.executable)
library = sysconfig.get_config_var("LIBDIR") or ""
print(json.dumps([list(sys.version_info[:2]), executable, sys.base_prefix, library]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A CPython outside any virtual environment."""

    executable: Path
    version: tuple[int, int]
    prefix: Path
    library_directory: Path

    @property
    def name(self) -> str:
        """`python3.11`"""
        return "python{}.{}".format(*self.version)

    @property
    def tag(self) -> str:
        """`cp311`"""
        return "cp{}{}".format(*self.version)

    @property
    def library(self) -> str:
        """`libpython3.11.so.1.0`"""
        return f"lib{self.name}.so.1.0"


def interpreter() -> Interpreter:
    """This process's own Python where Triton can use it, else one from the PATH. Raises `RuntimeError`."""
    names = [sys.executable, *("python{}.{}".format(*version) for version in reversed(VERSIONS))]
    for name in names:
        found = shutil.which(name)
        if found is None:
            continue
        asked = subprocess.run(
            [found, "-I", "-c", _ASK], capture_output=True, text=True, timeout=30, check=False
        )
        if asked.returncode == 0:
            version, executable, prefix, library = json.loads(asked.stdout)
            if tuple(version) in VERSIONS:
                return Interpreter(
                    executable=Path(executable),
                    version=(version[0], version[1]),
                    prefix=Path(prefix),
                    library_directory=Path(library),
                )
    here = "{}.{}".format(*sys.version_info)
    raise RuntimeError(
        f"the local Triton runs with Python 3.11 or 3.12, and this is {here}: install one beside it"
    )


def libpython_directory(python: Interpreter, say: Callable[[str], None]) -> Path | None:
    """The directory to put on the loader's path, or None where the system's loader finds the library itself.
    As root on Debian or Ubuntu a missing one is installed; elsewhere raises `RuntimeError` with one line."""
    for directory in (python.library_directory, python.prefix / "lib"):
        if (directory / python.library).exists() and str(directory) not in _SYSTEM_LIBRARIES:
            return directory
    if _system_has(python.library):
        return None
    package = f"lib{python.name}"
    advice = f"{python.library} is missing: install it with `sudo apt-get install {package}`"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise RuntimeError(f"{advice}, or use a Python that was built with --enable-shared")
    say(f"Installing {package}, which Triton's Python backend needs …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", package]):
        result = subprocess.run(
            ["apt-get", *command], env=environment, capture_output=True, text=True, timeout=600, check=False
        )
    if result.returncode != 0 or not _system_has(python.library):
        reason = (result.stderr.strip().splitlines() or ["apt-get found no such package"])[-1]
        raise RuntimeError(f"{advice} ({reason})")
    return None


def _system_has(library: str) -> bool:
    if any((Path(directory) / library).exists() for directory in _SYSTEM_LIBRARIES):
        return True
    ldconfig = shutil.which("ldconfig", path=f"{os.environ.get('PATH', '')}:/sbin:/usr/sbin")
    if ldconfig is None:
        return False
    listed = subprocess.run([ldconfig, "-p"], capture_output=True, text=True, timeout=30, check=False)
    return library in listed.stdout


def install(pins: Path, target: Path, python: Interpreter, say: Callable[[str], None]) -> None:
    """Installs the pinned wheels, and nothing that they depend on, into `target`. Raises `RuntimeError`."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [*_installer(python, Path(scratch)), "--no-deps", "--target", str(target), "-r", str(pins)]
        # A person's own pip settings may ask for what a --target install refuses.
        environment = {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
        last = ""
        with subprocess.Popen(
            command,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            errors="replace",
        ) as process:
            try:
                for line in process.stdout or ():
                    if line.strip() and not line.startswith("WARNING: Running pip as the 'root' user"):
                        last = line.strip()
                        say(f"  {last}")
            except BaseException:
                process.kill()
                raise
        if process.returncode != 0:
            raise RuntimeError(f"installing {pins.name} failed: {last}")


def _installer(python: Interpreter, scratch: Path) -> list[str]:
    pip = [
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar=off",
        "--no-compile",
    ]
    pip += ["--only-binary=:all:"]

    def works(executable: Path) -> bool:
        version = [str(executable), "-m", "pip", "--version"]
        return subprocess.run(version, capture_output=True, timeout=60, check=False).returncode == 0

    if works(python.executable):
        return [str(python.executable), *pip]
    uv = shutil.which("uv")
    if uv is not None:
        return [uv, "pip", "install", "--python", str(python.executable), "--only-binary", ":all:"]
    venv = scratch / "venv"
    subprocess.run([python.executable, "-m", "venv", venv], capture_output=True, timeout=120, check=False)
    if works(venv / "bin" / "python"):
        return [str(venv / "bin" / "python"), *pip]
    raise RuntimeError(f"{python.executable} has no pip: install `python3-pip`, or `uv`")

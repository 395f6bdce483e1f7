"""Finds a Triton on this machine, or sets one up from the package registry in an environment of its own."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from model_repository.python_interpreter import Interpreter, install, interpreter, libpython_directory

PINS = Path(__file__).parent / "triton-requirements.txt"
BACKENDS = Path(__file__).parent / "backends"
OFFICIAL = Path("/opt/tritonserver/bin/tritonserver")
OLDEST_GLIBC = (2, 35)
_INHERITED = ("HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")

Say = Callable[[str], None]


class TritonUnavailable(Exception):
    """No Triton runs here; the message is one line and says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A Triton that can be started: its binary, its whole environment and the arguments it always needs."""

    binary: Path
    environment: Mapping[str, str]
    arguments: tuple[str, ...] = ()


def find_or_set_up(say: Say) -> Installation:
    """The official Triton where there is one, else the pinned CPU build below the cache directory, which is
    set up on first use. Raises `TritonUnavailable`."""
    official = shutil.which("tritonserver") or (OFFICIAL.exists() and str(OFFICIAL))
    if official:
        return Installation(binary=Path(official), environment=dict(os.environ))
    _check_platform()
    try:
        python = interpreter()
        library = libpython_directory(python, say)
        root = _root()
        home = root / _directory_name(python)
        with _lock(root, say):
            if not home.exists():
                _set_up(home, python, say)
            backends = _backend_directory(home)
    except (OSError, RuntimeError) as error:
        raise TritonUnavailable(f"Triton could not be set up: {error}") from error
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    # The backend's interpreter ignores PYTHONPATH and PYTHONHOME: it takes its packages from the environment
    # that holds the first `python3` on the PATH.
    environment["PATH"] = f"{home / 'bin'}:/usr/bin:/bin"
    if library is not None:
        environment["LD_LIBRARY_PATH"] = str(library)
    return Installation(
        binary=_tritonserver(home, python) / "bin" / "tritonserver",
        environment=environment,
        # The server has no GPU to look for; without these it complains of that at every start.
        arguments=(
            f"--backend-directory={backends}",
            "--allow-gpu-metrics=false",
            "--pinned-memory-pool-byte-size=0",
        ),
    )


def _check_platform() -> None:
    instead = "run it in a container with `docker compose --profile cpu up`"
    if sys.platform != "linux" or platform.machine() != "x86_64":
        here = f"{platform.system()} on {platform.machine()}"
        raise TritonUnavailable(f"the local Triton needs Linux on x86-64, and this is {here}: {instead}")
    library, version = platform.libc_ver()
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if library != "glibc" or numbers < OLDEST_GLIBC:
        here = f"{library} {version}".strip() or "another C library"
        oldest = ".".join(map(str, OLDEST_GLIBC))
        raise TritonUnavailable(
            f"the local Triton needs glibc {oldest} or later, and this is {here}: {instead}"
        )


def _root() -> Path:
    moved = os.environ.get("SIGHTLINE_TRITON_HOME")
    if moved:
        return Path(moved).expanduser().absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache).absolute() / "sightline"


def _directory_name(python: Interpreter) -> str:
    pins = [line for line in PINS.read_text().splitlines() if "==" in line and not line.startswith("#")]
    versions = dict(pin.split("==") for pin in pins)
    digest = hashlib.sha256("\n".join(sorted(pins)).encode()).hexdigest()[:8]
    triton, runtime = versions["nvidia-pytriton"], versions["onnxruntime"]
    return f"triton-{triton}-onnxruntime-{runtime}-{python.tag}-{digest}"


@contextmanager
def _lock(root: Path, say: Say) -> Iterator[None]:
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another process that is setting up Triton …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _set_up(home: Path, python: Interpreter, say: Say) -> None:
    say(f"Setting up Triton in {home} (once, about 90 MB) …")
    for stale in home.parent.glob(".setting-up-*"):  # from a set-up that was killed; the lock is ours
        shutil.rmtree(stale, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=".setting-up-", dir=home.parent))
    try:
        partial.chmod(0o755)
        (partial / "bin").mkdir()
        (partial / "bin" / "python3").symlink_to(python.executable)
        version = ".".join(map(str, python.version))
        (partial / "pyvenv.cfg").write_text(
            f"home = {python.executable.parent}\ninclude-system-site-packages = false\nversion = {version}\n"
        )
        install(PINS, partial / "lib" / python.name / "site-packages", python, say)
        triton = _tritonserver(partial, python)
        stub = triton / "backends" / "python" / "triton_python_backend_stub"
        shutil.copyfile(triton / "python_backend_stubs" / version / stub.name, stub)
        for file in (stub, triton / "bin" / "tritonserver"):
            file.chmod(0o755)
        partial.rename(home)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    say("Triton is set up.")


def _tritonserver(home: Path, python: Interpreter) -> Path:
    return home / "lib" / python.name / "site-packages" / "pytriton" / "tritonserver"


def _backend_directory(home: Path) -> Path:
    """The wheel's Python backend and this checkout's stand-ins side by side, in a directory named by the
    stand-ins' content, so that checkouts of several versions share one installation."""
    sources = sorted(path for path in BACKENDS.rglob("*.py"))
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.relative_to(BACKENDS).as_posix().encode() + b"\0" + source.read_bytes())
    target = home / f"backends-{digest.hexdigest()[:12]}"
    if not target.exists():
        partial = Path(tempfile.mkdtemp(prefix=".backends-", dir=home))
        partial.chmod(0o755)
        for source in sources:
            copy = partial / source.relative_to(BACKENDS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
        (python_backend,) = home.glob("lib/*/site-packages/pytriton/tritonserver/backends/python")
        (partial / "python").symlink_to(Path("..") / python_backend.relative_to(home))
        partial.rename(target)
    return target

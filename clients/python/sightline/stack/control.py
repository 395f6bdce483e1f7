"""Starts a stack in the background, waits until it serves, says how it is, and stops it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sightline.errors import SightlineError
from sightline.stack.probe import grpc_serving, triton_ready
from sightline.stack.services import services
from sightline.stack.settings import StackSettings
from sightline.stack.supervisor import lock

GIVE_UP_STARTS = 4


class StackError(SightlineError):
    """The stack cannot be started or stopped; the message says why, and what helps."""


@dataclass(frozen=True, slots=True)
class Status:
    """Who runs, and which parts serve: name → True, False, or None where it cannot be asked."""

    running: bool
    serving: Mapping[str, bool]
    note: Mapping[str, Any]


def is_running(settings: StackSettings) -> bool:
    """Whether a supervisor holds this data directory's lock."""
    if not settings.run_dir.exists():
        return False
    held = lock(settings)
    if held is None:
        return True
    held.close()
    return False


def status(settings: StackSettings) -> Status:
    """Asks every part; takes about two seconds at most."""
    serving = {
        "triton": triton_ready(settings.triton),
        "index": grpc_serving(settings.index),
        "orchestrator": grpc_serving(settings.orchestrator),
        "gateway": _http_ok(f"{settings.gateway}/readyz"),
    }
    return Status(running=is_running(settings), serving=serving, note=_read_note(settings))


def up(settings: StackSettings, tell: Callable[[Status], None], *, timeout: float = 300.0) -> Status:
    """Starts the stack, unless it runs, and returns once every part serves. `tell` hears of the progress.

    Raises StackError: a port is taken, a service keeps ending, or it took longer than `timeout` seconds.
    """
    if not is_running(settings):
        _check_ports(settings)
        _set_up_triton(settings)
        _spawn(settings)
    until = time.monotonic() + timeout
    while True:
        now = status(settings)
        tell(now)
        if all(now.serving.values()):
            return now
        for name, service in now.note.get("services", {}).items():
            if service["starts"] >= GIVE_UP_STARTS and not now.serving[name]:
                down(settings)
                raise StackError(f"{name} keeps ending. The end of its log:\n{log_tail(settings, name)}")
        if not is_running(settings):
            raise StackError(f"the supervisor ended:\n{log_tail(settings, 'supervisor')}")
        if time.monotonic() > until:
            late = ", ".join(name for name, serves in now.serving.items() if not serves)
            raise StackError(f"{late} not ready after {timeout:g} s; see the logs in {settings.log_dir}")
        time.sleep(0.2)


def down(settings: StackSettings, *, timeout: float = 60.0) -> bool:
    """Stops the stack and every process of it. False where none ran."""
    if not is_running(settings):
        return False
    pid = int(_read_note(settings).get("pid", 0))
    if pid <= 0:
        raise StackError(f"{settings.run_dir / 'stack.json'} does not say which process to stop")
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + timeout
    while is_running(settings):
        if time.monotonic() > until:
            os.killpg(pid, signal.SIGKILL)
        time.sleep(0.1)
    return True


def log_tail(settings: StackSettings, name: str, lines: int = 15) -> str:
    """The last lines of a service's log."""
    path = settings.log_dir / f"{name}.log"
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else "(no log)"


def _check_ports(settings: StackSettings) -> None:
    for service in services(settings):
        for setting, (host, port) in service.ports.items():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host, port))
                except OSError as error:
                    raise StackError(
                        f"{service.name} cannot have port {port} of {host}: {error.strerror}. "
                        f"Set {setting} to another, or stop what has it. A stack may run from "
                        f"another directory, where `sightline down` stops it; this one's data would be in "
                        f"{settings.data_dir.resolve()}."
                    ) from error


def _set_up_triton(settings: StackSettings) -> None:
    if settings.triton_address:
        return
    command = [sys.executable, "-m", "model_repository.serve", "--set-up-only"]
    if subprocess.run(command, check=False).returncode:  # noqa: S603  our own module
        raise StackError("Triton could not be set up; the lines above say why")


def _spawn(settings: StackSettings) -> None:
    settings.log_dir.mkdir(parents=True, exist_ok=True)
    (settings.run_dir / "stack.json").unlink(missing_ok=True)
    with (settings.log_dir / "supervisor.log").open("w") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "sightline.stack.supervisor"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    while not (settings.run_dir / "stack.json").exists():
        if started.poll() is not None:
            raise StackError(f"the supervisor ended:\n{log_tail(settings, 'supervisor')}")
        time.sleep(0.05)


def _read_note(settings: StackSettings) -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads((settings.run_dir / "stack.json").read_text())
    except FileNotFoundError:
        return {}
    return note


def _http_ok(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  http, from our own settings
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False

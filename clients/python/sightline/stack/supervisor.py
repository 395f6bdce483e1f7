"""Runs a stack's services: `python -m sightline.stack.supervisor`.

A service that ends is started again after a pause that doubles with each early end. The services get SIGTERM
when this process dies, however it dies. The lock on `run/stack.lock` is what says that a stack runs.
"""

import asyncio
import ctypes
import fcntl
import json
import logging
import logging.handlers
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from sightline.stack.services import Service, services
from sightline.stack.settings import StackSettings

PR_SET_PDEATHSIG = 1
LOG_BYTES = 10 * 1024 * 1024
LONGEST_PAUSE = 15.0
STEADY_SECONDS = 30.0
STOP_SECONDS = 25.0


def die_with_parent() -> Callable[[], None]:
    """What a child runs before its program: it gets SIGTERM when its parent dies (prctl(2))."""
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def lock(settings: StackSettings) -> IO[str] | None:
    """Takes the stack's lock, to be kept open while it runs. None where another process has it."""
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    held = (settings.run_dir / "stack.lock").open("a")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        return None
    return held


class Supervised:
    """One service, kept running."""

    def __init__(self, service: Service, log: Path) -> None:
        self.service = service
        self.process: asyncio.subprocess.Process | None = None
        self.starts = 0
        self._log = logging.handlers.RotatingFileHandler(log, maxBytes=LOG_BYTES, backupCount=3)

    async def run(self) -> None:
        """Starts it, and again whenever it ends. Cancelled to stop."""
        pause = 0.5
        while True:
            began = time.monotonic()
            self.starts += 1
            code = await self._run_once()
            pause = 0.5 if time.monotonic() - began > STEADY_SECONDS else min(pause * 2, LONGEST_PAUSE)
            self._write(f"{self.service.name} ended with exit status {code}; again in {pause:g} s")
            await asyncio.sleep(pause)

    async def _run_once(self) -> int:
        self.process = await asyncio.create_subprocess_exec(
            *self.service.command,
            env={**os.environ, **self.service.environment, "PYTHONUNBUFFERED": "1"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            preexec_fn=die_with_parent(),
        )
        assert self.process.stdout is not None  # noqa: S101  stdout is a pipe
        while chunk := await self.process.stdout.read(65536):
            self._write(chunk.decode(errors="replace").rstrip("\n"))
        return await self.process.wait()

    def _write(self, text: str) -> None:
        self._log.emit(logging.LogRecord(self.service.name, logging.INFO, "", 0, text, None, None))

    async def stop(self) -> None:
        """Asks it to end, and makes it."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


async def supervise(settings: StackSettings) -> None:
    """Runs the stack until SIGTERM or SIGINT."""
    settings.log_dir.mkdir(parents=True, exist_ok=True)
    running = [
        Supervised(service, settings.log_dir / f"{service.name}.log") for service in services(settings)
    ]
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    tasks = [asyncio.create_task(each.run()) for each in running]
    try:
        while not stopping.is_set():
            _note(settings, running)
            try:
                await asyncio.wait_for(stopping.wait(), 0.5)
            except TimeoutError:
                continue
    finally:
        # Front to back: whoever calls ends before whom it calls.
        for each, task in reversed(list(zip(running, tasks, strict=True))):
            task.cancel()
            await each.stop()
        (settings.run_dir / "stack.json").unlink(missing_ok=True)


def _note(settings: StackSettings, running: list[Supervised]) -> None:
    """Writes who runs, for `status`, `up` and `down`. Whole or not at all."""
    note = {
        "pid": os.getpid(),
        "gateway": settings.gateway,
        "orchestrator": settings.orchestrator,
        "triton": settings.triton,
        "index": settings.index,
        "services": {
            each.service.name: {"pid": each.process.pid if each.process else None, "starts": each.starts}
            for each in running
        },
    }
    text = json.dumps(note, indent=2)
    target = settings.run_dir / "stack.json"
    if not target.exists() or target.read_text() != text:
        fresh = target.with_suffix(".new")
        fresh.write_text(text)
        fresh.replace(target)


def main() -> None:
    """Runs the stack of the environment's settings."""
    settings = StackSettings()
    held = lock(settings)
    for _ in range(20):  # `status` holds it for a moment while it looks
        if held is not None:
            break
        time.sleep(0.05)
        held = lock(settings)
    if held is None:
        sys.exit(f"a stack runs already in {settings.data_dir}")
    asyncio.run(supervise(settings))


if __name__ == "__main__":
    main()

"""Ends what is left of a Triton when the process that started it has ended, however it did.

The kernel kills tritonserver with its parent, and nobody kills its Python backend's processes: they look for
their server themselves, and now and then hang on the shared memory of a dead one. So a small process waits
for the end of a pipe that the starting process holds, and then ends whatever names that Triton's shared
memory in its command line: the server does, and each of the backend's processes from its first moment on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the system's shared memory, not a place for files
_SHORTEST_MARK = 12
_PATIENCE = 60.0  # seconds, for a killed process that the kernel does not let go


class TritonGuard:
    """The waiting process, in a session of its own so that no terminal or group takes it along. `mark` is the
    prefix of the shared memory's names: no other process may have it in its command line."""

    def __init__(self, mark: str) -> None:
        """Starts it. Raises `OSError` where no process can be started."""
        self._mark = mark
        heard, self._pipe = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", Path(__file__).absolute()],
                cwd="/",
                stdin=heard,
                stdout=subprocess.DEVNULL,  # it keeps nobody waiting who reads our output to its end
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            os.write(self._pipe, f"{mark}\n".encode())
        except BaseException:
            os.close(self._pipe)
            raise
        finally:
            os.close(heard)

    def end(self) -> None:
        """Ends what is left at once, and the waiting process too. Twice is as good as once."""
        end_marked(self._mark)
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
        self._process.wait()


def end_marked(mark: str) -> None:
    """Kills every process that has `mark` in its command line, until there is none, and removes its shared
    memory. Raises `ValueError` for a mark so short that it may be anybody's."""
    if len(mark) < _SHORTEST_MARK:
        raise ValueError(f"{mark!r} does not mark the processes of one server")
    deadline = time.monotonic() + _PATIENCE
    while (left := _marked(mark.encode())) and time.monotonic() < deadline:
        for process in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.01)
    for region in _SHARED_MEMORY.glob(f"{mark}*"):
        region.unlink(missing_ok=True)


def _marked(mark: bytes) -> list[int]:
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):  # it has ended since; a zombie has an empty command line
                if mark in (process / "cmdline").read_bytes():
                    found.append(int(process.name))
    return found


def _wait_and_end() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # who is to be ended is our parent; we follow it
    line = sys.stdin.readline()
    if not line.endswith("\n"):
        return  # it ended before it said what for, so before it had started anything
    sys.stdin.read()
    end_marked(line.rstrip("\n"))


if __name__ == "__main__":
    _wait_and_end()

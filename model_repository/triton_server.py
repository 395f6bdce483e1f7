"""A running Triton: started with explicit model control, killed with the process that started it."""

from __future__ import annotations

import ctypes
import http.client
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from model_repository.triton_environment import Installation
from model_repository.triton_guard import TritonGuard

_PR_SET_PDEATHSIG = 1


class TritonFailed(Exception):
    """Triton did not start, or ended; the message says why, from its own log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """What to serve, and where. `models` is a Triton tree; `load` names the models to load at the start."""

    models: Path
    load: tuple[str, ...]
    host: str = "127.0.0.1"
    http_port: int = 8000
    grpc_port: int = 8001
    metrics_port: int = 8002
    log_verbose: bool = False
    exit_timeout_seconds: int = 10


class TritonServer:
    """A Triton process of ours. `log` receives each line of its log, from a thread of its own."""

    def __init__(
        self, installation: Installation, options: ServerOptions, log: Callable[[str], None]
    ) -> None:
        """Starts the process. Raises `TritonFailed` where a port is taken or a model is not in the tree.

        The process dies with the *thread* that started it, so start it from one that lives as long."""
        self.options = options
        self._check()
        # Of its own, so that several servers on a machine do not meet, and what one leaves can be told.
        self._memory_prefix = f"sightline-{os.getpid()}-{secrets.token_hex(4)}-"
        self._last_lines: deque[str] = deque(maxlen=40)
        self._log = log
        self._guard = TritonGuard(self._memory_prefix)
        try:
            self._process = subprocess.Popen(
                [installation.binary, *installation.arguments, *self._arguments()],
                env=dict(installation.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a terminal's Ctrl-C reaches us alone, and we end it in order
                preexec_fn=_die_with(os.getpid()),
            )
        except BaseException:
            self._guard.end()
            raise
        self._reader = threading.Thread(target=self._pass_log_on, daemon=True, name="triton-log")
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id of `tritonserver` itself."""
        return self._process.pid

    @property
    def grpc_address(self) -> str:
        """`host:port` of Triton's gRPC service."""
        return f"{self.options.host}:{self.options.grpc_port}"

    def wait_until_ready(self, timeout: float = float("inf")) -> None:
        """Returns once each model named in `load` is ready. Raises `TritonFailed` when the process ends,
        and `TimeoutError` when `timeout` seconds have passed (it is left running then)."""
        deadline = time.monotonic() + timeout
        while not self._answers_ready():
            if self._process.poll() is not None:
                self.stop()
                raise TritonFailed(self._why_it_ended())
            if time.monotonic() > deadline:
                raise TimeoutError(f"Triton is not ready after {timeout:g} s")
            time.sleep(0.05)

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit status, or None when it still runs after `timeout` seconds."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> int:
        """Ends it in order, or by force when that takes too long, and returns its exit status. No process and
        no shared memory of it is left."""
        if self._process.poll() is None:
            self._process.terminate()
            if self.wait(self.options.exit_timeout_seconds + 5) is None:
                self._process.kill()
        status = self._process.wait()
        self._guard.end()  # its backend's processes, should any have outlived it
        self._reader.join(timeout=5)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return status

    def _check(self) -> None:
        options = self.options
        for name in options.load:
            if not (options.models / name).is_dir():
                raise TritonFailed(f"no model {name!r} in {options.models}")
        ports = {"HTTP": options.http_port, "gRPC": options.grpc_port, "metrics": options.metrics_port}
        for what, port in ports.items():
            family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((options.host, port))
                except OSError as error:
                    where = f"{options.host}:{port}"
                    raise TritonFailed(f"cannot listen on {where} for {what}: {error.strerror}") from error

    def _arguments(self) -> list[str]:
        options = self.options
        return [
            f"--model-repository={options.models.absolute()}",
            "--model-control-mode=explicit",
            *(f"--load-model={name}" for name in options.load),
            "--strict-readiness=true",
            f"--exit-timeout-secs={options.exit_timeout_seconds}",
            f"--http-address={options.host}",
            f"--http-port={options.http_port}",
            f"--grpc-address={options.host}",
            f"--grpc-port={options.grpc_port}",
            f"--metrics-address={options.host}",
            f"--metrics-port={options.metrics_port}",
            f"--backend-config=python,shm-region-prefix-name={self._memory_prefix}",
            *(["--log-verbose=1"] if options.log_verbose else []),
        ]

    def _pass_log_on(self) -> None:
        for raw in self._process.stdout or ():
            line = raw.decode(errors="replace").rstrip("\n")
            self._last_lines.append(line)
            self._log(line)

    def _answers_ready(self) -> bool:
        connection = http.client.HTTPConnection(self.options.host, self.options.http_port, timeout=2)
        try:
            connection.request("GET", "/v2/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _why_it_ended(self) -> str:
        for line in reversed(self._last_lines):
            if line.startswith("error:") or "error while loading shared libraries" in line:
                return f"Triton did not start: {line.removeprefix('error: ')}"
        return f"Triton did not start (status {self._process.returncode}); its log says why"


def _die_with(parent: int) -> Callable[[], None]:
    libc = ctypes.CDLL(None, use_errno=True)  # loaded before the fork: after it little is safe

    def arrange() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return arrange

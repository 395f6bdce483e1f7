"""The processes of a run: the server that answers at once, and what stands between it and the load."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from tests.benchmarks.gateway.answer import PATH, QUERY
from tests.fixtures.triton import free_ports

PEER = Path(__file__).parent / "peer"
ROOT = Path(__file__).parents[3]
BIN = PEER / "bin" / "peer"

_ON_A_CORE = (
    "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); os.execv(sys.argv[2], sys.argv[2:])"
)


class PeerError(Exception):
    """The peers cannot be built or started here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A process under measurement, and the first line that it printed."""

    pid: int
    said: str

    def processor_seconds(self) -> float:
        """What it has used of the processor so far."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)


def build() -> None:
    """Generates the stubs of grpc-gateway's side and compiles the Go program."""
    if shutil.which("go") is None:
        raise PeerError("Go is needed: grpc-gateway is built from source")
    protos = ROOT / "protos"
    buf = Path(sys.executable).with_name("buf")
    for command in (
        ["go", "install", "tool"],
        [
            str(buf),
            "generate",
            str(protos),
            "--path",
            str(protos / "sightline"),
            "--template",
            "buf.gen.yaml",
        ],
        ["go", "build", "-o", str(BIN), "."],
    ):
        environment = {**os.environ, "GOBIN": str(PEER / "bin")}
        done = subprocess.run(command, cwd=PEER, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise PeerError(f"{' '.join(command)}: {done.stderr.strip()}")


@contextmanager
def peer(arguments: Sequence[str], core: int) -> Iterator[Worker]:
    """A command of the Go program that serves, on one core."""
    with _process([str(BIN), *arguments], core) as process:
        assert process.stdout is not None
        line = process.stdout.readline().decode().strip()
        if not line:
            raise PeerError(f"peer {arguments[0]} does not start")
        yield Worker(pid=process.pid, said=line)


@contextmanager
def our_gateway(target: str, core: int, log: Path) -> Iterator[Worker]:
    """`python -m gateway`, one worker on one core."""
    [port] = free_ports(1)
    arguments = ["-m", "gateway", "--target", target, "--port", str(port), "--log-format", "json"]
    with log.open("wb") as errors, _process([sys.executable, *arguments], core, errors) as process:
        address = f"127.0.0.1:{port}"
        for _ in range(300):
            if process.poll() is not None:
                raise PeerError(f"the gateway does not start: {log.read_text()[-500:]}")
            try:
                ask(address)
                break
            except OSError:
                time.sleep(0.1)
        yield Worker(pid=process.pid, said=address)


def ask(address: str) -> Any:
    """One search over HTTP."""
    headers = {"content-type": "application/json"}
    asked = urllib.request.Request(f"http://{address}{PATH}", QUERY, headers)
    with urllib.request.urlopen(asked, timeout=30) as answered:
        return json.load(answered)


def load(address: str, *, connections: int, seconds: float, core: int) -> dict[str, float]:
    """What the Go client finds: requests, failed, seconds, p50 and p99 in milliseconds."""
    arguments = [
        "-url",
        f"http://{address}{PATH}",
        "-connections",
        str(connections),
        "-seconds",
        str(seconds),
    ]
    return _run([str(BIN), "load", *arguments], core, QUERY)


def load_bare(target: str, *, connections: int, seconds: float, core: int) -> dict[str, float]:
    """The same of a bare grpc.aio client, and the processor seconds that it used."""
    options = [target, str(connections), str(seconds)]
    return _run([sys.executable, "-m", "tests.benchmarks.gateway.bare", *options], core, b"")


def _run(command: Sequence[str], core: int, given: bytes) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _ON_A_CORE, str(core), *command],
        input=given,
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode != 0:
        raise PeerError(f"{' '.join(command)}: {done.stderr.decode()[-500:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


@contextmanager
def _process(command: Sequence[str], core: int, errors: Any = None) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _ON_A_CORE, str(core), *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=errors,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)

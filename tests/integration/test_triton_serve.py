"""The launcher: its server dies with it, leaves nothing, and says clearly why it cannot start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from onnx import TensorProto

from tests.fixtures.onnx_models import echo
from tests.fixtures.triton import ROOT, RunningTriton, free_ports, running_triton

SHARED_MEMORY = Path("/dev/shm")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("one_echo", "two_echo"):
        echo(tmp_path / "models", name, TensorProto.FLOAT, 'backend: "onnxruntime"\n')
    return tmp_path / "models"


def family(triton: RunningTriton) -> list[psutil.Process]:
    """The server, its backend's processes, and the guard that waits for our end."""
    return psutil.Process(triton.process.pid).children(recursive=True)


def memory_of(triton: RunningTriton) -> list[Path]:
    return list(SHARED_MEMORY.glob(f"sightline-{triton.process.pid}-*"))


def gone(processes: list[psutil.Process], triton: RunningTriton) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        alive = [each for each in processes if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
        if not alive and not memory_of(triton):
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def triton(tree: Path) -> Iterator[RunningTriton]:
    with running_triton(tree) as running:
        yield running


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_nothing_outlives_the_launcher(triton: RunningTriton, how: signal.Signals) -> None:
    processes = family(triton)
    assert len(processes) >= 4, "the guard, the server and a process for each model"
    assert memory_of(triton)
    triton.process.send_signal(how)
    status = triton.process.wait(30)
    assert gone(processes, triton), (processes, memory_of(triton))
    assert status == (-signal.SIGKILL if how == signal.SIGKILL else 0)


@pytest.mark.parametrize("hanging", [1, 4])
@pytest.mark.parametrize(
    "victims", [("launcher",), ("server",), ("server", "launcher"), ("launcher", "server")]
)
def test_processes_that_do_not_see_their_server_die_go_with_it(
    triton: RunningTriton, victims: tuple[str, ...], hanging: int
) -> None:
    processes = family(triton)
    server = next(each for each in processes if each.name() == "tritonserver")
    stubs = server.children()
    assert len(stubs) == 4, "two for each model"
    with ThreadPoolExecutor(4) as callers, calls_until_gone(triton, callers):
        for stub in stubs[:hanging]:
            stub.suspend()
        for victim in victims:
            (server if victim == "server" else psutil.Process(triton.process.pid)).kill()
        assert gone(processes, triton), (processes, memory_of(triton))
        assert triton.process.wait(30) != 0


@contextmanager
def calls_until_gone(triton: RunningTriton, callers: ThreadPoolExecutor) -> Iterator[None]:
    """Calls of both models while the block runs, again and again until their server is gone."""
    answered = threading.Semaphore(0)
    names = ("one_echo", "two_echo")
    calls = [callers.submit(call_until_gone, triton, names[number % 2], answered) for number in range(4)]
    for _ in range(20):
        assert answered.acquire(timeout=60), "no model answers"
    yield
    for each in calls:
        each.result(60)


def call_until_gone(triton: RunningTriton, model: str, answered: threading.Semaphore) -> None:
    """Fails where an answer is an error."""
    tensor = {"name": "x", "shape": [1, 3], "datatype": "FP32", "data": [1, 2, 3]}
    with httpx.Client(base_url=f"http://{triton.http_address}", timeout=60) as client:
        while True:
            try:
                response = client.post(f"/v2/models/{model}/infer", json={"inputs": [tensor]})
            except httpx.TransportError:
                return
            assert response.status_code == 200, response.text
            answered.release()


def test_a_server_that_is_killed_ends_the_launcher_with_an_error(triton: RunningTriton) -> None:
    processes = family(triton)
    server = next(each for each in processes if each.name() == "tritonserver")
    server.kill()
    assert triton.process.wait(30) == 1
    assert gone(processes, triton)
    assert any("ended by itself" in line for line in triton.log)


def test_two_servers_run_side_by_side(triton: RunningTriton, tree: Path) -> None:
    with running_triton(tree, "--load", "two_echo") as other:
        assert any("1 models" in line for line in other.log)
        assert memory_of(other)
        assert memory_of(triton)
    assert triton.process.poll() is None
    assert memory_of(triton)


def serve(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "model_repository.serve", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_taken_port_is_named_before_anything_starts(tree: Path) -> None:
    http, metrics = free_ports(2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = ("--http-port", str(http), "--grpc-port", str(port), "--metrics-port", str(metrics))
        result = serve("--models", str(tree), *ports)
    assert result.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port} for gRPC" in result.stderr
    assert "tritonserver" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--load", "absent"), "no model 'absent'"),
        (("--pack", "absent"), "no model of pack 'absent'"),
        (("--models", "/nowhere"), "no model tree at /nowhere"),
    ],
)
def test_what_is_not_there_is_named(tree: Path, arguments: tuple[str, ...], message: str) -> None:
    result = serve("--models", str(tree), *arguments)
    assert result.returncode == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_model_that_does_not_load_is_the_reason(tree: Path) -> None:
    (tree / "one_echo" / "1" / "model.onnx").write_bytes(b"not onnx")
    ports = [str(port) for port in free_ports(3)]
    where = ("--http-port", ports[0], "--grpc-port", ports[1], "--metrics-port", ports[2])
    result = serve("--models", str(tree), *where)
    assert result.returncode == 1
    assert "error: Triton did not start: creating server" in result.stderr
    assert "'one_echo'" in result.stderr

"""Several workers behind one port: one that dies is replaced, and no request is lost but its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys

import httpx
import psutil
import pytest

from gateway.server import part_of
from gateway.settings import MIB, Settings
from tests.fixtures.gateway import Process, started
from tests.protos.library_server import ROOT, library

PATH = "/v1/shelves/1/books/2"


def workers_of(gateway: Process) -> set[int]:
    """The processes that hold the port, but for the one that was started."""
    return {child.pid for child in psutil.Process(gateway.process.pid).children() if _listens(child, gateway)}


def _listens(process: psutil.Process, gateway: Process) -> bool:
    port = gateway.address[1]
    with contextlib.suppress(psutil.NoSuchProcess):
        connections = process.net_connections()
        return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in connections)
    return False


async def until(condition) -> None:
    async with asyncio.timeout(120):
        while not condition():
            await asyncio.sleep(0.1)


async def get(gateway: Process) -> int:
    """The status of a call on a connection of its own."""
    async with httpx.AsyncClient(base_url=gateway.url, timeout=120) as http:
        return (await http.get(PATH)).status_code


async def test_a_worker_that_dies_is_replaced_and_no_other_request_is_lost() -> None:
    async with library() as server, started(server.address, "--workers", "2") as gateway:
        [line] = [line for line in map(json.loads, gateway.log) if line["event"] == "listening"]
        assert line["workers"] == 2
        await until(lambda: len(workers_of(gateway)) == 2)
        victim, survivor = sorted(workers_of(gateway))

        stopping = asyncio.Event()
        statuses: list[int | str] = []

        async def ask() -> None:
            while not stopping.is_set():
                try:
                    statuses.append(await get(gateway))
                except httpx.TransportError as error:
                    statuses.append(repr(error))

        askers = [asyncio.create_task(ask()) for _ in range(2)]
        await until(lambda: len(statuses) > 5)
        psutil.Process(victim).suspend()  # what waits for it to accept goes to the other one
        taken = len(statuses)
        await asyncio.sleep(0.5)
        os.kill(victim, signal.SIGKILL)
        await until(lambda: len(workers_of(gateway)) == 2 and victim not in workers_of(gateway))
        await until(lambda: len(statuses) > taken + 5)
        stopping.set()
        await asyncio.gather(*askers)
        assert survivor in workers_of(gateway)
        lost = [status for status in statuses if status != 200]
        assert len(lost) <= len(askers), lost  # at most what each asker had in the one that died
        [said] = [line for line in map(json.loads, gateway.log) if "replaced" in line["event"]]
        assert said["ended"] == [victim]


async def test_sigterm_lets_the_requests_of_every_worker_end() -> None:
    async with library() as server, started(server.address, "--workers", "2") as gateway:
        await until(lambda: len(workers_of(gateway)) == 2)
        slow = "/v1/shelves/1:search?count=3&pause=0.5s"
        async with httpx.AsyncClient(base_url=gateway.url, timeout=60) as http:
            streams = [asyncio.create_task(http.get(slow)) for _ in range(6)]
            await asyncio.sleep(0.5)
            gateway.process.send_signal(signal.SIGTERM)
            answers = await asyncio.gather(*streams)
        assert [len(answer.text.splitlines()) for answer in answers] == [3] * 6
        assert await asyncio.wait_for(gateway.process.wait(), 60) == 0
        with pytest.raises(httpx.ConnectError):
            await get(gateway)


async def test_workers_end_with_the_process_that_started_them() -> None:
    async with library() as server, started(server.address, "--workers", "2") as gateway:
        await until(lambda: len(workers_of(gateway)) == 2)
        workers = [psutil.Process(pid) for pid in workers_of(gateway)]
        gateway.process.kill()
        _, left = await asyncio.to_thread(psutil.wait_procs, workers, 60)
        assert left == []


async def test_workers_that_cannot_start_end_it() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "--port", "0", "--workers", "2", "--descriptors", "no/such/file"),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 1
    assert b"no/such/file" in errors


@pytest.mark.parametrize(
    ("workers", "buffered", "body", "held"),
    [(1, 1024, 64, 1024), (4, 1024, 64, 256), (4, 128, 64, 64), (4, 32, 64, 32)],
)
def test_the_workers_divide_what_bodies_may_hold(workers: int, buffered: int, body: int, held: int) -> None:
    settings = Settings(
        workers=workers,
        max_buffered_bytes=buffered * MIB,
        max_body_bytes=body * MIB,
        max_websockets=10,
        _env_file=None,
    )
    part = part_of(settings)
    assert part.max_buffered_bytes == held * MIB
    assert part.max_websockets == {1: 10, 4: 3}[workers]

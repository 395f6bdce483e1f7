"""A client that is gone without a word: its connection is found dead, and its call cancelled.

In a network namespace of its own, whose only link goes down in the middle of an answer.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

import grpc
import pytest
from grpc_reflection.v1alpha import reflection

from tests.fixtures.gateway import started
from tests.protos.library_server import ROOT, SERVICE, Seen, servicer, stubs

ALONE = ["unshare", "--net", "--map-root-user"]


def _can_be_alone() -> bool:
    try:
        run = subprocess.run([*ALONE, "ip", "link", "set", "lo", "up"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return run.returncode == 0


@pytest.mark.skipif(not _can_be_alone(), reason="needs unshare and ip, and the right to a network namespace")
def test_a_client_that_is_gone_without_a_word_is_found_out() -> None:
    run = subprocess.run(
        [*ALONE, sys.executable, "-m", __name__],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]


async def main() -> None:
    """Cuts the link of a client that reads a stream. Fails where the stream's call is not cancelled soon."""
    _link("up")
    _, pb_grpc = stubs()
    seen, server = Seen(), grpc.aio.server()
    pb_grpc.add_LibraryServicer_to_server(servicer(seen), server)
    reflection.enable_server_reflection((SERVICE, reflection.SERVICE_NAME), server)
    with tempfile.TemporaryDirectory() as folder:
        target = f"unix:{Path(folder) / 'library'}"  # which stays when the link goes
        server.add_insecure_port(target)
        await server.start()
        async with started(target, "--write-timeout", "3") as process:
            reader, writer = await asyncio.open_connection(*process.address)
            path = "/v1/shelves/1:search?text=x&count=100000&pause=0.2s"
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            await reader.readuntil(b"x 0")
            _link("down")
            await asyncio.wait_for(seen.cancelled.wait(), 60)
            writer.transport.abort()
        await server.stop(0)


def _link(state: str) -> None:
    subprocess.run(["ip", "link", "set", "lo", state], check=True)


if __name__ == "__main__":
    asyncio.run(main())

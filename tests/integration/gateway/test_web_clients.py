"""The web's own RPC clients, as their packages ship them, call the gateway with no shim between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.fixtures.gateway import Process, started
from tests.fixtures.web import install, node
from tests.protos.library_server import Running, build, library, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

STEPS = ["unary", "read", "metadata", "error", "refused", "stream", "broken", "deadline"]
CALLS = {
    "unary": {
        "names": ["shelves/1/books/0", "shelves/1/books/1"],
        "header": "shelves/1",
        "binary": "AP8",
        "trailer": "3",
    },
    "read": {"name": "shelves/1/books/é?", "size": str(2**53 + 1)},
    "metadata": {"x-tenant": "t", "x-key-bin": "00ff", "deadline": True},
    "error": {"code": "FailedPrecondition", "message": "100 % möglich", "details": ["R"]},
    "stream": {"titles": ["x 0", "x 1", "x 2"], "trailer": "3"},
    "broken": {"code": "DataLoss", "message": "lost", "titles": ["x 0", "x 1"]},
}
GRPC_WEB_CALLS = {
    "unary": ["shelves/1/books/0", "shelves/1/books/1"],
    "metadata": {"x-tenant": "t"},
    "error": {"code": 9, "message": "100 % möglich"},
    "stream": {"titles": ["x 0", "x 1", "x 2"]},
    "broken": {"titles": ["x 0", "x 1"], "code": 15, "message": "lost"},
}
EVERYWHERE = [
    "connect-web",
    "connect-web binary",
    "connect-web get",
    "connect-web grpc-web",
    "connect-web grpc-web json",
    "connect-node",
    "connect-node json",
    "connect-node gzip",
    "connect-node grpc-web",
    "connect-node grpc-web gzip",
]
NODE = [name for name in EVERYWHERE if name.startswith("connect-node")]


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    install()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Running]:
    async with library() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(server: Running) -> AsyncIterator[Process]:
    async with started(server.address) as process:
        yield process


async def run(gateway: Process, transport: str, *steps: str) -> Any:
    return await node("node.mjs", gateway.url, str(build() / "library.binpb"), transport, *steps)


@pytest.mark.parametrize("transport", EVERYWHERE)
async def test_calls_of_every_kind(gateway: Process, transport: str) -> None:
    logged = len(gateway.log)
    got = await run(gateway, transport, *STEPS)
    assert got.pop("refused")["code"] == "Unimplemented"
    assert got.pop("deadline")["code"] == "DeadlineExceeded"
    assert got == CALLS
    read = "Library/GetBook"
    await until(lambda: any(read in line for line in gateway.log[logged:]))
    verbs = [json.loads(line)["method"] for line in gateway.log[logged:] if read in line]
    assert verbs == ["GET" if transport == "connect-web get" else "POST"]


@pytest.mark.parametrize("transport", NODE)
async def test_streams_of_requests(gateway: Process, transport: str) -> None:
    got = await run(gateway, transport, "clientStream", "halfDuplex")
    assert got == {"clientStream": {"count": 3, "size": 15}, "halfDuplex": [0, 1, 2]}


@pytest.mark.parametrize("transport", ["connect-web", "connect-web grpc-web", "connect-node"])
async def test_who_hangs_up_cancels(gateway: Process, server: Running, transport: str) -> None:
    for step, wanted in (("hangUp", {"code": "Canceled"}), ("leaveStream", "x 0")):
        server.seen.cancelled.clear()
        got = (await run(gateway, transport, step))[step]
        got = {"code": got["code"]} if isinstance(got, dict) else got
        assert got == wanted
        await asyncio.wait_for(server.seen.cancelled.wait(), 20)


@pytest.mark.parametrize("format", ["text", "binary"])
async def test_google_s_own_grpc_web(gateway: Process, format: str) -> None:
    got = await node("node_grpc_web.mjs", gateway.url, str(build() / "library.binpb"), format)
    assert got == GRPC_WEB_CALLS

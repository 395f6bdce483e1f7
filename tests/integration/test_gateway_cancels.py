"""A client that hangs up over HTTP ends the call at every server behind: gateway, orchestrator, Triton."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
import httpx
import numpy as np
import pytest
import pytest_asyncio

from orchestrator.adapters.triton.client import TritonSession
from tests.fakes.models import ColourEmbedder
from tests.fixtures.gateway import started
from tests.fixtures.server import RunningServer


class HangingTriton(grpc.GenericRpcHandler):
    """Speaks as much of Triton's protocol as being asked, and never answers."""

    def __init__(self) -> None:
        self.asked, self.cancelled = asyncio.Event(), asyncio.Event()

    def service(self, details: Any) -> Any:
        if details.method != "/inference.GRPCInferenceService/ModelInfer":
            return None
        return grpc.unary_unary_rpc_method_handler(self._infer)

    async def _infer(self, request: bytes, context: Any) -> bytes:
        self.asked.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return b""


@pytest_asyncio.fixture
async def triton(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HangingTriton]:
    """A Triton that the orchestrator's embedder of texts asks."""
    handler, server = HangingTriton(), grpc.aio.server()
    server.add_generic_rpc_handlers((handler,))
    session = TritonSession(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")

    async def embed_texts(self: ColourEmbedder, texts: Sequence[str]) -> Any:
        return await session.infer("text", {"token_ids": np.zeros((1, 4), np.int64)}, ["embedding"])

    monkeypatch.setattr(ColourEmbedder, "embed_texts", embed_texts)
    await server.start()
    yield handler
    await session.close()
    await server.stop(0)


async def test_a_client_that_hangs_up_ends_the_call_at_triton(
    server: RunningServer, triton: HangingTriton
) -> None:
    async with started(server.address) as process, httpx.AsyncClient(base_url=process.url) as http:
        async with asyncio.timeout(60):
            while (await http.get("/readyz")).json()["status"] == "NO_ROUTES":
                await asyncio.sleep(0.05)
        search = http.post("/v1/collections/default:search", json={"text": "red"}, timeout=None)
        asking = asyncio.create_task(search)
        async with asyncio.timeout(30):
            await triton.asked.wait()
        assert not asking.done()
        assert not triton.cancelled.is_set()
        asking.cancel()  # closes the connection
        async with asyncio.timeout(10):  # far below every deadline on the way
            await triton.cancelled.wait()

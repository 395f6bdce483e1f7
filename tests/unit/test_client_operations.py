"""Waiting with the SDK: for a service's health, and for a long-running operation."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

import sightline
from sightline import AsyncSightline, Sightline

NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVING = health_pb2.HealthCheckResponse.SERVING


class Operations(operations_pb2_grpc.OperationsServicer):  # type: ignore[misc]
    """An operation that is done at the third look, one that fails, and one that is never done."""

    def __init__(self) -> None:
        self.looks = 0

    def GetOperation(
        self, request: operations_pb2.GetOperationRequest, context: grpc.ServicerContext
    ) -> operations_pb2.Operation:
        self.looks += 1
        operation = operations_pb2.Operation(name=request.name)
        if request.name == "operations/fails":
            operation.done = True
            operation.error.code, operation.error.message = 5, "it is gone"
        elif request.name == "operations/third":
            operation.done = self.looks >= 3
            operation.response.value = b"result"
        elif request.name != "operations/never":
            context.abort(grpc.StatusCode.NOT_FOUND, "no such operation")
        return operation


class Server:
    """What runs, and where."""

    def __init__(self, running: grpc.Server) -> None:
        self.operations, self.health = Operations(), health.HealthServicer()
        self.health.set("search", SERVING)
        operations_pb2_grpc.add_OperationsServicer_to_server(self.operations, running)
        health_pb2_grpc.add_HealthServicer_to_server(self.health, running)
        self.address = f"127.0.0.1:{running.add_insecure_port('127.0.0.1:0')}"


@pytest.fixture
def server() -> Iterator[Server]:
    running = grpc.server(ThreadPoolExecutor(4))
    made = Server(running)
    running.start()
    yield made
    running.stop(None).wait()


def test_an_operation_is_waited_for(server: Server) -> None:
    with Sightline(server.address) as client:
        done = client.wait_operation("operations/third")
    assert (done.response.value, server.operations.looks) == (b"result", 3)


async def test_an_operation_is_waited_for_over_asyncio(server: Server) -> None:
    async with AsyncSightline(server.address) as client:
        done = await client.wait_operation("operations/third", timeout=30)
    assert (done.response.value, server.operations.looks) == (b"result", 3)


def test_a_failed_operation_raises_its_own_error(server: Server) -> None:
    with Sightline(server.address) as client:
        with pytest.raises(sightline.NotFound, match="it is gone"):
            client.wait_operation("operations/fails")
        with pytest.raises(sightline.NotFound, match="no such operation"):
            client.wait_operation("operations/unknown")


def test_waiting_ends_at_its_timeout(server: Server) -> None:
    with Sightline(server.address) as client, pytest.raises(sightline.DeadlineExceeded, match=r"0\.4 s"):
        client.wait_operation("operations/never", timeout=0.4)
    assert server.operations.looks in (
        2,
        3,
    )  # after 0, 0.1 and, where all is quick, 0.3 s


def test_health_is_watched_until_the_caller_stops(server: Server) -> None:
    seen = []
    with Sightline(server.address) as client:
        for status in client.watch_health("search"):
            seen.append(status)
            if len(seen) == 2:
                break
            server.health.set("search", NOT_SERVING)
        assert next(client.watch_health("unknown")) == "SERVICE_UNKNOWN"
    assert seen == ["SERVING", "NOT_SERVING"]


async def test_health_is_watched_over_asyncio(server: Server) -> None:
    seen = []
    async with AsyncSightline(server.address) as client:
        async for status in client.watch_health("search"):
            seen.append(status)
            if len(seen) == 2:
                break
            server.health.set("search", NOT_SERVING)
    assert seen == ["SERVING", "NOT_SERVING"]


async def test_a_watch_of_nobody_is_a_clear_error() -> None:
    with Sightline("127.0.0.1:1") as client, pytest.raises(sightline.Unavailable, match="nobody answers"):
        next(client.watch_health())
    async with AsyncSightline("127.0.0.1:1") as over_asyncio:
        with pytest.raises(sightline.Unavailable, match="nobody answers"):
            await anext(over_asyncio.watch_health())

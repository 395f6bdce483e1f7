"""Operations over gRPC, and the processes that work on them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.longrunning import operations_pb2 as pb

from orchestrator.application.jobs import MAX_TRIES, MOST, MOST_ASSISTED, Job, JobKind, Jobs, SourceFailed
from orchestrator.application.operations import forget_operations, new_operation
from orchestrator.domain.errors import FailedPrecondition, Unavailable
from orchestrator.domain.names import OperationName
from orchestrator.domain.operation import Operation, OperationState
from tests.fixtures.server import RunningServer, ports_over, running_server

LEASE = timedelta(seconds=1)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with ports_over(tmp_path) as ports, running_server(ports) as running:
        yield running


class Counting:
    """A kind of operation: counts, waits where it is told to, fails as it is told."""

    def __init__(self) -> None:
        self.begun, self.gate = 0, asyncio.Event()
        self.assisted: list[OperationName] = []
        self.errors: list[Exception] = []

    async def run(self, job: Job) -> Mapping[str, Any]:
        self.begun += 1
        await job.report({"at": self.begun})
        if self.errors:
            raise self.errors.pop(0)
        await self.gate.wait()
        return {"at": job.operation.argument["to"]}

    async def assist(self, job: Job) -> None:
        self.assisted.append(job.operation.name)
        await self.gate.wait()

    @property
    def kind(self) -> JobKind:
        return JobKind(name="count", run=self.run, assist=self.assist)


@asynccontextmanager
async def working(server: RunningServer, *kinds: JobKind) -> AsyncIterator[asyncio.Task[None]]:
    jobs = Jobs(server.ports.operations, kinds, lease=LEASE, every=0.02)
    task = asyncio.create_task(jobs.keep_running())
    yield task
    task.cancel()
    await asyncio.wait([task])


async def begun(server: RunningServer) -> Operation:
    return await server.ports.operations.add(new_operation("count", {"to": 7}))


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_an_operation_is_done_and_waited_for(server: RunningServer) -> None:
    counting = Counting()
    operation = await begun(server)
    async with working(server, counting.kind):
        await until(lambda: counting.begun and counting.assisted)
        running = await server.operations.GetOperation(pb.GetOperationRequest(name=str(operation.name)))
        assert not running.done
        counting.gate.set()
        done = await server.operations.WaitOperation(pb.WaitOperationRequest(name=str(operation.name)))
    assert done.done
    assert done.WhichOneof("result") == "response"
    assert (await server.ports.operations.get(operation.name)).result == {"at": 7}


async def test_a_wait_ends_with_its_time_and_with_its_deadline(server: RunningServer) -> None:
    name = str((await begun(server)).name)
    request = pb.WaitOperationRequest(name=name)
    request.timeout.FromMilliseconds(50)
    assert not (await server.operations.WaitOperation(request)).done
    assert not (await server.operations.WaitOperation(pb.WaitOperationRequest(name=name), timeout=0.6)).done


async def test_those_that_wait_keep_no_others_from_being_done_and_say_why(server: RunningServer) -> None:
    silent, counting = Counting(), Counting()
    silent.errors = [Unavailable("the host does not answer", retry_after=3600) for _ in range(9)]
    counting.gate.set()
    waiting = [await server.ports.operations.add(new_operation("silent", {})) for _ in range(2 * MOST)]
    last = await begun(server)
    async with working(server, replace(counting.kind, assist=None), JobKind(name="silent", run=silent.run)):
        done = await server.operations.WaitOperation(pb.WaitOperationRequest(name=str(last.name)))
        assert done.done
        assert silent.begun == len(waiting)
        for each in waiting:
            found = await server.ports.operations.get(each.name)
            assert (found.state, found.waiting) == (OperationState.RUNNING, "the host does not answer")


async def test_a_process_assists_with_the_oldest_that_do_not_wait(server: RunningServer) -> None:
    counting, store = Counting(), server.ports.operations
    waiting, *running = [await begun(server) for _ in range(MOST_ASSISTED + 3)]
    for each in (waiting, *running):  # another process has them all
        assert await store.claim(each.name, "other", lease=timedelta(hours=1))
    await store.wait_for(waiting.name, "other", "the host does not answer")
    async with working(server, counting.kind):
        await until(lambda: len(counting.assisted) == MOST_ASSISTED)
        await asyncio.sleep(0.2)
        assert counting.assisted == [each.name for each in running[:MOST_ASSISTED]]
        await store.finish(running[0].name, "other", result={})
        await until(lambda: running[MOST_ASSISTED].name in counting.assisted)


async def test_a_source_that_never_answers_ends_an_operation(server: RunningServer) -> None:
    counting = Counting()
    counting.errors = [SourceFailed(Unavailable("the host does not answer")) for _ in range(MAX_TRIES)]
    operation = await begun(server)
    async with working(server, counting.kind):
        done = await server.operations.WaitOperation(pb.WaitOperationRequest(name=str(operation.name)))
    assert (done.error.code, done.error.message) == (14, "the host does not answer")
    assert counting.begun == MAX_TRIES


async def test_what_an_engine_cannot_do_yet_is_tried_again(server: RunningServer) -> None:
    counting = Counting()
    counting.errors = [Unavailable("away")]
    counting.gate.set()
    operation = await begun(server)
    async with working(server, counting.kind):
        done = await server.operations.WaitOperation(pb.WaitOperationRequest(name=str(operation.name)))
    assert done.WhichOneof("result") == "response"
    assert counting.begun == 2


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (FailedPrecondition("the folder is locked"), 9, "the folder is locked"),
        (RuntimeError("secret"), 13, "internal error"),
    ],
)
async def test_an_error_ends_an_operation(
    server: RunningServer, error: Exception, code: int, message: str
) -> None:
    counting = Counting()
    counting.errors = [error]
    operation = await begun(server)
    async with working(server, counting.kind):
        done = await server.operations.WaitOperation(pb.WaitOperationRequest(name=str(operation.name)))
    assert (done.error.code, done.error.message) == (code, message)


async def test_what_ends_while_it_is_being_cancelled_stays_as_it_ended(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, store = await begun(server), server.ports.operations
    change_state = store.change_state

    async def too_late(*args: Any, **kwargs: Any) -> Operation:
        await store.claim(operation.name, "one", lease=LEASE)
        await store.finish(operation.name, "one", result={"at": 7})
        return await change_state(*args, **kwargs)

    monkeypatch.setattr(store, "change_state", too_late)
    await server.operations.CancelOperation(pb.CancelOperationRequest(name=str(operation.name)))
    ended = await store.get(operation.name)
    assert (ended.state, ended.result) == (OperationState.SUCCEEDED, {"at": 7})


async def test_a_cancelled_operation_is_dropped_and_says_so(server: RunningServer) -> None:
    counting = Counting()
    name = str((await begun(server)).name)
    async with working(server, counting.kind):
        await until(lambda: counting.begun)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await server.operations.DeleteOperation(pb.DeleteOperationRequest(name=name))
        assert raised.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        await server.operations.CancelOperation(pb.CancelOperationRequest(name=name))
        cancelled = await server.operations.GetOperation(pb.GetOperationRequest(name=name))
        assert (cancelled.done, cancelled.error.code) == (True, 1)
        counting.gate.set()
        await asyncio.sleep(0.2)
    after = await server.operations.GetOperation(pb.GetOperationRequest(name=name))
    assert after == cancelled
    await server.operations.DeleteOperation(pb.DeleteOperationRequest(name=name))
    assert not (await server.operations.ListOperations(pb.ListOperationsRequest())).operations


async def test_another_process_takes_over_what_a_dead_one_left(server: RunningServer) -> None:
    first, second = Counting(), Counting()
    second.gate.set()
    operation = await begun(server)
    dead = "a process that says nothing more"
    assert await server.ports.operations.claim(operation.name, dead, lease=2 * LEASE)
    async with working(server, second.kind):
        await until(lambda: second.assisted)
        assert first.begun == second.begun == 0
        done = await server.operations.WaitOperation(pb.WaitOperationRequest(name=str(operation.name)))
    assert done.done
    assert second.begun == 1


async def test_a_process_that_ends_leaves_its_work_to_others_at_once(server: RunningServer) -> None:
    first, second = Counting(), Counting()
    second.gate.set()
    operation = await begun(server)
    async with working(server, first.kind):
        await until(lambda: first.begun)
    assert (await server.ports.operations.get(operation.name)).owner == ""
    async with working(server, second.kind):
        await server.operations.WaitOperation(pb.WaitOperationRequest(name=str(operation.name)))
    assert second.begun == 1


async def test_what_ended_long_ago_is_forgotten(server: RunningServer) -> None:
    old, going = await begun(server), await begun(server)
    await server.operations.CancelOperation(pb.CancelOperationRequest(name=str(old.name)))
    assert await forget_operations(server.ports, age=timedelta(days=1)) == 0
    assert await forget_operations(server.ports, age=timedelta(0)) == 1
    listed = await server.operations.ListOperations(pb.ListOperationsRequest())
    assert [each.name for each in listed.operations] == [str(going.name)]


async def test_operations_are_listed_by_a_filter(server: RunningServer) -> None:
    names = [str((await begun(server)).name) for _ in range(3)]
    first = await server.operations.ListOperations(
        pb.ListOperationsRequest(name="operations", filter='kind = "count" AND done = false', page_size=2)
    )
    second = await server.operations.ListOperations(
        pb.ListOperationsRequest(
            name="operations",
            filter='kind = "count" AND done = false',
            page_size=2,
            page_token=first.next_page_token,
        )
    )
    assert [each.name for each in (*first.operations, *second.operations)] == names[::-1]
    for filter in (
        "state = PAUSED",
        "done = true",
        'kind = "walk"',
        'schedule = "collections/a/schedules/b"',
    ):
        listed = await server.operations.ListOperations(pb.ListOperationsRequest(filter=filter))
        assert not listed.operations
    for filter in ("size = 3", "done = perhaps", "kind", "kind = a OR kind = b"):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await server.operations.ListOperations(pb.ListOperationsRequest(filter=filter))
        assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT, filter

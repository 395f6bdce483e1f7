"""Schedules over gRPC: their times, their runs, and what becomes of missed ones."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.longrunning import operations_pb2
from google.protobuf.field_mask_pb2 import FieldMask

from orchestrator.application.imports.budget import Budget
from orchestrator.application.imports.job import import_kind
from orchestrator.application.imports.schedules import run_due
from orchestrator.application.jobs import Jobs
from orchestrator.domain.errors import FailedPrecondition
from orchestrator.domain.import_source import ImportSource
from sightline.v1 import import_service_pb2 as pb
from sightline.v1 import schedule_pb2
from tests.fakes.sources import MemorySources
from tests.fixtures.import_files import picture
from tests.fixtures.server import RunningServer, ports_over, running_server

PARENT = "collections/default"
NAME = f"{PARENT}/schedules/nightly"


class Guarded(MemorySources):
    """Sources that may become forbidden."""

    forbidden = False

    def check(self, source: ImportSource) -> None:
        """Raises FailedPrecondition."""
        if self.forbidden:
            raise FailedPrecondition("the folder may not be read")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RunningServer]:
    sources = Guarded()
    sources.put("a.png", picture(1))
    async with ports_over(tmp_path) as ports, running_server(replace(ports, sources=sources)) as running:
        jobs = Jobs(running.ports.operations, [import_kind(running.ports, Budget(4, 1 << 20))], every=0.05)
        task = asyncio.create_task(jobs.keep_running())
        yield running
        task.cancel()
        await asyncio.wait([task])


async def create(server: RunningServer, **fields: Any) -> schedule_pb2.Schedule:
    schedule = schedule_pb2.Schedule(**{"cron": "0 3 * * *", **fields})
    schedule.source.files.uri = "file:///somewhere"
    request = pb.CreateScheduleRequest(parent=PARENT, schedule_id="nightly", schedule=schedule)
    return await server.imports.CreateSchedule(request)


async def history(server: RunningServer) -> list[operations_pb2.Operation]:
    request = operations_pb2.ListOperationsRequest(filter=f'schedule = "{NAME}"')
    return list((await server.operations.ListOperations(request)).operations)


async def ended(server: RunningServer) -> None:
    for operation in await history(server):
        await server.operations.WaitOperation(operations_pb2.WaitOperationRequest(name=operation.name))


def due(schedule: schedule_pb2.Schedule, days: float = 0.0) -> datetime:
    return schedule.next_run_time.ToDatetime(UTC) + timedelta(days=days)


async def test_a_schedule_says_when_it_runs(server: RunningServer) -> None:
    made = await create(server, time_zone="Europe/Berlin", display_name="Every night")
    assert made.name == NAME
    assert datetime.now(UTC) < due(made) <= datetime.now(UTC) + timedelta(hours=25)
    assert await server.imports.GetSchedule(pb.GetScheduleRequest(name=NAME)) == made
    listed = await server.imports.ListSchedules(pb.ListSchedulesRequest(parent=PARENT))
    assert list(listed.schedules) == [made]
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await create(server)
    assert raised.value.code() is grpc.StatusCode.ALREADY_EXISTS
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await create(server, cron="now and then")
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_runs_that_were_missed_are_caught_up_by_one(server: RunningServer) -> None:
    made = await create(server)
    assert await run_due(server.ports, due(made) - timedelta(seconds=1)) == 0
    late = due(made, days=5.5)
    assert await run_due(server.ports, late) == 1
    await ended(server)
    assert await run_due(server.ports, late) == 0
    after = await server.imports.GetSchedule(pb.GetScheduleRequest(name=NAME))
    assert due(after) > late
    (run,) = await history(server)
    assert (run.name, run.done) == (after.last_operation, True)
    assert await run_due(server.ports, due(after)) == 1
    await ended(server)
    assert len(await history(server)) == 2


async def test_one_run_goes_on_at_a_time_and_the_next_follows(server: RunningServer) -> None:
    sources = server.ports.sources
    assert isinstance(sources, Guarded)
    sources.gate = asyncio.Event()
    made = await create(server)
    first = await server.imports.RunSchedule(pb.RunScheduleRequest(name=NAME))
    assert (await server.imports.RunSchedule(pb.RunScheduleRequest(name=NAME))).name == first.name
    assert await run_due(server.ports, due(made)) == 0
    sources.gate.set()
    await ended(server)
    assert await run_due(server.ports, due(made)) == 1
    await ended(server)
    assert len(await history(server)) == 2


async def test_a_paused_schedule_runs_only_when_told(server: RunningServer) -> None:
    made = await create(server)

    async def update(paused: bool) -> schedule_pb2.Schedule:
        given = schedule_pb2.Schedule(name=NAME, paused=paused)
        mask = FieldMask(paths=["paused"])
        return await server.imports.UpdateSchedule(pb.UpdateScheduleRequest(schedule=given, update_mask=mask))

    assert not (await update(True)).HasField("next_run_time")
    assert await run_due(server.ports, due(made, days=3)) == 0
    await server.imports.RunSchedule(pb.RunScheduleRequest(name=NAME))
    await ended(server)
    assert len(await history(server)) == 1
    assert due(await update(False)) == due(made)


async def test_a_run_that_cannot_start_says_why_and_the_next_is_tried(server: RunningServer) -> None:
    sources = server.ports.sources
    assert isinstance(sources, Guarded)
    made = await create(server)
    sources.forbidden = True
    assert await run_due(server.ports, due(made)) == 0
    failed = await server.imports.GetSchedule(pb.GetScheduleRequest(name=NAME))
    assert failed.last_error == "the folder may not be read"
    sources.forbidden = False
    assert await run_due(server.ports, due(failed)) == 1
    await ended(server)
    assert not (await server.imports.GetSchedule(pb.GetScheduleRequest(name=NAME))).last_error


async def test_a_deleted_schedule_leaves_its_history(server: RunningServer) -> None:
    await create(server)
    await server.imports.RunSchedule(pb.RunScheduleRequest(name=NAME))
    await ended(server)
    await server.imports.DeleteSchedule(pb.DeleteScheduleRequest(name=NAME))
    assert len(await history(server)) == 1
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await server.imports.GetSchedule(pb.GetScheduleRequest(name=NAME))
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND

"""Creates, changes and runs schedules."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog

from orchestrator.application.collections import check_etag
from orchestrator.application.imports.cron import next_time
from orchestrator.application.imports.plan import KIND, ImportPlan, read_plan
from orchestrator.application.operations import new_operation
from orchestrator.application.paging import clamp_page_size, decode_page_token, encode_page_token
from orchestrator.application.ports import Ports
from orchestrator.domain.errors import (
    Aborted,
    InvalidArgument,
    ResourceExhausted,
    SightlineError,
    Unavailable,
)
from orchestrator.domain.identifiers import new_etag
from orchestrator.domain.names import COLLECTION_ID, CollectionName, ScheduleName
from orchestrator.domain.operation import Operation
from orchestrator.domain.schedule import Schedule

_ATTEMPTS = 8
_DUE_TOGETHER = 100

_log = structlog.get_logger(__name__)


async def create_schedule(
    ports: Ports,
    *,
    name: ScheduleName,
    plan: ImportPlan,
    cron: str,
    time_zone: str = "",
    display_name: str = "",
    paused: bool = False,
) -> Schedule:
    """Raises NotFound for the collection, AlreadyExists; InvalidArgument for what makes no sense;
    FailedPrecondition for a source that must not be read; Unavailable."""
    if not COLLECTION_ID.fullmatch(name.schedule):
        raise InvalidArgument.field(
            "schedule_id", "is lower-case letters, digits and hyphens, a letter first, at most 63"
        )
    await ports.catalog.get_collection(name.parent)
    ports.sources.check(plan.source)
    now = datetime.now(UTC)
    schedule = _timed(
        Schedule(
            name=name,
            display_name=display_name,
            cron=cron,
            time_zone=time_zone,
            plan=plan.to_json(),
            paused=paused,
            create_time=now,
            update_time=now,
            etag=new_etag(),
        )
    )
    await ports.schedules.add(schedule)
    return schedule


async def get_schedule(ports: Ports, name: ScheduleName) -> Schedule:
    """Raises NotFound."""
    return await ports.schedules.get(name)


async def list_schedules(
    ports: Ports, *, parent: CollectionName, page_size: int = 0, page_token: str = ""
) -> tuple[Sequence[Schedule], str]:
    """A page of a collection's schedules by name, and the next page's token.

    Raises NotFound for the collection, InvalidArgument for a token of another list.
    """
    size = clamp_page_size(page_size)
    request = {"method": "ListSchedules", "parent": str(parent)}
    after = decode_page_token(page_token, request) or ""
    await ports.catalog.get_collection(parent)
    found = await ports.schedules.of_collection(parent, limit=size + 1, after=after)
    page = found[:size]
    return page, encode_page_token(page[-1].name.schedule, request) if len(found) > size else ""


async def update_schedule(
    ports: Ports, *, name: ScheduleName, changes: Mapping[str, Any], etag: str = ""
) -> Schedule:
    """Changes fields of a schedule, given by their names; `source` and `options` are those of a plan.

    Raises NotFound; Aborted where `etag` is given and stale; as `create_schedule` for what makes no sense.
    """
    changes = dict(changes)
    planned = {key: changes.pop(key) for key in ("source", "options") if key in changes}
    if "source" in planned:
        ports.sources.check(planned["source"])
    for _ in range(_ATTEMPTS):
        current = await ports.schedules.get(name)
        check_etag(str(name), etag, current.etag)
        plan = replace(read_plan(current.plan), **planned)
        changed = replace(
            current, plan=plan.to_json(), update_time=datetime.now(UTC), etag=new_etag(), **changes
        )
        if {"cron", "time_zone", "paused"} & changes.keys():
            changed = _timed(changed)
        with suppress(Aborted):  # another change came in between: this one is made to what it left
            await ports.schedules.change(changed, etag=current.etag)
            return changed
    raise Aborted(f"{name} keeps changing")


async def delete_schedule(ports: Ports, name: ScheduleName, *, etag: str = "") -> None:
    """Raises NotFound; Aborted where `etag` is given and stale."""
    await ports.schedules.delete(name, etag=etag)


async def run_schedule(ports: Ports, name: ScheduleName) -> Operation:
    """Starts a run beside the schedule's times; the run that is under way, where there is one.

    Raises NotFound; FailedPrecondition for a source that must not be read.
    """
    for _ in range(_ATTEMPTS):
        schedule = await ports.schedules.get(name)
        with suppress(Aborted):  # its time came just now
            return await _start(ports, schedule, next_run_time=schedule.next_run_time)
    raise Aborted(f"{name} keeps changing")


async def run_due(ports: Ports, now: datetime) -> int:
    """Starts what is due, one run each however often it was missed; how many. Raises Unavailable.

    A schedule whose last run goes on stays due.
    """
    started = 0
    for schedule in await ports.schedules.due(now, limit=_DUE_TOGETHER):
        following = next_time(schedule.cron, schedule.time_zone, now)
        try:
            operation = await _start(ports, schedule, next_run_time=following)
        except (Aborted, ResourceExhausted, Unavailable):  # another was quicker; or its time comes again soon
            continue
        except SightlineError as error:
            _log.warning("a schedule cannot run", schedule=str(schedule.name), because=error.message)
            await ports.schedules.fail_run(schedule, error.message, next_run_time=following)
        else:
            started += str(operation.name) != schedule.last_operation
    return started


async def keep_running_schedules(ports: Ports, *, every: float) -> None:
    """Starts what is due until it is cancelled."""
    while True:
        try:
            await run_due(ports, datetime.now(UTC))
        except SightlineError as error:
            _log.warning("schedules wait", because=error.message)
        except Exception as error:
            _log.error("schedules wait", exc_info=error)
        await asyncio.sleep(every)


async def _start(ports: Ports, schedule: Schedule, *, next_run_time: datetime | None) -> Operation:
    plan = read_plan(schedule.plan)
    await ports.catalog.get_collection(plan.collection)
    ports.sources.check(plan.source)
    operation = new_operation(
        KIND, plan.to_json(), collection=str(plan.collection), schedule=str(schedule.name)
    )
    return await ports.schedules.start_run(schedule, operation, next_run_time=next_run_time)


def _timed(schedule: Schedule) -> Schedule:
    """With the time at which it runs next, from now on. Raises InvalidArgument."""
    following = next_time(schedule.cron, schedule.time_zone, datetime.now(UTC))
    return replace(schedule, next_run_time=None if schedule.paused else following)

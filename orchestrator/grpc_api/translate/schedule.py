"""Schedules, as messages and back."""

from typing import Any

from orchestrator.application.imports.plan import read_plan
from orchestrator.domain.schedule import Schedule
from orchestrator.grpc_api.translate.import_source import from_source, to_source
from orchestrator.grpc_api.translate.imports import from_options, to_options
from orchestrator.grpc_api.translate.time import to_timestamp
from sightline.v1 import schedule_pb2

CHANGEABLE = frozenset({"display_name", "cron", "time_zone", "source", "options", "paused"})
"""The fields that `UpdateSchedule` changes."""


def to_schedule(schedule: Schedule) -> schedule_pb2.Schedule:
    """The message of a schedule."""
    plan = read_plan(schedule.plan)
    message = schedule_pb2.Schedule(
        name=str(schedule.name),
        display_name=schedule.display_name,
        cron=schedule.cron,
        time_zone=schedule.time_zone,
        source=to_source(plan.source),
        options=to_options(plan.options),
        paused=schedule.paused,
        last_operation=schedule.last_operation,
        last_error=schedule.last_error,
        create_time=to_timestamp(schedule.create_time),
        update_time=to_timestamp(schedule.update_time),
        etag=schedule.etag,
    )
    for field in ("next_run_time", "last_run_time"):
        if (moment := getattr(schedule, field)) is not None:
            getattr(message, field).CopyFrom(to_timestamp(moment))
    return message


def from_changes(schedule: schedule_pb2.Schedule, fields: tuple[str, ...]) -> dict[str, Any]:
    """The new values of the fields named, by proto name. Raises InvalidArgument."""
    changes: dict[str, Any] = {name: getattr(schedule, name) for name in fields}
    if "source" in changes:
        changes["source"] = from_source(schedule.source)
    if "options" in changes:
        changes["options"] = from_options(schedule.options)
    return changes

"""`ports.Schedules` in the catalog's database."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Schedules`.

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from orchestrator.adapters.catalog.collection_rows import active_collection
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.locks import Lock
from orchestrator.adapters.catalog.operation_rows import (
    check_room,
    insert_operation,
    unended_of_schedule,
    unended_run,
)
from orchestrator.adapters.catalog.schedule_tables import schedules
from orchestrator.domain.errors import Aborted, AlreadyExists, NotFound
from orchestrator.domain.names import CollectionName, ScheduleName
from orchestrator.domain.operation import Operation
from orchestrator.domain.schedule import Schedule

_PLAIN = (
    *("display_name", "cron", "time_zone", "paused", "next_run_time", "last_run_time"),
    *("last_operation", "last_error", "create_time", "update_time", "etag"),
)


class SqlSchedules:
    """Schedules as rows. Its database is opened and closed by the catalog, whose it is too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, schedule: Schedule) -> None:
        def write(connection: sa.Connection) -> None:
            active_collection(connection, schedule.name.parent, lock=Lock.KEEP)
            if connection.execute(sa.select(schedules.c.cron).where(_is(schedule.name))).first():
                raise AlreadyExists.resource(str(schedule.name))
            try:
                connection.execute(sa.insert(schedules).values(_row(schedule)))
            except IntegrityError as error:
                raise AlreadyExists.resource(str(schedule.name)) from error

        await self._database.write(write)

    async def get(self, name: ScheduleName) -> Schedule:
        return await self._database.read(lambda connection: _get(connection, name))

    async def of_collection(
        self, collection: CollectionName, *, limit: int, after: str = ""
    ) -> Sequence[Schedule]:
        query = sa.select(schedules).where(
            schedules.c.collection == collection.collection, schedules.c.schedule > after
        )
        return await self._all(query.order_by(schedules.c.schedule).limit(limit))

    async def change(self, schedule: Schedule, *, etag: str) -> None:
        def write(connection: sa.Connection) -> None:
            _check(_get(connection, schedule.name, lock=True), etag)
            connection.execute(sa.update(schedules).where(_is(schedule.name)).values(_row(schedule)))

        await self._database.write(write)

    async def delete(self, name: ScheduleName, *, etag: str = "") -> None:
        def write(connection: sa.Connection) -> None:
            _check(_get(connection, name, lock=True), etag)
            connection.execute(sa.delete(schedules).where(_is(name)))

        await self._database.write(write)

    async def due(self, now: datetime, *, limit: int) -> Sequence[Schedule]:
        name = sa.literal("collections/") + schedules.c.collection + "/schedules/" + schedules.c.schedule
        query = sa.select(schedules).where(schedules.c.next_run_time <= now, ~unended_run(name))
        return await self._all(query.order_by(schedules.c.next_run_time).limit(limit))

    async def start_run(
        self, schedule: Schedule, operation: Operation, *, next_run_time: datetime | None
    ) -> Operation:
        def write(connection: sa.Connection) -> Operation:
            _check_same(_get(connection, schedule.name, lock=True), schedule)
            running = unended_of_schedule(connection, str(schedule.name))
            if running is not None:
                return running
            check_room(connection)
            insert_operation(connection, operation)
            values = {
                "next_run_time": next_run_time,
                "last_run_time": operation.create_time,
                "last_operation": str(operation.name),
                "last_error": "",
            }
            connection.execute(sa.update(schedules).where(_is(schedule.name)).values(values))
            return operation

        return await self._database.write(write)

    async def fail_run(self, schedule: Schedule, error: str, *, next_run_time: datetime | None) -> None:
        same = sa.and_(
            _is(schedule.name),
            schedules.c.etag == schedule.etag,
            schedules.c.next_run_time.is_not_distinct_from(schedule.next_run_time),
        )
        values = {"next_run_time": next_run_time, "last_error": error, "last_run_time": datetime.now(UTC)}
        change = sa.update(schedules).where(same).values(values)
        await self._database.write(lambda connection: connection.execute(change))

    async def _all(self, query: sa.Select[Any]) -> list[Schedule]:
        return await self._database.read(
            lambda connection: [_read(row) for row in connection.execute(query).mappings()]
        )


def _get(connection: sa.Connection, name: ScheduleName, *, lock: bool = False) -> Schedule:
    query = sa.select(schedules).where(_is(name))
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise NotFound.resource(str(name))
    return _read(row)


def _check(schedule: Schedule, etag: str) -> None:
    if etag and etag != schedule.etag:
        raise Aborted(f"{schedule.name} has changed", metadata={"resource": str(schedule.name)})


def _check_same(schedule: Schedule, known: Schedule) -> None:
    _check(schedule, known.etag)
    if schedule.next_run_time != known.next_run_time:
        raise Aborted(f"a run of {schedule.name} was started", metadata={"resource": str(schedule.name)})


def _is(name: ScheduleName) -> sa.ColumnElement[bool]:
    return sa.and_(schedules.c.collection == name.collection, schedules.c.schedule == name.schedule)


def _row(schedule: Schedule) -> dict[str, Any]:
    return {
        "collection": schedule.name.collection,
        "schedule": schedule.name.schedule,
        "plan": json.dumps(schedule.plan),
        **{key: getattr(schedule, key) for key in _PLAIN},
    }


def _read(row: sa.RowMapping) -> Schedule:
    return Schedule(
        name=ScheduleName(row["collection"], row["schedule"]),
        plan=json.loads(row["plan"]),
        **{key: row[key] for key in _PLAIN},
    )

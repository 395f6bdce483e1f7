"""`ports.Operations` in the catalog's database."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Operations`.

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from orchestrator.adapters.catalog.clock import read_clock
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.import_tables import import_items, imports
from orchestrator.adapters.catalog.operation_tables import operations
from orchestrator.adapters.catalog.schedule_tables import schedules
from orchestrator.application.ports.operations import MOST_UNENDED, OperationFilter, OperationKey
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, NotFound, ResourceExhausted
from orchestrator.domain.names import OperationName
from orchestrator.domain.operation import Failure, Operation, OperationState

RUNNING = OperationState.RUNNING.value
_REMOVED_TOGETHER = 2000
_UNENDED = [state.value for state in OperationState if not state.done]


class SqlOperations:
    """Operations as rows. Its database is opened and closed by the catalog, whose it is too."""

    def __init__(self, database: Database, *, most: int = MOST_UNENDED) -> None:
        self._database, self._most = database, most

    async def add(self, operation: Operation, *, request_id: str = "", payload: str = "") -> Operation:
        def write(connection: sa.Connection) -> Operation:
            if (made := _made_before(connection, request_id, payload)) is not None:
                return made
            check_room(connection, self._most)
            try:
                with connection.begin_nested():
                    insert_operation(connection, operation, request_id=request_id, payload=payload)
            except IntegrityError:  # the same request was quicker elsewhere
                if (made := _made_before(connection, request_id, payload)) is None:
                    raise
                return made
            return operation

        return await self._database.write(write)

    async def get(self, name: OperationName) -> Operation:
        return await self._database.read(lambda connection: read_operation(connection, name))

    async def find(
        self, filter: OperationFilter, *, limit: int, after: OperationKey | None = None
    ) -> Sequence[Operation]:
        key = (operations.c.create_time, operations.c.operation)
        query = sa.select(operations).order_by(*(column.desc() for column in key)).limit(limit)
        for column in ("kind", "collection", "schedule"):
            if (value := getattr(filter, column)) is not None:
                query = query.where(operations.c[column] == value)
        if filter.states is not None:
            query = query.where(operations.c.state.in_([state.value for state in filter.states]))
        if after is not None:
            earlier = operations.c.create_time < after.create_time
            same = operations.c.create_time == after.create_time
            query = query.where(sa.or_(earlier, same & (operations.c.operation < after.operation)))
        return await self._all(query)

    async def delete(self, name: OperationName) -> None:
        of_it = import_items.c.operation == name.operation
        some = sa.select(import_items.c.item).where(of_it).limit(_REMOVED_TOGETHER)

        def write(connection: sa.Connection) -> bool:
            if not read_operation(connection, name, lock=True).state.done:
                raise FailedPrecondition(f"{name} has not ended: cancel it first", reason="NOT_DONE")
            # Of millions of items some at a time: other writes wait behind each.
            gone = sa.delete(import_items).where(of_it, import_items.c.item.in_(some))
            if connection.execute(gone).rowcount:
                return False
            connection.execute(sa.delete(operations).where(_is(name)))
            return True

        while not await self._database.write(write):
            pass

    async def ended(self, before: datetime, *, limit: int) -> Sequence[OperationName]:
        newest = sa.exists().where(
            schedules.c.last_operation == sa.literal("operations/") + operations.c.operation
        )
        query = sa.select(operations.c.operation).where(operations.c.end_time < before, ~newest).limit(limit)
        return await self._database.read(
            lambda connection: [OperationName(each) for each in connection.execute(query).scalars()]
        )

    async def change_state(
        self, name: OperationName, state: OperationState, *, among: Collection[OperationState]
    ) -> Operation:
        def write(connection: sa.Connection) -> Operation:
            operation = read_operation(connection, name, lock=True)
            if operation.state is state:
                return operation
            if operation.state not in among:
                raise FailedPrecondition(
                    f"{name} is {operation.state.value}", reason=f"OPERATION_{operation.state.value}"
                )
            now = datetime.now(UTC)
            changed = replace(
                operation,
                state=state,
                waiting="",
                owner="",
                lease_until=None,
                update_time=now,
                end_time=now if state.done else None,
                failure=operation.failure if state.done else None,
            )
            connection.execute(sa.update(operations).where(_is(name)).values(_row(changed)))
            return changed

        return await self._database.write(write)

    async def running(self) -> Sequence[Operation]:
        query = sa.select(operations).where(operations.c.state == RUNNING)
        query = query.order_by(operations.c.create_time)

        def read(connection: sa.Connection) -> list[Operation]:
            now = read_clock(connection)
            found = [_read(row) for row in connection.execute(query).mappings()]
            return [_without_ended_lease(each, now) for each in found]

        return await self._database.read(read)

    async def claim(self, name: OperationName, owner: str, *, lease: timedelta) -> bool:
        def write(connection: sa.Connection) -> bool:
            now = read_clock(connection)
            free = sa.or_(
                operations.c.owner.in_(["", owner]),
                operations.c.lease_until.is_(None),
                operations.c.lease_until <= now,
            )
            change = sa.update(operations).where(_running(name), free)
            taken = connection.execute(change.values(owner=owner, lease_until=now + lease))
            return taken.rowcount > 0

        return await self._database.write(write)

    async def release(self, owner: str) -> None:
        await self._change(operations.c.owner == owner, owner="", lease_until=None)

    async def report(self, name: OperationName, owner: str, progress: Mapping[str, Any]) -> bool:
        mine = sa.and_(_running(name), operations.c.owner == owner)
        new = json.dumps(progress)
        waiting = sa.case((operations.c.progress == new, operations.c.waiting), else_="")
        return await self._change(mine, progress=new, waiting=waiting, update_time=datetime.now(UTC))

    async def wait_for(self, name: OperationName, owner: str, what: str) -> bool:
        mine = sa.and_(_running(name), operations.c.owner == owner)
        return await self._change(mine, waiting=what, update_time=datetime.now(UTC))

    async def finish(
        self,
        name: OperationName,
        owner: str,
        *,
        result: Mapping[str, Any] | None = None,
        failure: Failure | None = None,
    ) -> bool:
        mine, now = sa.and_(_running(name), operations.c.owner == owner), datetime.now(UTC)
        state = OperationState.FAILED if failure else OperationState.SUCCEEDED
        values = {
            "state": state.value,
            "result": json.dumps(result or {}),
            "failure": json.dumps(asdict(failure)) if failure else None,
            "waiting": "",
            "owner": "",
            "lease_until": None,
            "update_time": now,
            "end_time": now,
        }
        left = sa.select(imports.c.pending).where(
            imports.c.operation == name.operation, imports.c.pending > 0
        )

        def write(connection: sa.Connection) -> bool:
            # The lock comes first: what a retry left is seen, or the retry sees that it has ended.
            connection.execute(sa.select(operations.c.operation).where(_is(name)).with_for_update())
            if failure is None and connection.execute(left).first() is not None:
                return False
            return connection.execute(sa.update(operations).where(mine).values(values)).rowcount > 0

        return await self._database.write(write)

    async def _change(self, where: sa.ColumnElement[bool], **values: Any) -> bool:
        change = sa.update(operations).where(where).values(values)
        return await self._database.write(lambda connection: connection.execute(change).rowcount > 0)

    async def _all(self, query: sa.Select[Any]) -> list[Operation]:
        return await self._database.read(
            lambda connection: [_read(row) for row in connection.execute(query).mappings()]
        )


def _without_ended_lease(operation: Operation, now: datetime) -> Operation:
    if operation.lease_until is not None and operation.lease_until <= now:
        return replace(operation, owner="", lease_until=None)
    return operation


def _made_before(connection: sa.Connection, request_id: str, payload: str) -> Operation | None:
    """What a request id made. Raises InvalidArgument where that was another request."""
    if not request_id:
        return None
    query = sa.select(operations).where(operations.c.request_id == request_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    if row["payload"] != payload:
        raise InvalidArgument.field(
            "request_id", "was sent with another request before", reason="REQUEST_ID_REUSED"
        )
    return _read(row)


def insert_operation(
    connection: sa.Connection, operation: Operation, *, request_id: str = "", payload: str = ""
) -> None:
    """Keeps a new operation."""
    row = _row(operation) | {"request_id": request_id or None, "payload": payload}
    connection.execute(sa.insert(operations).values(row))


def check_room(connection: sa.Connection, most: int = MOST_UNENDED) -> None:
    """Raises ResourceExhausted where so many operations have not ended."""
    unended = sa.select(operations.c.operation).where(operations.c.state.in_(_UNENDED)).limit(most)
    if connection.execute(sa.select(sa.func.count()).select_from(unended.subquery())).scalar_one() >= most:
        raise ResourceExhausted(
            f"{most} operations have not ended: cancel some, or wait",
            reason="TOO_MANY_OPERATIONS",
            retry_after=30.0,
        )


def unended_run(schedule: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether an operation of a schedule, whose name the column is, has not ended."""
    return sa.exists().where(operations.c.schedule == schedule, operations.c.state.in_(_UNENDED))


def unended_of_schedule(connection: sa.Connection, schedule: str) -> Operation | None:
    """An operation of a schedule that has not ended."""
    query = sa.select(operations).where(operations.c.schedule == schedule, operations.c.state.in_(_UNENDED))
    row = connection.execute(query.limit(1)).mappings().one_or_none()
    return None if row is None else _read(row)


def read_operation(connection: sa.Connection, name: OperationName, *, lock: bool = False) -> Operation:
    """An operation; `lock` keeps others from changing it until the transaction ends. Raises NotFound."""
    query = sa.select(operations).where(_is(name))
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise NotFound.resource(str(name))
    return _read(row)


def _is(name: OperationName) -> sa.ColumnElement[bool]:
    return operations.c.operation == name.operation


def _running(name: OperationName) -> sa.ColumnElement[bool]:
    return sa.and_(_is(name), operations.c.state == RUNNING)


def _row(operation: Operation) -> dict[str, Any]:
    return {
        "operation": operation.name.operation,
        "state": operation.state.value,
        "failure": json.dumps(asdict(operation.failure)) if operation.failure else None,
        **{key: json.dumps(getattr(operation, key)) for key in ("argument", "progress", "result")},
        **{key: getattr(operation, key) for key in _PLAIN},
    }


def _read(row: sa.RowMapping) -> Operation:
    return Operation(
        name=OperationName(row["operation"]),
        state=OperationState(row["state"]),
        failure=Failure(**json.loads(row["failure"])) if row["failure"] else None,
        argument=json.loads(row["argument"]),
        progress=json.loads(row["progress"]),
        result=json.loads(row["result"]),
        **{key: row[key] for key in _PLAIN},
    )


_PLAIN = (
    *("kind", "collection", "schedule", "create_time", "update_time", "end_time"),
    *("waiting", "owner", "lease_until"),
)

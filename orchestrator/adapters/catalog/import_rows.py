"""`ports.Imports` in the catalog's database: imports, and the work on their items."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Imports`.

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from orchestrator.adapters.catalog.clock import read_clock
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.import_claims import ANY_TIME, ImportClaims, count
from orchestrator.adapters.catalog.import_documents import failure_json, item_json
from orchestrator.adapters.catalog.import_history import ImportHistory, listing_of, see, write_imported
from orchestrator.adapters.catalog.import_ownership import ImportOwnership, let_content_go
from orchestrator.adapters.catalog.import_scopes import ImportScopes
from orchestrator.adapters.catalog.import_tables import import_items, imports
from orchestrator.adapters.catalog.operation_rows import read_operation
from orchestrator.adapters.catalog.operation_tables import operations
from orchestrator.application.ports.imports import ImportScope, ListedItem
from orchestrator.domain.errors import FailedPrecondition
from orchestrator.domain.import_item import ImportItem, ItemState, Outcome
from orchestrator.domain.names import OperationName
from orchestrator.domain.operation import Failure, OperationState

PENDING, FAILED = ItemState.PENDING.value, ItemState.FAILED.value
_NAMES = 400  # a statement: SQLite bounds its variables


class SqlImports(ImportClaims, ImportHistory, ImportOwnership, ImportScopes):
    """Imports as rows. Its database is opened and closed by the catalog, whose it is too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_items(self, name: OperationName, scope: ImportScope, items: Sequence[ListedItem]) -> None:
        def write(connection: sa.Connection) -> None:
            # Listings of one import, which a lease that ended may have let overlap, follow each other.
            listing = connection.execute(
                sa.select(imports.c.listing).where(_of(imports, name)).with_for_update()
            ).scalar_one()
            for start in range(0, len(items), _NAMES):
                some = items[start : start + _NAMES]
                for extent in {listed.source.extent for listed in some}:
                    found = [listed.item for listed in some if listed.source.extent == extent]
                    see(connection, scope, found, listing, extent=extent)
                _add(connection, name, scope, some)

        await self._database.write(write)

    async def end_listing(self, name: OperationName) -> None:
        change = sa.update(imports).where(_of(imports, name)).values(listed=True)
        await self._database.write(lambda connection: connection.execute(change))

    async def finish_item(
        self, name: OperationName, scope: ImportScope, claim: str, item: str, outcome: Outcome
    ) -> bool:
        def write(connection: sa.Connection) -> bool:
            values = {
                "state": outcome.state.value,
                "made": outcome.made,
                "failure": failure_json(outcome.failure),
                "tries": import_items.c.tries + 1,
                "claim": "",
                "update_time": datetime.now(UTC),
            }
            if outcome.state is not ItemState.FAILED:
                values["document"] = ""
            change = sa.update(import_items).where(_claimed(name, claim, item)).values(values)
            if connection.execute(change).rowcount == 0:
                return False
            counts = {outcome.state.value.lower(): 1, "pending": -1, "content_bytes": outcome.content_bytes}
            count(connection, name, counts, waiting="")
            see(connection, scope, [item], listing_of(name))
            write_imported(connection, name, scope, outcome)
            let_content_go(connection, name, item)
            return True

        return await self._database.write(write)

    async def put_back(
        self, name: OperationName, claim: str, item: str, failure: Failure | None, *, rest: timedelta
    ) -> None:
        values: dict[str, Any] = {"claim": "", "claims": 0}
        if failure is not None:
            tried = {"failure": failure_json(failure), "tries": import_items.c.tries + 1}
            values |= tried | {"update_time": datetime.now(UTC)}
        change = sa.update(import_items).where(_claimed(name, claim, item)).values(values)
        await self._database.write(
            lambda connection: connection.execute(change.values(free_time=read_clock(connection) + rest))
        )

    async def retry(self, name: OperationName, keys: Sequence[str] | None) -> int:
        failed = _of(import_items, name) & (import_items.c.state == FAILED)
        if keys is not None:
            failed &= import_items.c.key.in_(keys)
        values = {
            "state": PENDING,
            "tries": 0,
            "claims": 0,
            "free_time": ANY_TIME,
            "update_time": datetime.now(UTC),
        }

        def write(connection: sa.Connection) -> int:
            state = read_operation(connection, name, lock=True).state
            if state is OperationState.CANCELLED:
                raise FailedPrecondition(f"{name} was cancelled", reason="OPERATION_CANCELLED")
            retried = connection.execute(sa.update(import_items).where(failed).values(values)).rowcount
            count(connection, name, {"failed": -retried, "pending": retried})
            left = sa.select(imports.c.pending).where(_of(imports, name), imports.c.pending > 0)
            if state.done and (state is OperationState.FAILED or connection.execute(left).first()):
                again = {"state": OperationState.RUNNING.value, "end_time": None, "failure": None}
                change = sa.update(operations).where(operations.c.operation == name.operation)
                connection.execute(change.values(again | {"result": "{}", "owner": "", "lease_until": None}))
            return retried

        return await self._database.write(write)

    async def wait_for(self, name: OperationName, what: str) -> None:
        change = sa.update(imports).where(_of(imports, name)).values(waiting=what)
        await self._database.write(lambda connection: connection.execute(change))

    async def items(
        self,
        name: OperationName,
        states: Sequence[ItemState] | None,
        *,
        limit: int,
        after: tuple[int, str] | None = None,
    ) -> Sequence[ImportItem]:
        query = sa.select(*_SHOWN).where(_of(import_items, name))
        query = query.order_by(import_items.c.number, import_items.c.item).limit(limit)
        if states is not None:
            query = query.where(import_items.c.state.in_([state.value for state in states]))
        if after is not None:
            query = query.where(sa.tuple_(import_items.c.number, import_items.c.item) > sa.tuple_(*after))
        return await self._shown(query)

    async def latest_failures(self, name: OperationName, *, limit: int) -> Sequence[ImportItem]:
        query = sa.select(*_SHOWN).where(_of(import_items, name), import_items.c.state == FAILED)
        return await self._shown(query.order_by(import_items.c.number.desc()).limit(limit))

    async def _shown(self, query: sa.Select[Any]) -> Sequence[ImportItem]:
        return await self._database.read(
            lambda connection: [_read(row) for row in connection.execute(query).mappings()]
        )


def _add(
    connection: sa.Connection, name: OperationName, scope: ImportScope, items: Sequence[ListedItem]
) -> None:
    hashes = [listed.item for listed in items]
    kept = sa.select(import_items.c.item).where(_of(import_items, name), import_items.c.item.in_(hashes))
    there = set(connection.execute(kept).scalars())
    known = ImportHistory.read_alive(connection, scope, hashes)
    rows, counts, now = [], dict.fromkeys(("pending", "unchanged", "failed"), 0), datetime.now(UTC)
    for listed in items:
        if listed.item in there:
            continue
        there.add(listed.item)
        before, failure, state = known.get(listed.item), None, ItemState.PENDING
        if listed.source.problem:
            state = ItemState.FAILED
            failure = Failure(kind="InvalidArgument", message=listed.source.problem, reason="NOT_LISTED")
        elif (
            before
            and listed.source.fingerprint
            and (before.fingerprint, before.told)
            == (
                listed.source.fingerprint,
                listed.told,
            )
        ):
            state = ItemState.UNCHANGED
        counts[state.value.lower()] += 1
        rows.append(
            {
                "operation": name.operation,
                "item": listed.item,
                "number": listed.number,
                "key": listed.source.key,
                "state": state.value,
                "failure": failure_json(failure),
                "tries": 0,
                "made": before.made if before and state is ItemState.UNCHANGED else "",
                "document": "" if state is ItemState.UNCHANGED else item_json(listed.source),
                "claim": "",
                "free_time": ANY_TIME,
                "update_time": now,
            }
        )
    if rows:
        connection.execute(sa.insert(import_items), rows)
        partial = {"partial": True} if counts["failed"] else {}
        count(connection, name, counts, **partial)


_SHOWN = [import_items.c[key] for key in ("item", "number", "key", "state", "failure", "tries", "made")]
_SHOWN.append(import_items.c.update_time)


def _read(row: sa.RowMapping) -> ImportItem:
    failure = Failure(**json.loads(row["failure"])) if row["failure"] else None
    plain = {key: row[key] for key in ("item", "number", "key", "tries", "made", "update_time")}
    return ImportItem(state=ItemState(row["state"]), failure=failure, **plain)


def _of(table: sa.Table, name: OperationName) -> sa.ColumnElement[bool]:
    return table.c.operation == name.operation


def _claimed(name: OperationName, claim: str, item: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        _of(import_items, name),
        import_items.c.item == item,
        import_items.c.claim == claim,
        import_items.c.state == PENDING,
    )

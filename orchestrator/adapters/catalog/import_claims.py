"""Which process works on which items of an import, and which items end the processes that do."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Imports`.

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from orchestrator.adapters.catalog.clock import read_clock
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.import_documents import failure_json, read_item
from orchestrator.adapters.catalog.import_ownership import let_content_go
from orchestrator.adapters.catalog.import_scopes import may_work
from orchestrator.adapters.catalog.import_tables import import_items, imports
from orchestrator.application.ports.imports import ImportScope
from orchestrator.domain.import_item import ClaimedItem, ItemState
from orchestrator.domain.names import OperationName
from orchestrator.domain.operation import Failure

PENDING, FAILED = ItemState.PENDING.value, ItemState.FAILED.value
ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
MOST_CLAIMS = 10
"""How often an item is taken without anything coming of it: then it fails."""
SUSPECTED = 3
"""How often, until a process takes it alone, and no other item is blamed for its end."""


class ImportClaims:
    """The part of `ports.Imports` about who works on items."""

    _database: Database

    async def claim(
        self,
        name: OperationName,
        scope: ImportScope,
        claim: str,
        *,
        limit: int,
        lease: timedelta,
    ) -> Sequence[ClaimedItem]:
        pending = (
            sa.select(*(import_items.c[key] for key in ("item", "tries", "document", "claims")))
            .where(_of(import_items, name), import_items.c.state == PENDING)
            .order_by(import_items.c.number, import_items.c.item)
        )
        suspected = sa.select(import_items.c.item).where(
            import_items.c.claim == claim,
            import_items.c.state == PENDING,
            import_items.c.claims > SUSPECTED,
        )

        def is_there(connection: sa.Connection) -> bool:
            free = pending.where(import_items.c.free_time <= read_clock(connection))
            return connection.execute(free.limit(1)).first() is not None

        def write(connection: sa.Connection) -> Sequence[ClaimedItem]:
            if not may_work(connection, name, scope):
                return []
            if connection.execute(suspected.limit(1)).first() is not None:
                return []
            now = read_clock(connection)
            free = pending.where(import_items.c.free_time <= now).limit(limit)
            rows = connection.execute(free.with_for_update(skip_locked=True)).all()
            _give_up(connection, name, [row.item for row in rows if row.claims >= MOST_CLAIMS])
            rows = [row for row in rows if row.claims < MOST_CLAIMS]
            if rows and rows[0].claims >= SUSPECTED:
                rows = rows[:1]
            else:
                rows = [row for row in rows if row.claims < SUSPECTED]
            if rows:
                taken = _of(import_items, name) & import_items.c.item.in_([row.item for row in rows])
                values = {"claim": claim, "free_time": now + lease, "claims": import_items.c.claims + 1}
                connection.execute(sa.update(import_items).where(taken).values(values))
            return [
                ClaimedItem(item=row.item, tries=row.tries, source=read_item(row.document)) for row in rows
            ]

        if not await self._database.read(is_there):
            return []
        return await self._database.write(write)

    async def keep(self, claim: str, *, lease: timedelta) -> None:
        change = sa.update(import_items).where(_mine(claim))
        await self._database.write(
            lambda connection: connection.execute(change.values(free_time=read_clock(connection) + lease))
        )

    async def release(self, claim: str) -> None:
        values = {"free_time": ANY_TIME, "claim": "", "claims": import_items.c.claims - 1}
        change = sa.update(import_items).where(_mine(claim)).values(values)
        await self._database.write(lambda connection: connection.execute(change))


def count(connection: sa.Connection, name: OperationName, counts: dict[str, int], **values: Any) -> None:
    """Adds to an import's counts."""
    sums = {column: imports.c[column] + number for column, number in counts.items()}
    connection.execute(sa.update(imports).where(_of(imports, name)).values(sums | values))


def _give_up(connection: sa.Connection, name: OperationName, items: Sequence[str]) -> None:
    """Fails items that seem to end the processes that work on them."""
    if not items:
        return
    message = "the server ended while it worked on it, each time"
    failure = Failure(kind="InvalidArgument", message=message, reason="SERVER_ENDED")
    values = {
        "state": FAILED,
        "failure": failure_json(failure),
        "claim": "",
        "update_time": datetime.now(UTC),
    }
    change = sa.update(import_items).where(_of(import_items, name), import_items.c.item.in_(items))
    connection.execute(change.values(values))
    for item in items:
        let_content_go(connection, name, item)
    count(connection, name, {"failed": len(items), "pending": -len(items)})


def _mine(claim: str) -> sa.ColumnElement[bool]:
    return sa.and_(import_items.c.claim == claim, import_items.c.state == PENDING)


def _of(table: sa.Table, name: OperationName) -> sa.ColumnElement[bool]:
    return table.c.operation == name.operation

"""Which import may work on the items of a source, and the numbers of its listings."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Imports`.

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from orchestrator.adapters.catalog.clock import read_clock
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.import_tables import import_items, import_scopes, imports
from orchestrator.adapters.catalog.operation_tables import operations
from orchestrator.application.ports.imports import ImportScope
from orchestrator.domain.import_item import ItemState
from orchestrator.domain.names import OperationName
from orchestrator.domain.operation import OperationState


class ImportScopes:
    """The part of `ports.Imports` about imports of one source that would get in each other's way."""

    _database: Database

    async def begin(self, name: OperationName, scope: ImportScope) -> OperationName | None:
        def write(connection: sa.Connection) -> OperationName | None:
            mine = imports.c.operation == name.operation
            if connection.execute(sa.select(imports.c.operation).where(mine)).first() is None:
                row = {"operation": name.operation, "listed": False, "partial": False, "waiting": ""}
                connection.execute(sa.insert(imports).values(row))
            holder = _holder(connection, scope, name)
            if holder != name.operation and _works(connection, holder):
                return OperationName(holder)
            connection.execute(sa.update(import_scopes).where(_is(scope)).values(operation=name.operation))
            return None

        return await self._database.write(write)

    async def begin_listing(self, name: OperationName, scope: ImportScope) -> None:
        def write(connection: sa.Connection) -> None:
            _holder(connection, scope, name)
            counted = sa.update(import_scopes).where(_is(scope)).values(listings=import_scopes.c.listings + 1)
            connection.execute(counted)
            number = sa.select(import_scopes.c.listings).where(_is(scope)).scalar_subquery()
            begun = sa.update(imports).where(imports.c.operation == name.operation)
            connection.execute(begun.values(listing=number))

        await self._database.write(write)


def may_work(connection: sa.Connection, name: OperationName, scope: ImportScope) -> bool:
    """Whether the items of a source are an import's until the transaction ends."""
    held = sa.select(import_scopes.c.operation).where(_is(scope)).with_for_update(read=True)
    return connection.execute(held).scalar_one_or_none() == name.operation


def _holder(connection: sa.Connection, scope: ImportScope, name: OperationName) -> str:
    """Whose the source is, locked; where it is nobody's, the one's who asks."""
    held = sa.select(import_scopes.c.operation).where(_is(scope)).with_for_update()
    found: str | None = connection.execute(held).scalar_one_or_none()
    if found is None:
        key = {"collection": scope.collection.collection, "source": scope.source}
        try:
            with connection.begin_nested():
                row = key | {"operation": name.operation, "listings": 0}
                connection.execute(sa.insert(import_scopes).values(row))
        except IntegrityError:  # another was quicker
            return str(connection.execute(held).scalar_one())
    return found or name.operation


def _works(connection: sa.Connection, operation: str) -> bool:
    """Whether an import runs, or what it had begun when it was paused or cancelled is still under way."""
    state = sa.select(operations.c.state).where(operations.c.operation == operation)
    if connection.execute(state).scalar_one_or_none() == OperationState.RUNNING.value:
        return True
    under_way = sa.select(import_items.c.item).where(
        import_items.c.operation == operation,
        import_items.c.state == ItemState.PENDING.value,
        import_items.c.claim != "",
        import_items.c.free_time > read_clock(connection),
    )
    return connection.execute(under_way.limit(1)).first() is not None


def _is(scope: ImportScope) -> sa.ColumnElement[bool]:
    return sa.and_(
        import_scopes.c.collection == scope.collection.collection, import_scopes.c.source == scope.source
    )

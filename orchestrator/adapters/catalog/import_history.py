"""What imports have made of the items of their sources, for those that come after them."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Imports`.

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.import_ownership import check_ownership
from orchestrator.adapters.catalog.import_tables import COUNTS, imported, imports
from orchestrator.adapters.catalog.tables import collections, images, texts
from orchestrator.application.ports.imports import ImportScope
from orchestrator.domain.collection import CollectionState
from orchestrator.domain.import_item import Imported, ImportProgress, Outcome
from orchestrator.domain.names import CollectionName, OperationName
from orchestrator.domain.record_state import RecordState

_ACTIVE = RecordState.ACTIVE.value
_COLUMNS = [imported.c[key] for key in ("item", "fingerprint", "told", "sha256", "made", "owned", "extent")]


class ImportHistory:
    """The part of `ports.Imports` about earlier imports, and sums over one."""

    _database: Database

    async def progress(self, name: OperationName) -> ImportProgress:
        query = sa.select(imports).where(imports.c.operation == name.operation)
        row = await self._database.read(lambda connection: connection.execute(query).mappings().one_or_none())
        if row is None:
            return ImportProgress()
        return ImportProgress(**{key: row[key] for key in ("listed", "partial", "waiting", *COUNTS)})

    async def imported(self, scope: ImportScope, item: str) -> Imported | None:
        query = sa.select(*_COLUMNS).where(_of(scope), imported.c.item == item)
        row = await self._database.read(lambda connection: connection.execute(query).mappings().one_or_none())
        return None if row is None else Imported(**row)

    async def vanished(
        self,
        name: OperationName,
        scope: ImportScope,
        extents: Sequence[str],
        *,
        limit: int,
        after: str = "",
    ) -> Sequence[Imported]:
        earlier = (imported.c.seen < listing_of(name)) & imported.c.extent.in_(extents)
        query = sa.select(*_COLUMNS).where(_of(scope), imported.c.item > after, earlier)
        query = query.order_by(imported.c.item).limit(limit)
        return await self._database.read(
            lambda connection: [Imported(**row) for row in connection.execute(query).mappings()]
        )

    async def forget(self, name: OperationName, scope: ImportScope, item: str) -> None:
        gone = sa.delete(imported).where(_of(scope), imported.c.item == item)
        counted = sa.update(imports).where(imports.c.operation == name.operation)

        def write(connection: sa.Connection) -> None:
            if connection.execute(gone).rowcount:
                connection.execute(counted.values(deleted=imports.c.deleted + 1))

        await self._database.write(write)

    async def forget_collection(self, collection: CollectionName, *, limit: int) -> int:
        deleting = sa.select(collections.c.collection).where(
            collections.c.collection == collection.collection,
            collections.c.state == CollectionState.DELETING.value,
        )
        key = (imported.c.source, imported.c.item)
        some = sa.select(*key).where(imported.c.collection.in_(deleting)).limit(limit)
        gone = sa.delete(imported).where(
            imported.c.collection == collection.collection, sa.tuple_(*key).in_(some)
        )
        return await self._database.write(lambda connection: connection.execute(gone).rowcount)

    @staticmethod
    def read_alive(
        connection: sa.Connection, scope: ImportScope, items: Sequence[str]
    ) -> Mapping[str, Imported]:
        """By item: what became of those of the items whose images or text records are still there."""
        query = sa.select(*_COLUMNS).where(_of(scope), imported.c.item.in_(items))
        found = [Imported(**row) for row in connection.execute(query).mappings()]
        alive: set[str] = set()
        for table, room in ((images, "images"), (texts, "texts")):
            column = table.c[room.removesuffix("s")]
            start = f"{scope.collection}/{room}/"
            ids = [each.made.removeprefix(start) for each in found if each.made.startswith(start)]
            there = sa.select(column).where(
                table.c.collection == scope.collection.collection,
                column.in_(ids),
                table.c.state == _ACTIVE,
            )
            if ids:
                alive.update(f"{start}{each}" for each in connection.execute(there).scalars())
        return {each.item: each for each in found if each.made in alive}


def see(
    connection: sa.Connection,
    scope: ImportScope,
    items: Sequence[str],
    listing: int | sa.ScalarSelect[int],
    **values: str,
) -> None:
    """Keeps that a listing saw items."""
    known = sa.and_(_of(scope), imported.c.item.in_(items), imported.c.seen < listing)
    connection.execute(sa.update(imported).where(known).values(seen=listing, **values))


def write_imported(
    connection: sa.Connection, name: OperationName, scope: ImportScope, outcome: Outcome
) -> None:
    """Keeps what became of an item, over what had become of it before.

    Raises Aborted where that is no longer what the item's work began with.
    """
    if (made := outcome.imported) is None:
        return
    check_ownership(connection, scope, made, replaces=outcome.replaces)
    values = asdict(made) | {"leaving": False}
    same = sa.and_(_of(scope), imported.c.item == values.pop("item"))
    if connection.execute(sa.update(imported).where(same).values(values)).rowcount == 0:
        row = {"collection": scope.collection.collection, "source": scope.source, "item": made.item}
        connection.execute(sa.insert(imported).values(row | values | {"seen": listing_of(name)}))


def listing_of(name: OperationName) -> sa.ScalarSelect[int]:
    """The number of an import's listing."""
    return sa.select(imports.c.listing).where(imports.c.operation == name.operation).scalar_subquery()


def _of(scope: ImportScope) -> sa.ColumnElement[bool]:
    return sa.and_(imported.c.collection == scope.collection.collection, imported.c.source == scope.source)

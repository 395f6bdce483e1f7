"""Which item a picture was made for, and which are its duplicates: none is deleted that another needs."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Imports`.

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.import_tables import import_contents, imported
from orchestrator.adapters.catalog.tables import images
from orchestrator.application.ports.imports import ImportScope
from orchestrator.domain.errors import Aborted
from orchestrator.domain.import_item import Imported
from orchestrator.domain.names import CollectionName, ImageName, OperationName, parse_image
from orchestrator.domain.record_state import RecordState

_LOOKED_AT = 100  # images of the same bytes, of which some may be about to go


class ImportOwnership:
    """The part of `ports.Imports` about items of the same bytes."""

    _database: Database

    async def find_content(self, collection: CollectionName, sha256: str) -> ImageName | None:
        same = (
            sa.select(images.c.image)
            .where(
                images.c.collection == collection.collection,
                images.c.sha256 == sha256,
                images.c.state == RecordState.ACTIVE.value,
            )
            .order_by(images.c.image)
            .limit(_LOOKED_AT)
        )

        def read(connection: sa.Connection) -> ImageName | None:
            found = [ImageName(collection.collection, image) for image in connection.execute(same).scalars()]
            leaving = sa.select(imported.c.made).where(
                imported.c.collection == collection.collection,
                imported.c.made.in_([str(name) for name in found]),
                imported.c.leaving,
            )
            gone = set(connection.execute(leaving).scalars()) if found else set()
            return next((name for name in found if str(name) not in gone), None)

        return await self._database.read(read)

    async def hold_content(self, name: OperationName, sha256: str, item: str) -> str:
        same = (import_contents.c.operation == name.operation) & (import_contents.c.sha256 == sha256)
        held = sa.select(import_contents.c.item).where(same)

        def write(connection: sa.Connection) -> str:
            found: str | None = connection.execute(held).scalar_one_or_none()
            if found is None:
                row = {"operation": name.operation, "sha256": sha256, "item": item}
                try:
                    with connection.begin_nested():
                        connection.execute(sa.insert(import_contents).values(row))
                except IntegrityError:
                    found = connection.execute(held).scalar_one_or_none()
            return found or item

        return await self._database.write(write)

    async def give_up(self, scope: ImportScope, item: str) -> str:
        mine = _is(scope.collection, scope.source, item)

        def write(connection: sa.Connection) -> str:
            query = sa.select(imported.c.made, imported.c.owned).where(mine)
            row = connection.execute(query.with_for_update()).one_or_none()
            if row is None or not row.owned:
                return ""
            others = (
                sa.select(imported.c.source, imported.c.item)
                .where(imported.c.collection == scope.collection.collection, imported.c.made == row.made)
                .where(~mine)
                .order_by((imported.c.source == scope.source).desc(), imported.c.seen.desc(), imported.c.item)
                .limit(1)
            )
            heir = connection.execute(others.with_for_update()).one_or_none()
            if heir is None:
                connection.execute(sa.update(imported).where(mine).values(leaving=True))
                return str(row.made)
            theirs = _is(scope.collection, heir.source, heir.item)
            # What is said of it is still the other's: the next import looks at it again.
            connection.execute(sa.update(imported).where(theirs).values(owned=True, told=""))
            connection.execute(sa.update(imported).where(mine).values(owned=False))
            return ""

        return await self._database.write(write)


def let_content_go(connection: sa.Connection, name: OperationName, item: str) -> None:
    """Leaves what an item was to be imported for to the next that asks."""
    held = (import_contents.c.operation == name.operation) & (import_contents.c.item == item)
    connection.execute(sa.delete(import_contents).where(held))


def check_ownership(connection: sa.Connection, scope: ImportScope, made: Imported, *, replaces: str) -> None:
    """That an item still owns no more than it knew of, and that whose duplicate it is stays.

    Raises Aborted.
    """
    mine = _is(scope.collection, scope.source, made.item)
    query = sa.select(imported.c.made, imported.c.owned).where(mine)
    before = connection.execute(query.with_for_update()).one_or_none()
    kept = made.made if made.owned else None
    if before is not None and before.owned and before.made not in (replaces, kept):
        raise Aborted("the image became this item's meanwhile", retry_after=0.1)
    if made.owned or "/images/" not in made.made:
        return
    owners = sa.select(imported.c.leaving).where(
        imported.c.collection == scope.collection.collection, imported.c.made == made.made, imported.c.owned
    )
    image = parse_image(made.made)
    there = sa.select(images.c.state).where(
        images.c.collection == image.collection, images.c.image == image.image
    )
    leaving = connection.execute(owners.with_for_update()).scalars().all()
    state = connection.execute(there.with_for_update(read=True)).scalar_one_or_none()
    if any(leaving) or state != RecordState.ACTIVE.value:
        raise Aborted("the image that has these bytes is being deleted", retry_after=0.1)


def _is(collection: CollectionName, source: str, item: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        imported.c.collection == collection.collection,
        imported.c.source == source,
        imported.c.item == item,
    )

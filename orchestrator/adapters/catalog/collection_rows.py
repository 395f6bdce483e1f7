"""Collections in the catalog."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Catalog`.

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.documents import collection_row, read_collection, read_image
from orchestrator.adapters.catalog.locks import Lock, locked
from orchestrator.adapters.catalog.tables import collections, images, outbox, request_ids, texts
from orchestrator.application.ports import CollectionTotals
from orchestrator.domain.collection import Collection, CollectionState
from orchestrator.domain.errors import Aborted, AlreadyExists, FailedPrecondition, NotFound
from orchestrator.domain.identifiers import new_etag
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName
from orchestrator.domain.record_state import RecordState

# Built once: every call reads it.
_ACTIVE_COLLECTION = sa.select(collections).where(
    collections.c.collection == sa.bindparam("name"), collections.c.state == CollectionState.ACTIVE.value
)

_LOCKED = {lock: locked(_ACTIVE_COLLECTION, lock) for lock in Lock}

_CHANGEABLE = (
    *("display_name", "segmenter", "segmentation", "matcher", "captioner", "labels_vocabulary"),
    *("update_time", "etag"),
)


class CollectionRows:
    """The catalog's part about collections; `ports.Catalog` has the contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_collection(self, name: CollectionName) -> Collection:
        def read(connection: sa.Connection) -> Collection:
            return read_collection(active_collection(connection, name))

        return await self._database.read(read)

    async def list_collections(self, *, limit: int, after: str = "") -> Sequence[Collection]:
        query = (
            sa.select(collections)
            .where(collections.c.state == CollectionState.ACTIVE.value, collections.c.collection > after)
            .order_by(collections.c.collection)
            .limit(limit)
        )

        def read(connection: sa.Connection) -> Sequence[Collection]:
            return [read_collection(row) for row in connection.execute(query).mappings()]

        return await self._database.read(read)

    async def deleting_collections(self, *, before: datetime) -> Sequence[Collection]:
        query = sa.select(collections).where(
            collections.c.state == CollectionState.DELETING.value, collections.c.update_time < before
        )

        def read(connection: sa.Connection) -> Sequence[Collection]:
            return [read_collection(row) for row in connection.execute(query).mappings()]

        return await self._database.read(read)

    async def collection_totals(
        self, name: CollectionName, *, vocabulary: str | None = None, captioner: str | None = None
    ) -> CollectionTotals:
        owed = sa.select(outbox.c.image).where(outbox.c.collection == name.collection)

        def pending(table: sa.Table, id: str) -> sa.Select[int]:
            named = sa.select(outbox.c[id]).where(outbox.c.collection == name.collection)
            return sa.select(sa.func.count()).where(
                table.c.collection == name.collection,
                table.c[id].in_(named),
                table.c.state == RecordState.PENDING.value,
            )

        def otherwise(connection: sa.Connection, column: sa.Column[Any], stamp: str | None) -> int:
            if stamp is None:
                return 0
            query = sa.select(sa.func.count()).where(
                images.c.collection == name.collection,
                images.c.state == RecordState.ACTIVE.value,
                column.is_not(None),
                sa.or_(column != stamp, images.c.image.in_(owed)),
            )
            return int(connection.execute(query).scalar_one())

        def read(connection: sa.Connection) -> CollectionTotals:
            row = active_collection(connection, name)
            return CollectionTotals(
                pending_images=connection.execute(pending(images, "image")).scalar_one(),
                pending_texts=connection.execute(pending(texts, "text")).scalar_one(),
                labelled_otherwise=otherwise(connection, images.c.vocabulary, vocabulary),
                captioned_otherwise=otherwise(connection, images.c.captioner, captioner),
                content_bytes=row["content_bytes"],
            )

        return await self._database.read(read)

    async def add_collection(self, collection: Collection) -> None:
        def write(connection: sa.Connection) -> None:
            existing = sa.select(collections.c.state).where(_is(collection.name))
            if (state := connection.execute(existing).scalar_one_or_none()) is not None:
                if state == CollectionState.DELETING.value:
                    raise FailedPrecondition(
                        f"{collection.name} is still being deleted",
                        reason="COLLECTION_DELETING",
                        retry_after=5.0,
                    )
                raise AlreadyExists.resource(str(collection.name))
            try:
                connection.execute(sa.insert(collections).values(collection_row(collection)))
            except IntegrityError as error:
                raise AlreadyExists.resource(str(collection.name)) from error

        await self._database.write(write)

    async def change_collection(self, collection: Collection, *, etag: str) -> None:
        row = collection_row(collection)
        changes = {name: row[name] for name in _CHANGEABLE}

        def write(connection: sa.Connection) -> None:
            row = active_collection(connection, collection.name, lock=Lock.CHANGE)
            check_etag(row, etag, str(collection.name))
            connection.execute(sa.update(collections).where(_is(collection.name)).values(changes))

        await self._database.write(write)

    async def begin_collection_deletion(self, name: CollectionName, *, force: bool, etag: str) -> None:
        now = datetime.now(UTC)

        def write(connection: sa.Connection) -> None:
            check_etag(active_collection(connection, name, lock=Lock.REMOVE), etag, str(name))
            for table in () if force else (images, texts):
                held = sa.select(table.c.uid).where(table.c.collection == name.collection).limit(1)
                if connection.execute(held).first() is not None:
                    raise FailedPrecondition(
                        f"{name} holds {table.name}; force deletes them too", reason="COLLECTION_NOT_EMPTY"
                    )
            state = {"state": CollectionState.DELETING.value, "etag": new_etag(), "update_time": now}
            connection.execute(sa.update(collections).where(_is(name)).values(state))

        await self._database.write(write)

    async def finish_collection_deletion(self, name: CollectionName, *, limit: int) -> Sequence[Image]:
        # In order: whoever else does this removes the same images in the same order.
        query = (
            sa.select(images)
            .where(images.c.collection == name.collection)
            .order_by(images.c.image)
            .limit(limit)
        )

        def write(connection: sa.Connection) -> Sequence[Image]:
            deleting = _is(name) & (collections.c.state == CollectionState.DELETING.value)
            found = sa.select(collections.c.collection).where(deleting)
            if connection.execute(locked(found, Lock.REMOVE)).first() is None:
                return []
            left = [read_image(row) for row in connection.execute(query).mappings()]
            if not left:
                for table in (outbox, request_ids):
                    connection.execute(sa.delete(table).where(table.c.collection == name.collection))
                connection.execute(sa.delete(collections).where(deleting))
            return left

        return await self._database.write(write)

    async def remove_images(self, left: Sequence[Image]) -> None:
        def write(connection: sa.Connection) -> None:
            for image in left:
                row = (images.c.collection == image.name.collection) & (images.c.image == image.name.image)
                connection.execute(sa.delete(images).where(row, images.c.uid == image.uid))

        await self._database.write(write)

    async def ready(self) -> bool:
        return await self._database.ready()


def active_collection(
    connection: sa.Connection, name: CollectionName, lock: Lock | None = None
) -> sa.RowMapping:
    """The row of an ACTIVE collection, which others leave as `lock` says. Raises NotFound."""
    query = _ACTIVE_COLLECTION if lock is None else _LOCKED[lock]
    row = connection.execute(query, {"name": name.collection}).mappings().one_or_none()
    if row is None:
        raise NotFound.resource(str(name))
    return row


def check_etag(row: sa.RowMapping, etag: str, name: str) -> None:
    """Raises Aborted where an etag is given and is not the row's."""
    if etag and etag != row["etag"]:
        raise Aborted(f"{name} has changed since: its etag is another one", metadata={"resource": name})


def _is(name: CollectionName) -> sa.ColumnElement[bool]:
    return collections.c.collection == name.collection

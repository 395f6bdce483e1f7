"""Collections in the catalog."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Catalog`.

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.documents import collection_row, read_collection, read_image
from orchestrator.adapters.catalog.tables import collections, images, outbox, request_ids
from orchestrator.application.ports import CollectionTotals
from orchestrator.domain.collection import Collection, CollectionState
from orchestrator.domain.errors import Aborted, AlreadyExists, FailedPrecondition, NotFound
from orchestrator.domain.identifiers import new_etag
from orchestrator.domain.image import Image, ImageState
from orchestrator.domain.names import CollectionName, ImageName


class CollectionRows:
    """The catalog's part about collections; `ports.Catalog` has the contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_collection(self, name: CollectionName) -> Collection:
        async with self._database.read() as connection:
            return read_collection(await active_collection(connection, name))

    async def list_collections(self, *, limit: int, after: str = "") -> Sequence[Collection]:
        query = (
            sa.select(collections)
            .where(collections.c.state == CollectionState.ACTIVE.value, collections.c.collection > after)
            .order_by(collections.c.collection)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [read_collection(row) for row in (await connection.execute(query)).mappings()]

    async def deleting_collections(self) -> Sequence[Collection]:
        query = sa.select(collections).where(collections.c.state == CollectionState.DELETING.value)
        async with self._database.read() as connection:
            return [read_collection(row) for row in (await connection.execute(query)).mappings()]

    async def collection_totals(self, name: CollectionName) -> CollectionTotals:
        owed = sa.select(outbox.c.image).where(outbox.c.collection == name.collection)
        pending = sa.select(sa.func.count()).where(
            images.c.collection == name.collection,
            images.c.image.in_(owed),
            images.c.state == ImageState.PENDING.value,
        )
        async with self._database.read() as connection:
            row = await active_collection(connection, name)
            count = (await connection.execute(pending)).scalar_one()
        return CollectionTotals(pending_images=count, content_bytes=row["content_bytes"])

    async def add_collection(self, collection: Collection) -> None:
        async def write(connection: AsyncConnection) -> None:
            existing = sa.select(collections.c.state).where(_is(collection.name))
            if (state := (await connection.execute(existing)).scalar_one_or_none()) is not None:
                if state == CollectionState.DELETING.value:
                    raise FailedPrecondition(
                        f"{collection.name} is still being deleted",
                        reason="COLLECTION_DELETING",
                        retry_after=5.0,
                    )
                raise AlreadyExists.resource(str(collection.name))
            try:
                await connection.execute(sa.insert(collections).values(collection_row(collection)))
            except IntegrityError as error:
                raise AlreadyExists.resource(str(collection.name)) from error

        await self._database.write(write)

    async def change_collection(self, collection: Collection, *, etag: str) -> None:
        changes = {
            "display_name": collection.display_name,
            "segmenter": collection.segmenter,
            "segmentation": collection.segmentation.value,
            "update_time": collection.update_time,
            "etag": collection.etag,
        }

        async def write(connection: AsyncConnection) -> None:
            check_etag(await active_collection(connection, collection.name), etag, str(collection.name))
            await connection.execute(sa.update(collections).where(_is(collection.name)).values(changes))

        await self._database.write(write)

    async def begin_collection_deletion(self, name: CollectionName, *, force: bool, etag: str) -> None:
        async def write(connection: AsyncConnection) -> None:
            check_etag(await active_collection(connection, name), etag, str(name))
            held = sa.select(images.c.image).where(images.c.collection == name.collection).limit(1)
            if not force and (await connection.execute(held)).first() is not None:
                raise FailedPrecondition(
                    f"{name} holds images; force deletes them too", reason="COLLECTION_NOT_EMPTY"
                )
            state = {"state": CollectionState.DELETING.value, "etag": new_etag()}
            await connection.execute(sa.update(collections).where(_is(name)).values(state))

        await self._database.write(write)

    async def finish_collection_deletion(self, name: CollectionName, *, limit: int) -> Sequence[Image]:
        query = sa.select(images).where(images.c.collection == name.collection).limit(limit)

        async def write(connection: AsyncConnection) -> Sequence[Image]:
            deleting = _is(name) & (collections.c.state == CollectionState.DELETING.value)
            if (
                await connection.execute(sa.select(collections.c.collection).where(deleting))
            ).first() is None:
                return []
            left = [read_image(row) for row in (await connection.execute(query)).mappings()]
            if not left:
                for table in (outbox, request_ids):
                    await connection.execute(sa.delete(table).where(table.c.collection == name.collection))
                await connection.execute(sa.delete(collections).where(deleting))
            return left

        return await self._database.write(write)

    async def remove_images(self, names: Sequence[ImageName]) -> None:
        async def write(connection: AsyncConnection) -> None:
            for name in names:
                row = (images.c.collection == name.collection) & (images.c.image == name.image)
                await connection.execute(sa.delete(images).where(row))

        await self._database.write(write)

    async def forget_requests(self, *, before: datetime) -> None:
        old = sa.delete(request_ids).where(request_ids.c.create_time < before)

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(old)

        await self._database.write(write)

    async def ready(self) -> bool:
        return await self._database.ready()


async def active_collection(connection: AsyncConnection, name: CollectionName) -> sa.RowMapping:
    """The row of an ACTIVE collection. Raises NotFound."""
    query = sa.select(collections).where(_is(name), collections.c.state == CollectionState.ACTIVE.value)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound.resource(str(name))
    return row


def check_etag(row: sa.RowMapping, etag: str, name: str) -> None:
    """Raises Aborted where an etag is given and is not the row's."""
    if etag and etag != row["etag"]:
        raise Aborted(f"{name} has changed since: its etag is another one", metadata={"resource": name})


def _is(name: CollectionName) -> sa.ColumnElement[bool]:
    return collections.c.collection == name.collection

"""The steps of a write: every change of what an index should hold leaves an outbox entry."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Catalog`.

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.adapters.catalog.collection_rows import active_collection, check_etag
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.documents import (
    image_row,
    read_collection,
    read_image,
    read_vector,
    region_row,
    vector_row,
)
from orchestrator.adapters.catalog.image_rows import ACTIVE, is_image, visible_image
from orchestrator.adapters.catalog.tables import collections, images, outbox, regions, request_ids, vectors
from orchestrator.application.ports import REQUEST_ID_TAKEN, OutboxEntry, RequestRecord, StoredVector, Work
from orchestrator.domain.errors import AlreadyExists, NotFound
from orchestrator.domain.image import Image, ImageState
from orchestrator.domain.names import CollectionName, ImageName, RegionName
from orchestrator.domain.region import Region

_PENDING, _DELETING = ImageState.PENDING.value, ImageState.DELETING.value


class WriteRows:
    """The catalog's part about writes; `ports.Catalog` has the contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_request(self, collection: CollectionName, request_id: str) -> RequestRecord | None:
        async with self._database.read() as connection:
            return await _find_request(connection, collection, request_id)

    async def begin_image(
        self,
        image: Image,
        regions_: Sequence[Region],
        vectors_: Sequence[StoredVector],
        request: RequestRecord | None = None,
    ) -> Work:
        async def write(connection: AsyncConnection) -> Work:
            collection = read_collection(await active_collection(connection, image.name.parent))
            taken = f"request id {request.request_id}" if request else ""
            if request and await _find_request(connection, image.name.parent, request.request_id):
                raise AlreadyExists(f"{taken} was used before", reason=REQUEST_ID_TAKEN)
            existing = sa.select(images.c.state).where(is_image(images, image.name))
            if (await connection.execute(existing)).first() is not None:
                raise AlreadyExists.resource(str(image.name))
            try:
                await connection.execute(sa.insert(images).values(image_row(image) | {"revision": 1}))
                await _insert_parts(connection, regions_, vectors_, active=True)
                if request:
                    row = {
                        "collection": image.name.collection,
                        "request_id": request.request_id,
                        "image": image.name.image,
                        "payload": request.payload,
                        "create_time": image.create_time,
                    }
                    await connection.execute(sa.insert(request_ids).values(row))
            except IntegrityError as error:
                raise AlreadyExists.resource(str(image.name)) from error
            return Work(
                image=image,
                namespace=collection.namespace,
                dimension=collection.dimension,
                revision=1,
                vectors=tuple(vectors_),
                entry=await _owe(connection, image.name),
            )

        return await self._database.write(write)

    async def change_image(self, image: Image, *, etag: str) -> OutboxEntry:
        changed = {
            key: value
            for key, value in image_row(image).items()
            if key in ("document", "attributes", "update_time", "etag")
        }

        async def write(connection: AsyncConnection) -> OutboxEntry:
            check_etag(await visible_image(connection, image.name), etag, str(image.name))
            await _touch(connection, image.name, changed)
            return await _owe(connection, image.name)

        return await self._database.write(write)

    async def begin_image_deletion(self, name: ImageName, *, etag: str = "") -> OutboxEntry:
        async def write(connection: AsyncConnection) -> OutboxEntry:
            row = await visible_image(connection, name)
            check_etag(row, etag, str(name))
            await _touch(connection, name, {"state": _DELETING})
            await _count(connection, name, -1, -row["region_count"], -row["size_bytes"])
            return await _owe(connection, name)

        return await self._database.write(write)

    async def begin_regions(
        self, image: ImageName, regions_: Sequence[Region], vectors_: Sequence[StoredVector]
    ) -> OutboxEntry:
        async def write(connection: AsyncConnection) -> OutboxEntry:
            await visible_image(connection, image)
            for region in regions_:
                existing = sa.select(regions.c.region).where(_is_region(region.name))
                if (await connection.execute(existing)).first() is not None:
                    raise AlreadyExists.resource(str(region.name))
            try:
                await _insert_parts(connection, regions_, vectors_, active=False)
            except IntegrityError as error:
                raise AlreadyExists(f"a region of {image} already exists") from error
            await _touch(connection, image, {})
            return await _owe(connection, image)

        return await self._database.write(write)

    async def begin_region_deletion(self, name: RegionName) -> OutboxEntry:
        async def write(connection: AsyncConnection) -> OutboxEntry:
            hidden = (
                sa.update(regions).where(_is_region(name), regions.c.state == ACTIVE).values(state=_DELETING)
            )
            try:
                await visible_image(connection, name.parent)
            except NotFound as error:
                raise NotFound.resource(str(name)) from error
            if (await connection.execute(hidden)).rowcount == 0:
                raise NotFound.resource(str(name))
            await _touch(connection, name.parent, {"region_count": images.c.region_count - 1})
            await _count(connection, name.parent, 0, -1, 0)
            return await _owe(connection, name.parent)

        return await self._database.write(write)

    async def read_work(self, name: ImageName) -> Work | None:
        async with self._database.snapshot() as connection:
            query = sa.select(images).where(is_image(images, name))
            row = (await connection.execute(query)).mappings().one_or_none()
            return None if row is None else (await read_works(connection, [row]))[0]

    async def finish(self, work: Work, entry: OutboxEntry | None) -> bool:
        name = work.image.name
        unchanged = sa.and_(is_image(images, name), images.c.revision == work.revision)

        async def write(connection: AsyncConnection) -> bool:
            query = sa.select(images.c.uid, images.c.state).where(unchanged)
            row = (await connection.execute(query)).one_or_none()
            if row is None or row.uid != work.image.uid:
                return False
            if row.state == _DELETING:
                await connection.execute(sa.delete(images).where(unchanged))
            else:
                await _show(connection, work, pending=row.state == _PENDING)
            if entry is not None:
                await connection.execute(sa.delete(outbox).where(outbox.c.id == entry.id))
            return True

        return await self._database.write(write)

    async def clear(self, entry: OutboxEntry) -> None:
        async def write(connection: AsyncConnection) -> None:
            await connection.execute(sa.delete(outbox).where(outbox.c.id == entry.id))

        await self._database.write(write)

    async def owed(self, *, before: datetime, limit: int, after: int = 0) -> Sequence[OutboxEntry]:
        query = (
            sa.select(outbox)
            .where(outbox.c.create_time < before, outbox.c.id > after)
            .order_by(outbox.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [
                OutboxEntry(
                    id=row.id, image=ImageName(row.collection, row.image), create_time=row.create_time
                )
                for row in await connection.execute(query)
            ]


async def _show(connection: AsyncConnection, work: Work, *, pending: bool) -> None:
    """Makes ACTIVE what the index now holds, and removes what it no longer holds."""
    name = work.image.name
    if pending:
        shown = sa.update(images).where(is_image(images, name)).values(state=ACTIVE)
        await connection.execute(shown)
        await _count(connection, name, 1, work.image.region_count, work.image.facts.size_bytes)
    if work.entry is not None:
        return  # fresh from `begin_image`: its regions were written ACTIVE
    hidden = sa.and_(is_image(regions, name), regions.c.state == _PENDING)
    new = (await connection.execute(sa.update(regions).where(hidden).values(state=ACTIVE))).rowcount
    if new:
        grown = images.c.region_count + new
        await connection.execute(sa.update(images).where(is_image(images, name)).values(region_count=grown))
        await _count(connection, name, 0, new, 0)
    for removed in work.removed:
        gone = (vectors.c.region == removed.region) & is_image(vectors, removed)
        await connection.execute(sa.delete(vectors).where(gone))
        await connection.execute(sa.delete(regions).where(_is_region(removed), regions.c.state == _DELETING))


async def read_works(connection: AsyncConnection, rows: Sequence[sa.RowMapping]) -> list[Work]:
    """What an index should hold of the images of these rows, which are of one collection."""
    if not rows:
        return []
    collection, names = rows[0]["collection"], [row["image"] for row in rows]
    facts = sa.select(collections).where(collections.c.collection == collection)
    owner = read_collection((await connection.execute(facts)).mappings().one())
    kept: dict[str, list[StoredVector]] = {name: [] for name in names}
    query = sa.select(vectors).where(vectors.c.collection == collection, vectors.c.image.in_(names))
    for row in (await connection.execute(query)).mappings():
        kept[row["image"]].append(read_vector(row))
    leaving: dict[str, list[RegionName]] = {name: [] for name in names}
    query = sa.select(regions).where(
        regions.c.collection == collection, regions.c.image.in_(names), regions.c.state == _DELETING
    )
    for row in (await connection.execute(query)).mappings():
        leaving[row["image"]].append(RegionName(collection, row["image"], row["region"]))
    return [
        Work(
            image=read_image(row),
            namespace=owner.namespace,
            dimension=owner.dimension,
            revision=row["revision"],
            vectors=tuple(kept_ for kept_ in kept[row["image"]] if kept_.name not in leaving[row["image"]]),
            removed=tuple(leaving[row["image"]]),
        )
        for row in rows
    ]


async def _find_request(
    connection: AsyncConnection, collection: CollectionName, request_id: str
) -> RequestRecord | None:
    query = sa.select(request_ids).where(
        request_ids.c.collection == collection.collection, request_ids.c.request_id == request_id
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return RequestRecord(
        request_id=row.request_id, payload=row.payload, image=ImageName(row.collection, row.image)
    )


async def _insert_parts(
    connection: AsyncConnection,
    regions_: Sequence[Region],
    vectors_: Sequence[StoredVector],
    *,
    active: bool,
) -> None:
    if regions_:
        await connection.execute(
            sa.insert(regions), [region_row(region, active=active) for region in regions_]
        )
    await connection.execute(sa.insert(vectors), [vector_row(stored) for stored in vectors_])


async def _owe(connection: AsyncConnection, name: ImageName) -> OutboxEntry:
    now = datetime.now(UTC)
    row = {"collection": name.collection, "image": name.image, "create_time": now}
    number = (await connection.execute(sa.insert(outbox).values(row).returning(outbox.c.id))).scalar_one()
    return OutboxEntry(id=number, image=name, create_time=now)


async def _touch(connection: AsyncConnection, name: ImageName, changes: dict[str, Any]) -> None:
    changed = sa.update(images).where(is_image(images, name))
    await connection.execute(changed.values({"revision": images.c.revision + 1} | changes))


async def _count(
    connection: AsyncConnection, name: ImageName, images_: int, regions_: int, size: int
) -> None:
    sums = {
        "image_count": collections.c.image_count + images_,
        "region_count": collections.c.region_count + regions_,
        "content_bytes": collections.c.content_bytes + size,
    }
    row = collections.c.collection == name.collection
    await connection.execute(sa.update(collections).where(row).values(sums))


def _is_region(name: RegionName) -> sa.ColumnElement[bool]:
    return sa.and_(is_image(regions, name), regions.c.region == name.region)

"""The steps of a write: every change of what an index should hold leaves an outbox entry."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Catalog`.

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from orchestrator.adapters.catalog.collection_rows import active_collection, check_etag
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.documents import (
    image_row,
    read_collection,
    read_labels,
    region_row,
    vector_row,
)
from orchestrator.adapters.catalog.image_rows import ACTIVE, is_image, visible_image
from orchestrator.adapters.catalog.tables import collections, images, outbox, regions, request_ids, vectors
from orchestrator.adapters.catalog.works import DELETING, owe, read_works, touch
from orchestrator.application.ports import REQUEST_ID_TAKEN, OutboxEntry, RequestRecord, StoredVector, Work
from orchestrator.domain.errors import AlreadyExists, NotFound
from orchestrator.domain.image import Image, ImageState
from orchestrator.domain.names import CollectionName, ImageName, RegionName
from orchestrator.domain.region import Region

_PENDING = ImageState.PENDING.value
_MIXED = "?"  # no vocabulary's stamp


class WriteRows:
    """The catalog's part about writes; `ports.Catalog` has the contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_request(self, collection: CollectionName, request_id: str) -> RequestRecord | None:
        def read(connection: sa.Connection) -> RequestRecord | None:
            return _find_request(connection, collection, request_id)

        return await self._database.read(read)

    async def begin_image(
        self,
        image: Image,
        regions_: Sequence[Region],
        vectors_: Sequence[StoredVector],
        request: RequestRecord | None = None,
    ) -> Work:
        def write(connection: sa.Connection) -> Work:
            collection = read_collection(active_collection(connection, image.name.parent))
            taken = f"request id {request.request_id}" if request else ""
            if request and _find_request(connection, image.name.parent, request.request_id):
                raise AlreadyExists(f"{taken} was used before", reason=REQUEST_ID_TAKEN)
            existing = sa.select(images.c.state).where(is_image(images, image.name))
            if connection.execute(existing).first() is not None:
                raise AlreadyExists.resource(str(image.name))
            try:
                connection.execute(sa.insert(images), image_row(image) | {"revision": 1})
                _insert_parts(connection, regions_, vectors_, active=True)
                if request:
                    row = {
                        "collection": image.name.collection,
                        "request_id": request.request_id,
                        "image": image.name.image,
                        "payload": request.payload,
                        "create_time": image.create_time,
                    }
                    connection.execute(sa.insert(request_ids), row)
            except IntegrityError as error:
                raise AlreadyExists.resource(str(image.name)) from error
            return Work(
                image=image,
                namespace=collection.namespace,
                dimension=collection.dimension,
                revision=1,
                vectors=tuple(vectors_),
                region_labels={region.name: region.predicted_labels for region in regions_},
                entry=owe(connection, image.name),
            )

        return await self._database.write(write)

    async def change_image(self, image: Image, *, etag: str) -> OutboxEntry:
        def write(connection: sa.Connection) -> OutboxEntry:
            row = visible_image(connection, image.name)
            check_etag(row, etag, str(image.name))
            # Its labels may be others since it was read: they leave the etag as it is.
            written = image_row(replace(image, predicted_labels=read_labels(row["predicted_labels"])))
            columns = ("document", "attributes", "captioner", "update_time", "etag")
            touch(connection, image.name, {name: written[name] for name in columns})
            return owe(connection, image.name)

        return await self._database.write(write)

    async def begin_image_deletion(self, name: ImageName, *, etag: str = "") -> OutboxEntry:
        def write(connection: sa.Connection) -> OutboxEntry:
            row = visible_image(connection, name)
            check_etag(row, etag, str(name))
            touch(connection, name, {"state": DELETING})
            _count(connection, name, -1, -row["region_count"], -row["size_bytes"])
            return owe(connection, name)

        return await self._database.write(write)

    async def begin_regions(
        self,
        image: ImageName,
        regions_: Sequence[Region],
        vectors_: Sequence[StoredVector],
        *,
        vocabulary: str = "",
    ) -> OutboxEntry:
        def write(connection: sa.Connection) -> OutboxEntry:
            visible_image(connection, image)
            for region in regions_:
                existing = sa.select(regions.c.region).where(_is_region(region.name))
                if connection.execute(existing).first() is not None:
                    raise AlreadyExists.resource(str(region.name))
            try:
                _insert_parts(connection, regions_, vectors_, active=False)
            except IntegrityError as error:
                raise AlreadyExists(f"a region of {image} already exists") from error
            same = images.c.vocabulary == vocabulary
            touch(connection, image, {"vocabulary": sa.case((same, vocabulary), else_=_MIXED)})
            return owe(connection, image)

        return await self._database.write(write)

    async def begin_region_deletion(self, name: RegionName) -> OutboxEntry:
        def write(connection: sa.Connection) -> OutboxEntry:
            hidden = (
                sa.update(regions).where(_is_region(name), regions.c.state == ACTIVE).values(state=DELETING)
            )
            try:
                visible_image(connection, name.parent)
            except NotFound as error:
                raise NotFound.resource(str(name)) from error
            if connection.execute(hidden).rowcount == 0:
                raise NotFound.resource(str(name))
            touch(connection, name.parent, {"region_count": images.c.region_count - 1})
            _count(connection, name.parent, 0, -1, 0)
            return owe(connection, name.parent)

        return await self._database.write(write)

    async def read_work(self, name: ImageName) -> Work | None:
        def read(connection: sa.Connection) -> Work | None:
            query = sa.select(images).where(is_image(images, name))
            row = connection.execute(query).mappings().one_or_none()
            return None if row is None else (read_works(connection, [row]))[0]

        return await self._database.snapshot(read)

    async def finish(self, work: Work, entry: OutboxEntry | None) -> bool:
        name = work.image.name
        unchanged = sa.and_(is_image(images, name), images.c.revision == work.revision)

        def write(connection: sa.Connection) -> bool:
            query = sa.select(images.c.uid, images.c.state).where(unchanged)
            row = connection.execute(query).one_or_none()
            if row is None or row.uid != work.image.uid:
                return False
            if row.state == DELETING:
                connection.execute(sa.delete(images).where(unchanged))
            else:
                _show(connection, work, pending=row.state == _PENDING)
            if entry is not None:
                connection.execute(sa.delete(outbox).where(outbox.c.id == entry.id))
            return True

        return await self._database.write(write)

    async def clear(self, entry: OutboxEntry) -> None:
        def write(connection: sa.Connection) -> None:
            connection.execute(sa.delete(outbox).where(outbox.c.id == entry.id))

        await self._database.write(write)

    async def owed(self, *, before: datetime, limit: int, after: int = 0) -> Sequence[OutboxEntry]:
        query = (
            sa.select(outbox)
            .where(outbox.c.create_time < before, outbox.c.id > after)
            .order_by(outbox.c.id)
            .limit(limit)
        )

        def read(connection: sa.Connection) -> Sequence[OutboxEntry]:
            return [
                OutboxEntry(
                    id=row.id, image=ImageName(row.collection, row.image), create_time=row.create_time
                )
                for row in connection.execute(query)
            ]

        return await self._database.read(read)


def _show(connection: sa.Connection, work: Work, *, pending: bool) -> None:
    """Makes ACTIVE what the index now holds, and removes what it no longer holds."""
    name = work.image.name
    if pending:
        shown = sa.update(images).where(is_image(images, name)).values(state=ACTIVE)
        connection.execute(shown)
        _count(connection, name, 1, work.image.region_count, work.image.facts.size_bytes)
    if work.entry is not None:
        return  # fresh from `begin_image`: its regions were written ACTIVE
    hidden = sa.and_(is_image(regions, name), regions.c.state == _PENDING)
    new = connection.execute(sa.update(regions).where(hidden).values(state=ACTIVE)).rowcount
    if new:
        grown = images.c.region_count + new
        connection.execute(sa.update(images).where(is_image(images, name)).values(region_count=grown))
        _count(connection, name, 0, new, 0)
    for removed in work.removed:
        gone = (vectors.c.region == removed.region) & is_image(vectors, removed)
        connection.execute(sa.delete(vectors).where(gone))
        connection.execute(sa.delete(regions).where(_is_region(removed), regions.c.state == DELETING))


def _find_request(
    connection: sa.Connection, collection: CollectionName, request_id: str
) -> RequestRecord | None:
    query = sa.select(request_ids).where(
        request_ids.c.collection == collection.collection, request_ids.c.request_id == request_id
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return RequestRecord(
        request_id=row.request_id, payload=row.payload, image=ImageName(row.collection, row.image)
    )


def _insert_parts(
    connection: sa.Connection,
    regions_: Sequence[Region],
    vectors_: Sequence[StoredVector],
    *,
    active: bool,
) -> None:
    if regions_:
        connection.execute(sa.insert(regions), [region_row(region, active=active) for region in regions_])
    connection.execute(sa.insert(vectors), [vector_row(stored) for stored in vectors_])


def _count(connection: sa.Connection, name: ImageName, images_: int, regions_: int, size: int) -> None:
    sums = {
        "image_count": collections.c.image_count + images_,
        "region_count": collections.c.region_count + regions_,
        "content_bytes": collections.c.content_bytes + size,
    }
    row = collections.c.collection == name.collection
    connection.execute(sa.update(collections).where(row).values(sums))


def _is_region(name: RegionName) -> sa.ColumnElement[bool]:
    return sa.and_(is_image(regions, name), regions.c.region == name.region)

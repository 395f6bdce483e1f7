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
from orchestrator.adapters.catalog.locks import Lock, locked
from orchestrator.adapters.catalog.request_rows import find_request, request_row
from orchestrator.adapters.catalog.tables import images, outbox, regions, request_ids, vectors
from orchestrator.adapters.catalog.works import (
    DELETING,
    add_to_counts,
    owe,
    owe_all,
    read_name,
    read_text_works,
    read_works,
    row_of,
    touch,
)
from orchestrator.application.ports import (
    REQUEST_ID_TAKEN,
    OutboxEntry,
    Record,
    RequestRecord,
    StoredVector,
    Work,
)
from orchestrator.domain.errors import AlreadyExists, NotFound
from orchestrator.domain.image import Image
from orchestrator.domain.names import ImageName, RecordName, RegionName, TextName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.region import Region
from orchestrator.domain.text import Text

_PENDING = RecordState.PENDING.value
_MIXED = "?"  # no vocabulary's stamp


class WriteRows:
    """The catalog's part about writes; `ports.Catalog` has the contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin_image(
        self,
        image: Image,
        regions_: Sequence[Region],
        vectors_: Sequence[StoredVector],
        request: RequestRecord | None = None,
    ) -> Work[Image]:
        def write(connection: sa.Connection) -> Work[Image]:
            row = active_collection(connection, image.name.parent, lock=Lock.KEEP)
            collection = read_collection(row)
            _refuse_taken(connection, image, request)
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(images), image_row(image) | {"revision": 1})
                    if request:
                        asked = request_row(request, image.create_time)
                        connection.execute(sa.insert(request_ids), asked)
                    _insert_parts(connection, regions_, vectors_, active=True)
            except IntegrityError as error:  # another was quicker: which of the two is taken is seen now
                _refuse_taken(connection, image, request)
                raise AlreadyExists.resource(str(image.name)) from error
            return Work(
                record=image,
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
            row = visible_image(connection, image.name, lock=Lock.CHANGE)
            check_etag(row, etag, str(image.name))
            # Its labels may be others since it was read: they leave the etag as it is.
            written = image_row(replace(image, predicted_labels=read_labels(row["predicted_labels"])))
            columns = ("document", "attributes", "captioner", "update_time", "etag")
            touch(connection, image.name, {name: written[name] for name in columns})
            return owe(connection, image.name)

        return await self._database.write(write)

    async def begin_image_deletion(self, name: ImageName, *, etag: str = "") -> OutboxEntry:
        def write(connection: sa.Connection) -> OutboxEntry:
            row = visible_image(connection, name, lock=Lock.CHANGE)
            check_etag(row, etag, str(name))
            touch(connection, name, {"state": DELETING})
            add_to_counts(
                connection,
                name.collection,
                image_count=-1,
                region_count=-row["region_count"],
                content_bytes=-row["size_bytes"],
            )
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
            visible_image(connection, image, lock=Lock.CHANGE)
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
                visible_image(connection, name.parent, lock=Lock.CHANGE)
            except NotFound as error:
                raise NotFound.resource(str(name)) from error
            if connection.execute(hidden).rowcount == 0:
                raise NotFound.resource(str(name))
            touch(connection, name.parent, {"region_count": images.c.region_count - 1})
            add_to_counts(connection, name.collection, region_count=-1)
            return owe(connection, name.parent)

        return await self._database.write(write)

    async def read_work(self, name: RecordName) -> Work[Record] | None:
        table, its_own = row_of(name)
        query = sa.select(table).where(its_own)

        def read(connection: sa.Connection) -> Work[Record] | None:
            rows = connection.execute(query).mappings().all()
            of_text = isinstance(name, TextName)
            works: Sequence[Work[Record]] = (read_text_works if of_text else read_works)(connection, rows)
            return works[0] if works else None

        return await self._database.snapshot(read)

    async def finish(self, work: Work[Record], entry: OutboxEntry | None) -> bool:
        table, its_own = row_of(work.record.name)
        unchanged = sa.and_(its_own, table.c.revision == work.revision)

        def write(connection: sa.Connection) -> bool:
            query = sa.select(table.c.uid, table.c.state).where(unchanged)
            row = connection.execute(locked(query, Lock.REMOVE)).one_or_none()
            if row is None or row.uid != work.record.uid:
                return False
            if entry is not None:
                connection.execute(sa.delete(outbox).where(outbox.c.id == entry.id))
            if row.state == DELETING:
                connection.execute(sa.delete(table).where(unchanged))
            else:
                _show(connection, work, pending=row.state == _PENDING)
            return True

        return await self._database.write(write)

    async def owe(self, names: Sequence[RecordName]) -> Sequence[OutboxEntry]:
        return await self._database.write(lambda connection: owe_all(connection, names))

    async def clear(self, entries: Sequence[OutboxEntry]) -> None:
        cleared = sa.delete(outbox).where(outbox.c.id.in_([entry.id for entry in entries]))

        def write(connection: sa.Connection) -> None:
            connection.execute(cleared)

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
                OutboxEntry(id=row.id, name=read_name(row), create_time=row.create_time)
                for row in connection.execute(query)
            ]

        return await self._database.read(read)


def _show(connection: sa.Connection, work: Work[Record], *, pending: bool) -> None:
    """Makes ACTIVE what the index now holds, and removes what it no longer holds."""
    record = work.record
    if pending:
        table, its_own = row_of(record.name)
        connection.execute(sa.update(table).where(its_own).values(state=ACTIVE))
    if isinstance(record, Text):
        if pending:
            add_to_counts(connection, record.name.collection, text_count=1)
        return
    name = record.name
    if pending:
        add_to_counts(
            connection,
            name.collection,
            image_count=1,
            region_count=record.region_count,
            content_bytes=record.facts.size_bytes,
        )
    if work.entry is not None:
        return  # fresh from `begin_image`: its regions were written ACTIVE
    hidden = sa.and_(is_image(regions, name), regions.c.state == _PENDING)
    new = connection.execute(sa.update(regions).where(hidden).values(state=ACTIVE)).rowcount
    if new:
        grown = images.c.region_count + new
        connection.execute(sa.update(images).where(is_image(images, name)).values(region_count=grown))
        add_to_counts(connection, name.collection, region_count=new)
    for removed in work.removed:
        gone = (vectors.c.region == removed.region) & is_image(vectors, removed)
        connection.execute(sa.delete(vectors).where(gone))
        connection.execute(sa.delete(regions).where(_is_region(removed), regions.c.state == DELETING))


def _refuse_taken(connection: sa.Connection, image: Image, request: RequestRecord | None) -> None:
    if request and find_request(connection, image.name.parent, request.request_id):
        raise AlreadyExists(f"request id {request.request_id} was used before", reason=REQUEST_ID_TAKEN)
    existing = sa.select(images.c.state).where(is_image(images, image.name))
    if connection.execute(existing).first() is not None:
        raise AlreadyExists.resource(str(image.name))


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


def _is_region(name: RegionName) -> sa.ColumnElement[bool]:
    return sa.and_(is_image(regions, name), regions.c.region == name.region)

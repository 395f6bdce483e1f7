"""Images, regions and kept vectors in the catalog: what can be read of them."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Catalog`.

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from orchestrator.adapters.catalog.collection_rows import active_collection
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.documents import IMAGE_COLUMNS, read_image, read_region, read_vector
from orchestrator.adapters.catalog.filter_sql import filter_sql
from orchestrator.adapters.catalog.locks import Lock, locked
from orchestrator.adapters.catalog.tables import collections, images, regions, texts, vectors
from orchestrator.application.ports import ImageKey, ImageOrder, RegionKey, StoredVector
from orchestrator.domain.collection import CollectionState
from orchestrator.domain.errors import NotFound
from orchestrator.domain.filter import Filter
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName, EmbeddedName, ImageName, RegionName, TextName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.region import Region

ACTIVE = RecordState.ACTIVE.value
_NAMES = 400  # names a statement: SQLite bounds its variables
_KEYS = ("image", "region", "text")


def visible(table: sa.Table) -> sa.ColumnElement[bool]:
    """The rows of images or texts that callers see."""
    collection_active = sa.exists(
        sa.select(sa.literal(1)).where(
            collections.c.collection == table.c.collection,
            collections.c.state == CollectionState.ACTIVE.value,
        )
    )
    return sa.and_(table.c.state == ACTIVE, collection_active)


VISIBLE = visible(images)
_region_visible = sa.and_(
    regions.c.state == ACTIVE,
    images.c.collection == regions.c.collection,
    images.c.image == regions.c.image,
    VISIBLE,
)


def named(table: sa.Table) -> sa.ColumnElement[bool]:
    """The rows of a table that `batches` of names find."""
    key = [table.c[part] for part in _KEYS if part in table.c]
    keys: sa.BindParameter[Any] = sa.bindparam("keys", expanding=True)
    return sa.and_(table.c.collection == sa.bindparam("in_collection"), sa.tuple_(*key).in_(keys))


# Built once: every search reads them.
_NAMED_IMAGES = sa.select(*IMAGE_COLUMNS).where(named(images), VISIBLE)
_TEXT_VECTORS = sa.select(texts.c.collection, texts.c.text, texts.c.space, texts.c.vector).where(
    named(texts), visible(texts)
)
_NAMED_REGIONS = sa.select(regions).where(named(regions), _region_visible)


class ImageRows:
    """The catalog's part about reading images; `ports.Catalog` has the contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_image(self, name: ImageName) -> Image:
        found = await self.get_images([name])
        if name not in found:
            raise NotFound.resource(str(name))
        return found[name]

    async def get_images(self, names: Sequence[ImageName]) -> Mapping[ImageName, Image]:
        found: dict[ImageName, Image] = {}

        def read(connection: sa.Connection) -> Mapping[ImageName, Image]:
            for some in batches(images, names):
                rows = connection.execute(_NAMED_IMAGES, some)
                found.update({image.name: image for image in map(read_image, rows.mappings())})
            return found

        return await self._database.read(read)

    async def get_region(self, name: RegionName) -> Region:
        found = await self.get_regions([name])
        if name not in found:
            raise NotFound.resource(str(name))
        return found[name]

    async def get_regions(self, names: Sequence[RegionName]) -> Mapping[RegionName, Region]:
        found: dict[RegionName, Region] = {}

        def read(connection: sa.Connection) -> Mapping[RegionName, Region]:
            for some in batches(regions, names):
                rows = connection.execute(_NAMED_REGIONS, some)
                found.update({region.name: region for region in map(read_region, rows.mappings())})
            return found

        return await self._database.read(read)

    async def get_vectors(self, names: Sequence[EmbeddedName]) -> Mapping[EmbeddedName, StoredVector]:
        found: dict[EmbeddedName, StoredVector] = {}
        of_texts = [name for name in names if isinstance(name, TextName)]
        others = [name for name in names if not isinstance(name, TextName)]
        of_image = sa.and_(images.c.collection == vectors.c.collection, images.c.image == vectors.c.image)
        of_region = sa.exists(
            sa.select(sa.literal(1)).where(
                regions.c.collection == vectors.c.collection,
                regions.c.image == vectors.c.image,
                regions.c.region == vectors.c.region,
                regions.c.state == ACTIVE,
            )
        )
        shown = sa.and_(of_image, VISIBLE, sa.or_(vectors.c.region == "", of_region))
        query = sa.select(vectors).where(named(vectors), shown)

        def read(connection: sa.Connection) -> Mapping[EmbeddedName, StoredVector]:
            for table, wanted, select in ((vectors, others, query), (texts, of_texts, _TEXT_VECTORS)):
                for some in batches(table, wanted):
                    rows = connection.execute(select, some)
                    found.update({stored.name: stored for stored in map(read_vector, rows.mappings())})
            return found

        return await self._database.read(read)

    async def newest_vectors(
        self, collection: CollectionName, filter: Filter | None, limit: int
    ) -> Sequence[StoredVector]:
        query = (
            sa.select(vectors)
            .join_from(
                images,
                vectors,
                (vectors.c.collection == images.c.collection)
                & (vectors.c.image == images.c.image)
                & (vectors.c.region == ""),
            )
            .where(in_collection(images, collection, filter))
            .order_by(images.c.create_time.desc(), images.c.image.desc())
            .limit(limit)
        )

        def read(connection: sa.Connection) -> Sequence[StoredVector]:
            active_collection(connection, collection)
            return [read_vector(row) for row in connection.execute(query).mappings()]

        return await self._database.read(read)

    async def list_images(
        self,
        collection: CollectionName,
        *,
        filter: Filter | None = None,
        order: ImageOrder,
        limit: int,
        after: ImageKey | None = None,
    ) -> Sequence[Image]:
        by_name = order in (ImageOrder.NAME, ImageOrder.NAME_DESC)
        descending = order in (ImageOrder.NAME_DESC, ImageOrder.CREATE_TIME_DESC)
        columns = [images.c.image] if by_name else [images.c.create_time, images.c.image]
        query = sa.select(*IMAGE_COLUMNS).where(in_collection(images, collection, filter)).limit(limit)
        query = query.order_by(*((column.desc() if descending else column.asc()) for column in columns))
        if after is not None:
            key = (after.image,) if by_name else (after.create_time, after.image)
            query = query.where(behind(columns, key, descending))

        def read(connection: sa.Connection) -> Sequence[Image]:
            active_collection(connection, collection)
            return [read_image(row) for row in connection.execute(query).mappings()]

        return await self._database.read(read)

    async def count_images(self, collection: CollectionName, filter: Filter | None = None) -> int:
        def read(connection: sa.Connection) -> int:
            row = active_collection(connection, collection)
            if filter is None:
                return int(row["image_count"])
            count = (
                sa.select(sa.func.count())
                .select_from(images)
                .where(in_collection(images, collection, filter))
            )
            return int(connection.execute(count).scalar_one())

        return await self._database.read(read)

    async def list_regions(
        self, image: ImageName, *, limit: int, after: RegionKey | None = None
    ) -> Sequence[Region]:
        query = (
            sa.select(regions)
            .where(is_image(regions, image), regions.c.state == ACTIVE)
            .order_by(regions.c.area.desc(), regions.c.region)
            .limit(limit)
        )
        if after is not None:
            same = (regions.c.area == after.area) & (regions.c.region > after.region)
            query = query.where((regions.c.area < after.area) | same)

        def read(connection: sa.Connection) -> Sequence[Region]:
            visible_image(connection, image)
            return [read_region(row) for row in connection.execute(query).mappings()]

        return await self._database.read(read)


def visible_image(connection: sa.Connection, name: ImageName, lock: Lock | None = None) -> sa.RowMapping:
    """The row of an ACTIVE image, which others leave as `lock` says. Raises NotFound."""
    query = sa.select(images).where(is_image(images, name), VISIBLE)
    row = connection.execute(locked(query, lock, images)).mappings().one_or_none()
    if row is None:
        raise NotFound.resource(str(name))
    return row


def is_image(table: sa.Table, name: ImageName | RegionName) -> sa.ColumnElement[bool]:
    """The rows of a table that belong to an image."""
    return sa.and_(table.c.collection == name.collection, table.c.image == name.image)


def in_collection(
    table: sa.Table, collection: CollectionName, filter: Filter | None
) -> sa.ColumnElement[bool]:
    """The ACTIVE rows of images or texts in a collection that a filter finds."""
    inside = sa.and_(table.c.collection == collection.collection, table.c.state == ACTIVE)
    return inside if filter is None else sa.and_(inside, filter_sql(filter, table.c.attributes))


def behind(
    columns: Sequence[sa.Column[object]], key: Sequence[object], descending: bool
) -> sa.ColumnElement[bool]:
    """The rows that come after a key in the order of the columns."""
    first = columns[0] < key[0] if descending else columns[0] > key[0]
    if len(columns) == 1:
        return first
    # The first bound alone lets the index be used; the rest settles equal times.
    bound = columns[0] <= key[0] if descending else columns[0] >= key[0]
    return sa.and_(bound, sa.or_(first, behind(columns[1:], key[1:], descending)))


def batches(table: sa.Table, names: Sequence[EmbeddedName]) -> Iterator[dict[str, Any]]:
    """Parameters for `named` that together find the rows of the names, a bounded number each."""
    places: dict[str, list[tuple[str, ...]]] = {}
    for name in names:
        if isinstance(name, TextName):
            key: tuple[str, ...] = (name.text,)
        elif "region" in table.c:
            key = (name.image, name.region if isinstance(name, RegionName) else "")
        else:
            key = (name.image,)
        places.setdefault(name.collection, []).append(key)
    for collection, keys in places.items():
        for start in range(0, len(keys), _NAMES):
            yield {"in_collection": collection, "keys": keys[start : start + _NAMES]}

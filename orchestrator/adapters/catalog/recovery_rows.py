"""What recovery reads of the catalog."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Catalog`.

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.image_rows import ACTIVE, batches, behind, named
from orchestrator.adapters.catalog.tables import images, texts, vectors
from orchestrator.adapters.catalog.works import read_text_works, read_works
from orchestrator.application.ports import Record, Work
from orchestrator.domain.names import (
    CollectionName,
    EmbeddedName,
    ImageName,
    RecordName,
    RegionName,
    TextName,
)

_REVISIONS = sa.select(images.c.collection, images.c.image, images.c.revision).where(named(images))
_TEXT_REVISIONS = sa.select(texts.c.collection, texts.c.text, texts.c.revision).where(named(texts))


class RecoveryRows:
    """The catalog's part for recovery; `ports.Catalog` has the contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kept_work(
        self, collection: CollectionName, *, limit: int, after: RecordName | None = None
    ) -> Sequence[Work[Record]]:
        def read(connection: sa.Connection) -> Sequence[Work[Record]]:
            if not isinstance(after, TextName):
                behind_it = after.image if after else ""
                query = _active(images, images.c.image, collection, behind_it).limit(limit)
                if found := connection.execute(query).mappings().all():
                    return read_works(connection, found)
            behind_it = after.text if isinstance(after, TextName) else ""
            query = _active(texts, texts.c.text, collection, behind_it).limit(limit)
            return read_text_works(connection, connection.execute(query).mappings().all())

        return await self._database.snapshot(read)

    async def kept_names(
        self, collection: CollectionName, *, limit: int, after: EmbeddedName | None = None
    ) -> Sequence[EmbeddedName]:
        def read(connection: sa.Connection) -> Sequence[EmbeddedName]:
            if not isinstance(after, TextName):
                key = (vectors.c.image, vectors.c.region)
                last = (after.image if after else "", after.region if isinstance(after, RegionName) else "")
                query = (
                    sa.select(*key)
                    .where(vectors.c.collection == collection.collection, behind(key, last, descending=False))
                    .order_by(*key)
                    .limit(limit)
                )
                if found := connection.execute(query).all():
                    return [
                        RegionName(collection.collection, row.image, row.region)
                        if row.region
                        else ImageName(collection.collection, row.image)
                        for row in found
                    ]
            behind_it = after.text if isinstance(after, TextName) else ""
            names = (
                sa.select(texts.c.text)
                .where(texts.c.collection == collection.collection, texts.c.text > behind_it)
                .order_by(texts.c.text)
                .limit(limit)
            )
            return [TextName(collection.collection, text) for text in connection.execute(names).scalars()]

        return await self._database.read(read)

    async def revisions(self, names: Sequence[RecordName]) -> Mapping[RecordName, int]:
        def read(connection: sa.Connection) -> Mapping[RecordName, int]:
            found: dict[RecordName, int] = {}
            of_images = [name for name in names if isinstance(name, ImageName)]
            of_texts = [name for name in names if isinstance(name, TextName)]
            for some in batches(images, of_images):
                for row in connection.execute(_REVISIONS, some):
                    found[ImageName(row.collection, row.image)] = row.revision
            for some in batches(texts, of_texts):
                for row in connection.execute(_TEXT_REVISIONS, some):
                    found[TextName(row.collection, row.text)] = row.revision
            return found

        return await self._database.read(read)

    async def known_uids(self, uids: Sequence[str]) -> frozenset[str]:
        query = sa.select(images.c.uid).where(images.c.uid.in_(uids))

        def read(connection: sa.Connection) -> frozenset[str]:
            return frozenset(connection.execute(query).scalars())

        return await self._database.read(read)


def _active(
    table: sa.Table, key: sa.Column[str], collection: CollectionName, after: str
) -> sa.Select[tuple[object, ...]]:
    """The ACTIVE rows of a collection behind a key, in its order."""
    return (
        sa.select(table)
        .where(table.c.collection == collection.collection, key > after, table.c.state == ACTIVE)
        .order_by(key)
    )

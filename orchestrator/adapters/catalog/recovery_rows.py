"""What recovery reads of the catalog."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Catalog`.

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.image_rows import ACTIVE, batches, behind, named
from orchestrator.adapters.catalog.tables import images, vectors
from orchestrator.adapters.catalog.works import read_works
from orchestrator.application.ports import Work
from orchestrator.domain.names import CollectionName, ImageName, RegionName


class RecoveryRows:
    """The catalog's part for recovery; `ports.Catalog` has the contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kept_work(self, collection: CollectionName, *, limit: int, after: str = "") -> Sequence[Work]:
        query = (
            sa.select(images)
            .where(
                images.c.collection == collection.collection,
                images.c.image > after,
                images.c.state == ACTIVE,
            )
            .order_by(images.c.image)
            .limit(limit)
        )

        def read(connection: sa.Connection) -> Sequence[Work]:
            return read_works(connection, connection.execute(query).mappings().all())

        return await self._database.snapshot(read)

    async def kept_names(
        self, collection: CollectionName, *, limit: int, after: tuple[str, str] = ("", "")
    ) -> Sequence[ImageName | RegionName]:
        key = (vectors.c.image, vectors.c.region)
        query = (
            sa.select(*key)
            .where(vectors.c.collection == collection.collection, behind(key, after, descending=False))
            .order_by(*key)
            .limit(limit)
        )

        def read(connection: sa.Connection) -> Sequence[ImageName | RegionName]:
            return [
                RegionName(collection.collection, row.image, row.region)
                if row.region
                else ImageName(collection.collection, row.image)
                for row in connection.execute(query)
            ]

        return await self._database.read(read)

    async def revisions(self, names: Sequence[ImageName]) -> Mapping[ImageName, int]:
        found: dict[ImageName, int] = {}
        query = sa.select(images.c.collection, images.c.image, images.c.revision).where(named(images))

        def read(connection: sa.Connection) -> Mapping[ImageName, int]:
            for some in batches(images, names):
                for row in connection.execute(query, some):
                    found[ImageName(row.collection, row.image)] = row.revision
            return found

        return await self._database.read(read)

    async def known_uids(self, uids: Sequence[str]) -> frozenset[str]:
        query = sa.select(images.c.uid).where(images.c.uid.in_(uids))

        def read(connection: sa.Connection) -> frozenset[str]:
            return frozenset(connection.execute(query).scalars())

        return await self._database.read(read)

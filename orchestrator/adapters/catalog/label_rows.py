"""Predicted labels in the catalog: whose are of another vocabulary, and how they change."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Catalog`.

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from orchestrator.adapters.catalog.collection_rows import active_collection, check_etag
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.documents import image_row, labels_json, read_image
from orchestrator.adapters.catalog.image_rows import ACTIVE, is_image
from orchestrator.adapters.catalog.tables import images, regions
from orchestrator.adapters.catalog.works import owe, read_works, touch
from orchestrator.application.ports import LabelChange, OutboxEntry, Work
from orchestrator.domain.collection import Collection
from orchestrator.domain.names import CollectionName, RegionName

_REGION_LABELS = (
    sa.update(regions)
    .where(
        regions.c.collection == sa.bindparam("of_collection"),
        regions.c.image == sa.bindparam("of_image"),
        regions.c.region == sa.bindparam("of_region"),
    )
    .values(predicted_labels=sa.bindparam("labels"))
)


class LabelRows:
    """The catalog's part about predicted labels; `ports.Catalog` has the contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def labelled_otherwise(
        self, collection: CollectionName, vocabulary: str, *, limit: int
    ) -> Sequence[Work]:
        # Not `!=`: an index finds what lies on either side.
        otherwise = sa.or_(images.c.vocabulary < vocabulary, images.c.vocabulary > vocabulary)
        query = (
            sa.select(images)
            .where(images.c.collection == collection.collection, otherwise, images.c.state == ACTIVE)
            .limit(limit)
        )

        def read(connection: sa.Connection) -> Sequence[Work]:
            return read_works(connection, connection.execute(query).mappings().all())

        return await self._database.snapshot(read)

    async def change_labels(
        self, collection: Collection, changes: Sequence[LabelChange]
    ) -> Sequence[OutboxEntry]:
        def write(connection: sa.Connection) -> Sequence[OutboxEntry]:
            row = active_collection(connection, collection.name)
            check_etag(row, collection.etag, str(collection.name))
            return [owe(connection, each.image) for each in changes if _change(connection, each)]

        return await self._database.write(write)


def _change(connection: sa.Connection, change: LabelChange) -> bool:
    """Writes an image's labels and those of its regions, where it is as it was."""
    query = sa.select(images).where(
        is_image(images, change.image), images.c.revision == change.revision, images.c.state == ACTIVE
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return False
    image = replace(
        read_image(row),
        predicted_labels=change.labels.get(change.image, ()),
        vocabulary=change.vocabulary,
    )
    written = image_row(image)
    columns = ("predicted_labels", "vocabulary", "attributes")
    touch(connection, image.name, {name: written[name] for name in columns})
    parts = [
        {
            "of_collection": name.collection,
            "of_image": name.image,
            "of_region": name.region,
            "labels": labels_json(labels),
        }
        for name, labels in change.labels.items()
        if isinstance(name, RegionName)
    ]
    if parts:
        connection.execute(_REGION_LABELS, parts)
    return True

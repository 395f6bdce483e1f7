"""Labels and captions in the catalog: whose are of another model or vocabulary, and how they change."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Catalog`.

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from orchestrator.adapters.catalog.collection_rows import active_collection, check_etag
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.documents import image_row, labels_json, read_image
from orchestrator.adapters.catalog.image_rows import ACTIVE, behind, is_image
from orchestrator.adapters.catalog.locks import Lock, locked
from orchestrator.adapters.catalog.tables import images, regions
from orchestrator.adapters.catalog.works import owe, read_works, touch
from orchestrator.application.ports import (
    CaptionChange,
    LabelChange,
    OutboxEntry,
    Prediction,
    PredictionChange,
    Work,
)
from orchestrator.domain.collection import Collection
from orchestrator.domain.identifiers import new_etag
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName, RegionName

_STAMPS = {Prediction.LABELS: images.c.vocabulary, Prediction.CAPTION: images.c.captioner}

_LABEL_COLUMNS = ("predicted_labels", "vocabulary", "attributes")
_CAPTION_COLUMNS = ("document", "captioner", "attributes", "update_time", "etag")

_REGION_LABELS = (
    sa.update(regions)
    .where(
        regions.c.collection == sa.bindparam("of_collection"),
        regions.c.image == sa.bindparam("of_image"),
        regions.c.region == sa.bindparam("of_region"),
    )
    .values(predicted_labels=sa.bindparam("labels"))
)


class PredictionRows:
    """The catalog's part about predictions; `ports.Catalog` has the contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def outdated(
        self,
        collection: CollectionName,
        prediction: Prediction,
        stamp: str,
        *,
        limit: int,
        after: Image | None = None,
    ) -> Sequence[Work[Image]]:
        column = _STAMPS[prediction]
        query = (
            sa.select(images)
            .where(images.c.collection == collection.collection, images.c.state == ACTIVE)
            .order_by(column, images.c.image)
        )
        if after is not None:
            key = (getattr(after, column.name), after.name.image)
            query = query.where(behind([column, images.c.image], key, descending=False))

        def read(connection: sa.Connection) -> Sequence[Work[Image]]:
            rows: list[sa.RowMapping] = []
            for side in (column < stamp, column > stamp):  # not `!=`: an index finds what lies on a side
                some = query.where(side).limit(limit - len(rows))
                rows += connection.execute(some).mappings().all()
            return read_works(connection, rows)

        return await self._database.snapshot(read)

    async def change_predictions(
        self, collection: Collection, changes: Sequence[PredictionChange]
    ) -> Sequence[OutboxEntry]:
        def write(connection: sa.Connection) -> Sequence[OutboxEntry]:
            row = active_collection(connection, collection.name, lock=Lock.KEEP)
            check_etag(row, collection.etag, str(collection.name))
            # In order: two who change the same images wait for each other, but never in a circle.
            ordered = sorted(changes, key=lambda each: each.image.image)
            return [owe(connection, each.image) for each in ordered if _change(connection, each)]

        return await self._database.write(write)


def _change(connection: sa.Connection, change: PredictionChange) -> bool:
    """Writes what was predicted of an image, where that is as it was."""
    query = sa.select(images).where(
        is_image(images, change.image), images.c.revision == change.revision, images.c.state == ACTIVE
    )
    row = connection.execute(locked(query, Lock.CHANGE)).mappings().one_or_none()
    if row is None:
        return False
    image = read_image(row)
    match change:
        case LabelChange():
            image = replace(
                image,
                predicted_labels=change.labels.get(image.name, ()),
                vocabulary=change.vocabulary,
            )
            columns: tuple[str, ...] = _LABEL_COLUMNS
            _label_regions(connection, change)
        case CaptionChange():
            image = replace(
                image,
                description=replace(image.description, caption=change.caption),
                captioner=change.captioner,
                update_time=datetime.now(UTC),
                etag=new_etag(),
            )
            columns = _CAPTION_COLUMNS
    written = image_row(image)
    touch(connection, image.name, {name: written[name] for name in columns})
    return True


def _label_regions(connection: sa.Connection, change: LabelChange) -> None:
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

"""What an index should hold of images and texts, and the outbox that says where it may not."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from orchestrator.adapters.catalog.documents import (
    read_collection,
    read_image,
    read_labels,
    read_text,
    read_vector,
)
from orchestrator.adapters.catalog.image_rows import is_image
from orchestrator.adapters.catalog.tables import collections, images, outbox, regions, texts, vectors
from orchestrator.application.ports import OutboxEntry, StoredVector, Work
from orchestrator.domain.collection import Collection
from orchestrator.domain.image import Image, Label
from orchestrator.domain.names import ImageName, RecordName, RegionName, TextName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.text import Text

DELETING = RecordState.DELETING.value


def read_works(connection: sa.Connection, rows: Sequence[sa.RowMapping]) -> list[Work[Image]]:
    """What an index should hold of the images of these rows, which are of one collection."""
    if not rows:
        return []
    collection, names = rows[0]["collection"], [row["image"] for row in rows]
    owner = _owner(connection, rows[0])
    kept: dict[str, list[StoredVector]] = {name: [] for name in names}
    query = sa.select(vectors).where(vectors.c.collection == collection, vectors.c.image.in_(names))
    for row in connection.execute(query).mappings():
        kept[row["image"]].append(read_vector(row))
    leaving: dict[str, list[RegionName]] = {name: [] for name in names}
    labels: dict[str, dict[RegionName, tuple[Label, ...]]] = {name: {} for name in names}
    query = sa.select(regions.c.image, regions.c.region, regions.c.state, regions.c.predicted_labels).where(
        regions.c.collection == collection, regions.c.image.in_(names)
    )
    for image, region, state, predicted in connection.execute(query):
        labels[image][name := RegionName(collection, image, region)] = read_labels(predicted)
        if state == DELETING:
            leaving[image].append(name)
    return [
        Work(
            record=read_image(row),
            namespace=owner.namespace,
            dimension=owner.dimension,
            revision=row["revision"],
            vectors=tuple(kept_ for kept_ in kept[row["image"]] if kept_.name not in leaving[row["image"]]),
            region_labels=labels[row["image"]],
            removed=tuple(leaving[row["image"]]),
        )
        for row in rows
    ]


def read_text_works(connection: sa.Connection, rows: Sequence[sa.RowMapping]) -> list[Work[Text]]:
    """What an index should hold of the texts of these rows, which are of one collection."""
    if not rows:
        return []
    owner = _owner(connection, rows[0])
    return [
        Work(
            record=read_text(row),
            namespace=owner.namespace,
            dimension=owner.dimension,
            revision=row["revision"],
            vectors=(read_vector(row),),
        )
        for row in rows
    ]


def _owner(connection: sa.Connection, row: sa.RowMapping) -> Collection:
    facts = sa.select(collections).where(collections.c.collection == row["collection"])
    return read_collection(connection.execute(facts).mappings().one())


def row_of(name: RecordName) -> tuple[sa.Table, sa.ColumnElement[bool]]:
    """The table that an image or a text stands in, and the condition that is true of its row."""
    if isinstance(name, TextName):
        return texts, sa.and_(texts.c.collection == name.collection, texts.c.text == name.text)
    return images, is_image(images, name)


def name_columns(name: RecordName) -> dict[str, str]:
    """What says in the outbox and among request ids which record is meant."""
    if isinstance(name, TextName):
        return {"collection": name.collection, "image": "", "text": name.text}
    return {"collection": name.collection, "image": name.image, "text": ""}


def read_name(row: sa.Row[Any]) -> RecordName:
    """The record that such a row means."""
    return TextName(row.collection, row.text) if row.text else ImageName(row.collection, row.image)


def owe(connection: sa.Connection, name: RecordName) -> OutboxEntry:
    """Leaves an outbox entry: an index may not hold what the catalog says of an image or text."""
    return owe_all(connection, [name])[0]


def owe_all(connection: sa.Connection, names: Sequence[RecordName]) -> list[OutboxEntry]:
    """As `owe`, an entry each in their order."""
    if not names:
        return []
    now = datetime.now(UTC)
    rows = [name_columns(name) | {"create_time": now} for name in names]
    entry = sa.insert(outbox).returning(outbox.c.id, sort_by_parameter_order=True)
    numbers = connection.execute(entry, rows).scalars()
    return [
        OutboxEntry(id=number, name=name, create_time=now)
        for number, name in zip(numbers, names, strict=True)
    ]


def touch(connection: sa.Connection, name: RecordName, changes: dict[str, Any]) -> None:
    """Changes the row of an image or text, and its revision with it."""
    table, its_own = row_of(name)
    connection.execute(sa.update(table).where(its_own).values({"revision": table.c.revision + 1} | changes))


def add_to_counts(connection: sa.Connection, collection: str, **more: int) -> None:
    """Adds to a collection's sums, by the names of their columns."""
    sums = {name: collections.c[name] + number for name, number in more.items()}
    connection.execute(sa.update(collections).where(collections.c.collection == collection).values(sums))

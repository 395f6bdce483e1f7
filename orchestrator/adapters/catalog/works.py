"""What an index should hold of images, and the outbox that says where it may not."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from orchestrator.adapters.catalog.documents import read_collection, read_image, read_labels, read_vector
from orchestrator.adapters.catalog.image_rows import is_image
from orchestrator.adapters.catalog.tables import collections, images, outbox, regions, vectors
from orchestrator.application.ports import OutboxEntry, StoredVector, Work
from orchestrator.domain.image import ImageState, Label
from orchestrator.domain.names import ImageName, RegionName

DELETING = ImageState.DELETING.value


def read_works(connection: sa.Connection, rows: Sequence[sa.RowMapping]) -> list[Work]:
    """What an index should hold of the images of these rows, which are of one collection."""
    if not rows:
        return []
    collection, names = rows[0]["collection"], [row["image"] for row in rows]
    facts = sa.select(collections).where(collections.c.collection == collection)
    owner = read_collection(connection.execute(facts).mappings().one())
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
            image=read_image(row),
            namespace=owner.namespace,
            dimension=owner.dimension,
            revision=row["revision"],
            vectors=tuple(kept_ for kept_ in kept[row["image"]] if kept_.name not in leaving[row["image"]]),
            region_labels=labels[row["image"]],
            removed=tuple(leaving[row["image"]]),
        )
        for row in rows
    ]


def owe(connection: sa.Connection, name: ImageName) -> OutboxEntry:
    """Leaves an outbox entry: an index may not hold what the catalog says of an image."""
    now = datetime.now(UTC)
    row = {"collection": name.collection, "image": name.image, "create_time": now}
    number = connection.execute(sa.insert(outbox).returning(outbox.c.id), row).scalar_one()
    return OutboxEntry(id=number, image=name, create_time=now)


def touch(connection: sa.Connection, name: ImageName, changes: dict[str, Any]) -> None:
    """Changes the row of an image, and its revision with it."""
    changed = sa.update(images).where(is_image(images, name))
    connection.execute(changed.values({"revision": images.c.revision + 1} | changes))

"""Rows of the catalog and the domain's objects, each from the other."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from orchestrator.adapters.catalog.filter_sql import attributes_json
from orchestrator.adapters.catalog.tables import images, texts
from orchestrator.application.ports import StoredVector
from orchestrator.domain.attributes import image_attributes, text_attributes
from orchestrator.domain.collection import Collection, CollectionState, Segmentation
from orchestrator.domain.image import Description, Exif, FileFacts, GeoPoint, Image, Label
from orchestrator.domain.names import CollectionName, EmbeddedName, ImageName, RegionName, TextName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.region import Box, Mask, Origin, Region, Segment
from orchestrator.domain.text import Text, TextFields

_COLLECTION_PLAIN = (
    *("display_name", "embedder", "segmenter", "matcher", "captioner", "space", "dimension"),
    *("create_time", "update_time", "etag", "image_count", "region_count", "text_count"),
)


def collection_row(collection: Collection) -> dict[str, Any]:
    """The columns of `collections`, but its counts."""
    return {
        "collection": collection.name.collection,
        "display_name": collection.display_name,
        "embedder": collection.embedder,
        "segmenter": collection.segmenter,
        "segmentation": collection.segmentation.value,
        "matcher": collection.matcher,
        "captioner": collection.captioner,
        "labels_vocabulary": "\n".join(collection.labels_vocabulary),
        "space": collection.space,
        "dimension": collection.dimension,
        "state": collection.state.value,
        "create_time": collection.create_time,
        "update_time": collection.update_time,
        "etag": collection.etag,
    }


def read_collection(row: sa.RowMapping) -> Collection:
    """A collection from its row."""
    return Collection(
        name=CollectionName(row["collection"]),
        segmentation=Segmentation(row["segmentation"]),
        state=CollectionState(row["state"]),
        labels_vocabulary=tuple(row["labels_vocabulary"].split("\n")) if row["labels_vocabulary"] else (),
        **{key: row[key] for key in _COLLECTION_PLAIN},
    )


def image_row(image: Image) -> dict[str, Any]:
    """The columns of `images`, but `revision`."""
    return {
        "collection": image.name.collection,
        "image": image.name.image,
        "uid": image.uid,
        "state": image.state.value,
        "etag": image.etag,
        "create_time": image.create_time,
        "update_time": image.update_time,
        "region_count": image.region_count,
        "size_bytes": image.facts.size_bytes,
        "document": _dump({"facts": asdict(image.facts), "description": asdict(image.description)}),
        "attributes": attributes_json(image_attributes(image)),
        "predicted_labels": labels_json(image.predicted_labels),
        "vocabulary": image.vocabulary,
        "captioner": image.captioner,
        "sha256": image.facts.sha256,
    }


IMAGE_COLUMNS = [
    column for column in images.c if column.name not in ("revision", "size_bytes", "attributes", "sha256")
]
"""What `read_image` reads."""


def read_image(row: sa.RowMapping) -> Image:
    """An image from its row."""
    document = json.loads(row["document"])
    facts, description = document["facts"], document["description"]
    if facts["exif"] is not None:
        facts["exif"] = _read_exif(facts["exif"])
    description["labels"] = _read_labels(description["labels"])
    return Image(
        name=ImageName(row["collection"], row["image"]),
        uid=row["uid"],
        facts=FileFacts(**facts),
        description=Description(**description),
        predicted_labels=read_labels(row["predicted_labels"]),
        vocabulary=row["vocabulary"],
        captioner=row["captioner"],
        state=RecordState(row["state"]),
        region_count=row["region_count"],
        create_time=row["create_time"],
        update_time=row["update_time"],
        etag=row["etag"],
    )


def region_row(region: Region, *, active: bool) -> dict[str, Any]:
    """The columns of `regions`."""
    document = {
        "segment": asdict(region.segment),
        "labels": [asdict(label) for label in region.labels],
        "origin": region.origin.value,
    }
    return {
        **_place(region.name),
        "state": (RecordState.ACTIVE if active else RecordState.PENDING).value,
        "area": region.segment.area,
        "create_time": region.create_time,
        "document": _dump(document),
        "predicted_labels": labels_json(region.predicted_labels),
    }


def read_region(row: sa.RowMapping) -> Region:
    """A region from its row."""
    document = json.loads(row["document"])
    segment = document["segment"]
    segment["box"] = Box(**segment["box"])
    segment["mask"] = segment["mask"] and Mask(**segment["mask"])
    return Region(
        name=RegionName(row["collection"], row["image"], row["region"]),
        segment=Segment(**segment),
        labels=_read_labels(document["labels"]),
        predicted_labels=read_labels(row["predicted_labels"]),
        origin=Origin(document["origin"]),
        create_time=row["create_time"],
    )


def labels_json(labels: Sequence[Label]) -> str:
    """What the columns `predicted_labels` hold."""
    return _dump([asdict(label) for label in labels]) if labels else "[]"


def read_labels(text: str) -> tuple[Label, ...]:
    """Labels from such a column."""
    return () if text == "[]" else _read_labels(json.loads(text))


def text_row(text: Text) -> dict[str, Any]:
    """The columns of `texts`, but `revision` and those of its vector."""
    return {
        "collection": text.name.collection,
        "text": text.name.text,
        "uid": text.uid,
        "state": text.state.value,
        "etag": text.etag,
        "create_time": text.create_time,
        "update_time": text.update_time,
        "document": _dump({"fields": asdict(text.fields), "truncated": text.truncated}),
        "attributes": attributes_json(text_attributes(text)),
    }


TEXT_COLUMNS = [
    column for column in texts.c if column.name not in ("revision", "attributes", "space", "vector")
]
"""What `read_text` reads."""


def read_text(row: sa.RowMapping) -> Text:
    """A text record from its row."""
    document = json.loads(row["document"])
    fields = document["fields"]
    fields["labels"] = _read_labels(fields["labels"])
    return Text(
        name=TextName(row["collection"], row["text"]),
        uid=row["uid"],
        fields=TextFields(**fields),
        truncated=document["truncated"],
        state=RecordState(row["state"]),
        create_time=row["create_time"],
        update_time=row["update_time"],
        etag=row["etag"],
    )


def vector_row(stored: StoredVector) -> dict[str, Any]:
    """The columns of `vectors`."""
    return {**_place(stored.name), **vector_columns(stored)}


def vector_columns(stored: StoredVector) -> dict[str, Any]:
    """A vector and its space, as `vectors` and `texts` keep them."""
    return {
        "space": stored.space,
        "vector": np.ascontiguousarray(stored.vector, dtype="<f4").tobytes(),
    }


def read_vector(row: sa.RowMapping) -> StoredVector:
    """A kept vector from a row of `vectors` or `texts`."""
    name: EmbeddedName
    if "text" in row:
        name = TextName(row["collection"], row["text"])
    elif row["region"]:
        name = RegionName(row["collection"], row["image"], row["region"])
    else:
        name = ImageName(row["collection"], row["image"])
    vector = np.frombuffer(row["vector"], dtype="<f4").astype(np.float32, copy=False)
    return StoredVector(name=name, space=row["space"], vector=vector)


def _place(name: EmbeddedName) -> dict[str, str]:
    if isinstance(name, TextName):
        raise TypeError("the vector of a text stands in its own row")
    region = name.region if isinstance(name, RegionName) else ""
    return {"collection": name.collection, "image": name.image, "region": region}


def _read_exif(document: dict[str, Any]) -> Exif:
    gps, taken = document.pop("gps"), document.pop("taken_time")
    return Exif(
        gps=GeoPoint(**gps) if gps else None,
        taken_time=datetime.fromisoformat(taken) if taken else None,
        **document,
    )


def _read_labels(documents: Sequence[dict[str, Any]]) -> tuple[Label, ...]:
    return tuple(Label(**document) for document in documents)


def _dump(document: Mapping[str, Any] | list[Any]) -> str:
    return json.dumps(document, separators=(",", ":"), default=_stand_in)


def _stand_in(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")

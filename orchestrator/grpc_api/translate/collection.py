"""Collections, as messages and back."""

from typing import Any

from orchestrator.application.collections import CollectionStatistics
from orchestrator.domain.collection import Collection, Segmentation
from orchestrator.domain.names import CollectionName
from orchestrator.grpc_api.translate.time import to_timestamp
from sightline.v1 import collection_pb2

CHANGEABLE = frozenset(
    {"display_name", "segmenter", "segmentation", "matcher", "captioner", "labels_vocabulary"}
)
"""The fields that `UpdateCollection` changes."""

_OFFERED = {value.value: value for value in Segmentation}


def to_collection(collection: Collection) -> collection_pb2.Collection:
    """The message of a collection."""
    return collection_pb2.Collection(
        name=str(collection.name),
        display_name=collection.display_name,
        embedder=collection.embedder,
        segmenter=collection.segmenter,
        segmentation=collection_pb2.Collection.Segmentation.Value(collection.segmentation.value),
        matcher=collection.matcher,
        captioner=collection.captioner,
        labels_vocabulary=collection.labels_vocabulary,
        image_count=collection.image_count,
        region_count=collection.region_count,
        text_count=collection.text_count,
        state=collection_pb2.Collection.State.Value(collection.state.value),
        create_time=to_timestamp(collection.create_time),
        update_time=to_timestamp(collection.update_time),
        etag=collection.etag,
    )


def to_statistics(
    name: CollectionName, statistics: CollectionStatistics
) -> collection_pb2.CollectionStatistics:
    """The message of a collection's statistics."""
    return collection_pb2.CollectionStatistics(
        name=f"{name}/statistics",
        image_vector_count=statistics.image_vectors,
        region_vector_count=statistics.region_vectors,
        text_vector_count=statistics.text_vectors,
        pending_image_count=statistics.pending_images,
        pending_text_count=statistics.pending_texts,
        unlabelled_image_count=statistics.unlabelled_images,
        uncaptioned_image_count=statistics.uncaptioned_images,
        dimension=statistics.dimension,
        content_bytes=statistics.content_bytes,
    )


def from_segmentation(value: "collection_pb2.Collection.Segmentation.ValueType") -> Segmentation | None:
    """None where it is unset."""
    return _OFFERED.get(collection_pb2.Collection.Segmentation.Name(value))


def from_changes(collection: collection_pb2.Collection, fields: tuple[str, ...]) -> dict[str, Any]:
    """The new values of the fields named, by proto name."""
    changes: dict[str, Any] = {name: getattr(collection, name) for name in fields}
    if "segmentation" in changes:
        changes["segmentation"] = from_segmentation(collection.segmentation)
    if "labels_vocabulary" in changes:
        changes["labels_vocabulary"] = tuple(collection.labels_vocabulary)
    return changes

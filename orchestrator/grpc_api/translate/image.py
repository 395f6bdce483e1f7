"""Images, as messages and back."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import struct_pb2

from orchestrator.application.index_image import CreateImage
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import Description, Exif, Image, Label
from orchestrator.domain.names import parse_collection
from orchestrator.grpc_api.translate.time import to_timestamp
from sightline.v1 import image_pb2, image_service_pb2

CHANGEABLE = frozenset({"display_name", "folder", "source_uri", "caption", "labels", "metadata"})
"""The fields that `UpdateImage` changes."""

MAX_METADATA_BYTES = 16 * 1024


def to_image(image: Image) -> image_pb2.Image:
    """The message of an image."""
    facts, said = image.facts, image.description
    message = image_pb2.Image(
        name=str(image.name),
        display_name=said.display_name,
        folder=said.folder,
        source_uri=said.source_uri,
        content_type=facts.content_type,
        width=facts.width,
        height=facts.height,
        size_bytes=facts.size_bytes,
        sha256=facts.sha256,
        perceptual_hash=facts.perceptual_hash,
        caption=said.caption,
        captioner=image.captioned_by,
        labels=to_labels(said.labels),
        predicted_labels=to_labels(image.predicted_labels),
        state=image_pb2.Image.State.Value(image.state.value),
        region_count=image.region_count,
        create_time=to_timestamp(image.create_time),
        update_time=to_timestamp(image.update_time),
        etag=image.etag,
    )
    if facts.exif is not None:
        message.exif.CopyFrom(_to_exif(facts.exif))
    if said.metadata:
        message.metadata.update(to_plain(said.metadata))
    return message


def to_labels(labels: Iterable[Label]) -> list[image_pb2.Label]:
    """The messages of labels."""
    return [image_pb2.Label(label=label.label, score=label.score) for label in labels]


def from_labels(labels: Iterable[image_pb2.Label]) -> tuple[Label, ...]:
    """Labels of a request."""
    return tuple(Label(label=label.label, score=label.score) for label in labels)


def from_description(image: image_pb2.Image) -> Description:
    """What a caller says of an image. Raises InvalidArgument for metadata that is too large or not finite."""
    return Description(
        display_name=image.display_name,
        folder=image.folder,
        source_uri=image.source_uri,
        caption=image.caption,
        labels=from_labels(image.labels),
        metadata=from_metadata(image.metadata) if image.HasField("metadata") else {},
    )


def from_create(request: image_service_pb2.CreateImageRequest) -> CreateImage:
    """What to create. Raises InvalidArgument where there is no source."""
    source = request.WhichOneof("source")
    if source is None or not getattr(request, source):
        raise InvalidArgument.field(source or "content", "is required")
    return CreateImage(
        parent=parse_collection(request.parent, "parent"),
        image_id=request.image_id,
        content=request.content,
        source_uri=request.source_uri,
        description=from_description(request.image),
        request_id=request.request_id,
        validate_only=request.validate_only,
    )


def from_changes(image: image_pb2.Image, fields: tuple[str, ...]) -> dict[str, Any]:
    """The new values of the fields named, by proto name."""
    said = from_description(image)
    return {name: getattr(said, name) for name in fields}


def from_metadata(struct: struct_pb2.Struct, field: str = "image.metadata") -> dict[str, Any]:
    """A struct as plain values. Raises InvalidArgument above 16 KiB of JSON, and for NaN and infinity."""
    plain = {key: _from_value(value) for key, value in struct.fields.items()}
    try:
        size = len(json.dumps(plain, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode())
    except ValueError as error:
        raise InvalidArgument.field(field, "a number is not finite") from error
    if size > MAX_METADATA_BYTES:
        raise InvalidArgument.field(field, f"{size} bytes as JSON; at most {MAX_METADATA_BYTES} are taken")
    return plain


def _from_value(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            return {key: _from_value(item) for key, item in value.struct_value.fields.items()}
        case "list_value":
            return [_from_value(item) for item in value.list_value.values]
        case "number_value":
            return value.number_value
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
    return None


def to_plain(value: Any) -> Any:
    """Containers that `Struct.update` knows: dicts and lists."""
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _to_exif(exif: Exif) -> image_pb2.Exif:
    message = image_pb2.Exif(
        camera=exif.camera,
        lens=exif.lens,
        orientation=exif.orientation,
        exposure_seconds=exif.exposure_seconds,
        f_number=exif.f_number,
        iso=exif.iso,
        focal_length_mm=exif.focal_length_mm,
    )
    if exif.taken_time is not None:
        message.taken_time.FromDatetime(exif.taken_time)
    if exif.gps is not None:
        message.gps.latitude = exif.gps.latitude
        message.gps.longitude = exif.gps.longitude
        message.gps.altitude_metres = exif.gps.altitude_metres
    return message

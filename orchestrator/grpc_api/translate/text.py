"""Text records, as messages and back."""

from typing import Any

from orchestrator.application.index_texts import CreateText
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.names import CollectionName, parse_collection
from orchestrator.domain.text import Text, TextFields
from orchestrator.grpc_api.translate.image import from_labels, from_metadata, to_labels, to_plain
from orchestrator.grpc_api.translate.time import to_timestamp
from sightline.v1 import text_pb2, text_service_pb2

CHANGEABLE = frozenset({"content", "display_name", "folder", "source_uri", "labels", "metadata"})
"""The fields that `UpdateText` changes."""


def to_text(text: Text) -> text_pb2.Text:
    """The message of a text record."""
    said = text.fields
    message = text_pb2.Text(
        name=str(text.name),
        content=said.content,
        display_name=said.display_name,
        folder=said.folder,
        source_uri=said.source_uri,
        labels=to_labels(said.labels),
        truncated=text.truncated,
        create_time=to_timestamp(text.create_time),
        update_time=to_timestamp(text.update_time),
        etag=text.etag,
    )
    if said.metadata:
        message.metadata.update(to_plain(said.metadata))
    return message


def from_fields(text: text_pb2.Text, field: str = "text") -> TextFields:
    """What a caller says of a text. Raises InvalidArgument for metadata that is too large or not finite."""
    metadata = from_metadata(text.metadata, f"{field}.metadata") if text.HasField("metadata") else {}
    return TextFields(
        content=text.content,
        display_name=text.display_name,
        folder=text.folder,
        source_uri=text.source_uri,
        labels=from_labels(text.labels),
        metadata=metadata,
    )


def from_create(request: text_service_pb2.CreateTextRequest, field: str = "") -> CreateText:
    """What to create. Raises InvalidArgument."""
    return CreateText(
        text_id=request.text_id,
        fields=from_fields(request.text, f"{field}text"),
        request_id=request.request_id,
    )


def from_batch(request: text_service_pb2.BatchCreateTextsRequest) -> tuple[CollectionName, list[CreateText]]:
    """Where to create what. Raises InvalidArgument, naming the item that does not belong."""
    parent = parse_collection(request.parent, "parent")
    items = []
    for place, each in enumerate(request.requests):
        field = f"requests[{place}]."
        if each.parent and each.parent != request.parent:
            raise InvalidArgument.field(
                f"{field}parent", f"is {each.parent}, and the batch's {request.parent}"
            )
        if each.validate_only:
            raise InvalidArgument.field(f"{field}validate_only", "is for CreateText alone")
        items.append(from_create(each, field))
    return parent, items


def from_changes(text: text_pb2.Text, fields: tuple[str, ...]) -> dict[str, Any]:
    """The new values of the fields named, by proto name."""
    said = from_fields(text)
    return {name: getattr(said, name) for name in fields}

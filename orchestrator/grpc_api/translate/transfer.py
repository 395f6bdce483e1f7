"""Exports and imports of collections: metadata and responses of their operations."""

from collections.abc import Mapping
from typing import Any

from orchestrator.application.ports import Ports
from orchestrator.domain.operation import Operation
from orchestrator.grpc_api.translate.operation import Face
from orchestrator.grpc_api.translate.time import to_timestamp
from sightline.v1 import collection_service_pb2 as pb

_COUNTS = {
    "images": "image_count",
    "regions": "region_count",
    "texts": "text_count",
    "files": "file_count",
    "skipped": "skipped_count",
    "missing_files": "missing_file_count",
    "checked_parts": "checked_part_count",
    "total_parts": "total_part_count",
    "total_images": "total_image_count",
    "total_texts": "total_text_count",
}


async def _export_metadata(ports: Ports, operation: Operation) -> pb.ExportCollectionMetadata:
    message = pb.ExportCollectionMetadata(
        collection=operation.collection, destination_uri=operation.argument["uri"]
    )
    _fill(message, operation)
    return message


async def _export_response(ports: Ports, operation: Operation) -> pb.ExportCollectionResponse:
    message = pb.ExportCollectionResponse(destination_uri=operation.argument["uri"])
    _count(message, operation.result)
    return message


async def _import_metadata(ports: Ports, operation: Operation) -> pb.ImportCollectionMetadata:
    message = pb.ImportCollectionMetadata(
        collection=operation.collection, source_uri=operation.argument["uri"]
    )
    _fill(message, operation)
    return message


async def _import_response(ports: Ports, operation: Operation) -> pb.ImportCollectionResponse:
    message = pb.ImportCollectionResponse(collection=operation.collection)
    _count(message, operation.result)
    return message


def _fill(message: pb.ExportCollectionMetadata | pb.ImportCollectionMetadata, operation: Operation) -> None:
    _count(message, operation.result or operation.progress)
    message.create_time.CopyFrom(to_timestamp(operation.create_time))
    if operation.end_time is not None:
        message.end_time.CopyFrom(to_timestamp(operation.end_time))


def _count(message: Any, counts: Mapping[str, Any]) -> None:
    for name, field in _COUNTS.items():
        if field in message.DESCRIPTOR.fields_by_name:
            setattr(message, field, counts.get(name, 0))


EXPORT_FACE = Face(metadata=_export_metadata, response=_export_response)
IMPORT_FACE = Face(metadata=_import_metadata, response=_import_response)

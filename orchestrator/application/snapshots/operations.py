"""Exports and imports of collections, as operations."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from orchestrator.application.jobs import Job, JobKind
from orchestrator.application.operations import new_operation
from orchestrator.application.ports import Ports
from orchestrator.application.snapshots.export import check_empty, export_collection
from orchestrator.application.snapshots.restore import check_snapshot, check_space, restore_collection
from orchestrator.domain.errors import InvalidArgument, NotFound
from orchestrator.domain.names import COLLECTION_ID, CollectionName, parse_collection
from orchestrator.domain.operation import Operation

EXPORT = "export-collection"
IMPORT = "import-collection"


async def begin_export(
    ports: Ports, *, name: CollectionName, uri: str, files: bool, request_id: str = ""
) -> Operation:
    """Has a collection written below a folder or a bucket's prefix.

    Raises NotFound; InvalidArgument for what is no place; FailedPrecondition for one that must not be written
    to, or where a snapshot lies; Unavailable.
    """
    await ports.catalog.get_collection(name)
    await check_empty(ports, ports.places.open(uri, field="destination_uri", create=True))
    return await _add(ports, EXPORT, name, {"uri": uri, "files": files}, request_id)


async def begin_import(ports: Ports, *, collection_id: str, uri: str, request_id: str = "") -> Operation:
    """Has a snapshot read into a collection.

    Raises InvalidArgument for a bad id, and what is no place or no snapshot; FailedPrecondition for a
    place that must not be read, a snapshot that is not whole, and vectors that do not belong there;
    Unavailable.
    """
    if not COLLECTION_ID.fullmatch(collection_id):
        raise InvalidArgument.field(
            "collection_id", "is lower-case letters, digits and hyphens, a letter first, at most 63"
        )
    name = CollectionName(collection_id)
    manifest = await check_snapshot(ports, ports.places.open(uri, field="source_uri"))
    with suppress(NotFound):
        check_space(await ports.catalog.get_collection(name), manifest)
    return await _add(ports, IMPORT, name, {"uri": uri}, request_id)


def transfer_kinds(ports: Ports) -> list[JobKind]:
    """How exports and imports are done."""

    async def export(job: Job) -> Mapping[str, Any]:
        argument = job.operation.argument
        return await export_collection(
            ports,
            name=parse_collection(job.operation.collection),
            place=ports.places.open(argument["uri"], field="destination_uri", create=True),
            files=argument["files"],
            export=str(job.operation.name),
            report=job.report,
        )

    async def restore(job: Job) -> Mapping[str, Any]:
        return await restore_collection(
            ports,
            name=parse_collection(job.operation.collection),
            place=ports.places.open(job.operation.argument["uri"], field="source_uri"),
            report=job.report,
        )

    return [JobKind(name=EXPORT, run=export), JobKind(name=IMPORT, run=restore)]


async def _add(
    ports: Ports, kind: str, name: CollectionName, argument: dict[str, Any], request_id: str
) -> Operation:
    payload = json.dumps([kind, str(name), argument], sort_keys=True)
    operation = new_operation(kind, argument, collection=str(name))
    return await ports.operations.add(operation, request_id=request_id, payload=payload)

"""Imports and their items, as messages and back."""

from google.protobuf.message import Message

from orchestrator.application.imports.face import ImportStatus, import_status
from orchestrator.application.imports.plan import ImportOptions, ImportPlan
from orchestrator.application.ports import Ports
from orchestrator.domain.import_item import ImportItem, ImportProgress, ItemState
from orchestrator.domain.names import CollectionName
from orchestrator.domain.operation import Operation
from orchestrator.grpc_api.status import to_status
from orchestrator.grpc_api.translate.import_source import from_source, to_source
from orchestrator.grpc_api.translate.operation import Face
from orchestrator.grpc_api.translate.time import to_duration, to_timestamp
from sightline.v1 import import_pb2 as pb

_SKIPPED = {ItemState.UNCHANGED: pb.ImportItem.UNCHANGED, ItemState.DUPLICATE: pb.ImportItem.DUPLICATE}
_STATES = {
    pb.ImportItem.PENDING: (ItemState.PENDING,),
    pb.ImportItem.DONE: (ItemState.DONE,),
    pb.ImportItem.SKIPPED: tuple(_SKIPPED),
    pb.ImportItem.FAILED: (ItemState.FAILED,),
}
_MAX_SECONDS = 10.0 * 365 * 86400


def from_plan(parent: CollectionName, source: pb.ImportSource, options: pb.ImportOptions) -> ImportPlan:
    """What a request asks to import. Raises InvalidArgument."""
    return ImportPlan(collection=parent, source=from_source(source), options=from_options(options))


def from_options(options: pb.ImportOptions) -> ImportOptions:
    """How to import."""
    return ImportOptions(
        folder=options.folder,
        delete_missing=options.delete_missing,
        skip_duplicates=options.skip_duplicates,
    )


def to_options(options: ImportOptions) -> pb.ImportOptions:
    """The message of options."""
    return pb.ImportOptions(
        folder=options.folder,
        delete_missing=options.delete_missing,
        skip_duplicates=options.skip_duplicates,
    )


def from_state(state: "pb.ImportItem.State.ValueType") -> tuple[ItemState, ...] | None:
    """The states that a caller asks for; None: all."""
    return _STATES.get(state)


def to_item(item: ImportItem) -> pb.ImportItem:
    """The message of an item."""
    skipped = item.state in _SKIPPED
    return pb.ImportItem(
        key=item.key,
        state=pb.ImportItem.SKIPPED if skipped else pb.ImportItem.State.Value(item.state.value),
        skip_reason=_SKIPPED.get(item.state, pb.ImportItem.SKIP_REASON_UNSPECIFIED),
        error=to_status(item.failure.error()) if item.failure else None,
        tries=item.tries,
        image=item.made,
        update_time=to_timestamp(item.update_time),
    )


def to_metadata(status: ImportStatus) -> pb.ImportMetadata:
    """The message of how an import stands."""
    operation, plan = status.operation, status.plan
    message = pb.ImportMetadata(
        operation=str(operation.name),
        collection=str(plan.collection),
        schedule=operation.schedule,
        source=to_source(plan.source),
        options=to_options(plan.options),
        state=pb.ImportMetadata.State.Value(operation.state.value),
        counts=_to_counts(status.progress),
        listed=status.progress.listed,
        items_per_second=0.0 if operation.state.done else status.items_per_second,
        waiting_reason="" if operation.state.done else operation.waiting or status.progress.waiting,
        errors=[to_item(failure) for failure in status.failures],
        create_time=to_timestamp(operation.create_time),
    )
    if status.seconds_left is not None:
        message.remaining_duration.CopyFrom(to_duration(min(status.seconds_left, _MAX_SECONDS)))
    if operation.end_time is not None:
        message.end_time.CopyFrom(to_timestamp(operation.end_time))
    return message


async def _metadata(ports: Ports, operation: Operation) -> Message:
    return to_metadata(await import_status(ports, operation))


async def _response(ports: Ports, operation: Operation) -> Message:
    progress = await ports.imports.progress(operation.name)
    ended = operation.end_time or operation.update_time
    seconds = (ended - operation.create_time).total_seconds()
    return pb.ImportSummary(counts=_to_counts(progress), duration=to_duration(max(seconds, 0.0)))


FACE = Face(metadata=_metadata, response=_response)
"""What an import's operation shows."""


def _to_counts(progress: ImportProgress) -> pb.ImportCounts:
    return pb.ImportCounts(
        pending=progress.pending,
        done=progress.done,
        unchanged=progress.unchanged,
        duplicate=progress.duplicate,
        failed=progress.failed,
        deleted=progress.deleted,
        content_bytes=progress.content_bytes,
    )

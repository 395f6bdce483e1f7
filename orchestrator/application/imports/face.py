"""Starts, pauses and retries imports, and says how they stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.application.imports.plan import KIND, ImportPlan, read_plan, request_hash
from orchestrator.application.operations import new_operation
from orchestrator.application.paging import clamp_page_size, decode_page_token, encode_page_token
from orchestrator.application.ports import Ports
from orchestrator.domain.errors import NotFound
from orchestrator.domain.import_item import ImportItem, ImportProgress, ItemState
from orchestrator.domain.names import OperationName
from orchestrator.domain.operation import Operation, OperationState

_SHOWN_FAILURES = 10
_UNENDED = (OperationState.RUNNING, OperationState.PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatus:
    """An import as it stands; `failures` are some of its failed items. Rate in items a second."""

    operation: Operation
    plan: ImportPlan
    progress: ImportProgress
    items_per_second: float
    failures: Sequence[ImportItem]

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take at that rate; None: not known."""
        if self.operation.state is not OperationState.RUNNING or not self.items_per_second:
            return None
        return self.progress.pending / self.items_per_second if self.progress.listed else None


async def start_import(
    ports: Ports, plan: ImportPlan, *, schedule: str = "", request_id: str = "", validate_only: bool = False
) -> Operation:
    """Begins an import; with `validate_only` it checks it only.

    Raises NotFound for the collection; InvalidArgument for a source that makes no sense, and for a request id
    that another request bore; FailedPrecondition for a source that must not be read; Unavailable.
    """
    await ports.catalog.get_collection(plan.collection)
    ports.sources.check(plan.source)
    argument = plan.to_json()
    operation = new_operation(KIND, argument, collection=str(plan.collection), schedule=schedule)
    if validate_only:
        return operation
    return await ports.operations.add(operation, request_id=request_id, payload=request_hash(plan))


async def import_status(ports: Ports, operation: Operation) -> ImportStatus:
    """How an import stands. Raises Unavailable."""
    progress = await ports.imports.progress(operation.name)
    failures: Sequence[ImportItem] = ()
    if progress.failed:
        failures = await ports.imports.latest_failures(operation.name, limit=_SHOWN_FAILURES)
    return ImportStatus(
        operation=operation,
        plan=read_plan(operation.argument),
        progress=progress,
        items_per_second=operation.progress.get("items_per_second", 0.0),
        failures=failures,
    )


async def get_import(ports: Ports, name: OperationName) -> Operation:
    """Raises NotFound, also for an operation that is no import."""
    operation = await ports.operations.get(name)
    if operation.kind != KIND:
        raise NotFound(f"{name} is no import", metadata={"resource": str(name)})
    return operation


async def pause_import(ports: Ports, name: OperationName) -> Operation:
    """Raises NotFound; FailedPrecondition where it has ended."""
    await get_import(ports, name)
    return await ports.operations.change_state(name, OperationState.PAUSED, among=_UNENDED)


async def resume_import(ports: Ports, name: OperationName) -> Operation:
    """Raises NotFound; FailedPrecondition where it has ended."""
    await get_import(ports, name)
    return await ports.operations.change_state(name, OperationState.RUNNING, among=_UNENDED)


async def retry_items(ports: Ports, name: OperationName, keys: Sequence[str]) -> tuple[int, Operation]:
    """Tries failed items again, those of the keys or all; how many, and the import.

    Raises NotFound; FailedPrecondition where it was cancelled.
    """
    await get_import(ports, name)
    retried = await ports.imports.retry(name, keys or None)
    return retried, await ports.operations.get(name)


async def list_items_of(
    ports: Ports,
    name: OperationName,
    *,
    states: Sequence[ItemState] | None = None,
    page_size: int = 0,
    page_token: str = "",
) -> tuple[Sequence[ImportItem], str]:
    """A page of an import's items in the order of its source, and the next page's token.

    Raises NotFound; InvalidArgument for a token of another list.
    """
    await get_import(ports, name)
    size = clamp_page_size(page_size)
    wanted = [state.value for state in states] if states is not None else None
    request = {"method": "ListImportItems", "parent": str(name), "states": wanted}
    cursor = decode_page_token(page_token, request)
    after = None if cursor is None else (cursor[0], cursor[1])
    found = await ports.imports.items(name, states, limit=size + 1, after=after)
    page = found[:size]
    if len(found) <= size:
        return page, ""
    return page, encode_page_token([page[-1].number, page[-1].item], request)

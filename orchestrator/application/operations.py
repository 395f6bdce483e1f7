"""Gets, lists, waits for, cancels and deletes operations."""

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from orchestrator.application.paging import clamp_page_size, decode_page_token, encode_page_token
from orchestrator.application.ports import Ports
from orchestrator.application.ports.operations import OperationFilter, OperationKey
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, NotFound, SightlineError
from orchestrator.domain.identifiers import new_id
from orchestrator.domain.names import OperationName
from orchestrator.domain.operation import Operation, OperationState

LONGEST_WAIT = 300.0
"""Seconds that one call waits at most."""

_FORGOTTEN_TOGETHER = 100
_log = structlog.get_logger(__name__)
_PAUSES = (0.05, 1.0)  # seconds between looks: the first, and the longest
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TERM = re.compile(r'\s*(\w+)\s*=\s*(?:"([^"]*)"|([^\s"()]+))\s*')
_HINT = 'is terms such as kind = "import" joined by AND; kind, collection, schedule, state and done are known'


def new_operation(
    kind: str, argument: dict[str, Any], *, collection: str = "", schedule: str = ""
) -> Operation:
    """An operation that is about to be added; once it is, some process begins with it."""
    now = datetime.now(UTC)
    return Operation(
        name=OperationName(new_id()),
        kind=kind,
        argument=argument,
        collection=collection,
        schedule=schedule,
        create_time=now,
        update_time=now,
    )


async def get_operation(ports: Ports, name: OperationName) -> Operation:
    """Raises NotFound."""
    return await ports.operations.get(name)


async def list_operations(
    ports: Ports, *, filter: str = "", page_size: int = 0, page_token: str = ""
) -> tuple[Sequence[Operation], str]:
    """A page of operations, the newest first, and the next page's token.

    Raises InvalidArgument for a filter or a token that makes no sense.
    """
    size, wanted = clamp_page_size(page_size), parse_operation_filter(filter)
    request = {"method": "ListOperations", "filter": filter}
    cursor, after = decode_page_token(page_token, request), None
    if cursor is not None:
        after = OperationKey(create_time=_EPOCH + timedelta(microseconds=cursor[0]), operation=cursor[1])
    found = await ports.operations.find(wanted, limit=size + 1, after=after)
    page = found[:size]
    if len(found) <= size:
        return page, ""
    moment = (page[-1].create_time - _EPOCH) // timedelta(microseconds=1)
    return page, encode_page_token([moment, page[-1].name.operation], request)


async def cancel_operation(ports: Ports, name: OperationName) -> None:
    """Ends an operation as CANCELLED; one that has ended stays as it ended. Raises NotFound."""
    unended = [state for state in OperationState if not state.done]
    with suppress(FailedPrecondition):
        await ports.operations.change_state(name, OperationState.CANCELLED, among=unended)


async def delete_operation(ports: Ports, name: OperationName) -> None:
    """Forgets an operation. Raises NotFound; FailedPrecondition where it has not ended."""
    await ports.operations.delete(name)


async def forget_operations(ports: Ports, *, age: timedelta) -> int:
    """Forgets operations that ended so long ago, with their items; how many. Raises Unavailable."""
    before, forgotten = datetime.now(UTC) - age, 0
    while names := await ports.operations.ended(before, limit=_FORGOTTEN_TOGETHER):
        for name in names:
            with suppress(NotFound, FailedPrecondition):  # another process forgot it; or it goes on again
                await ports.operations.delete(name)
                forgotten += 1
    return forgotten


async def keep_forgetting_operations(ports: Ports, *, age: timedelta, every: float) -> None:
    """Forgets old operations until it is cancelled."""
    while True:
        try:
            if ports.leads():
                await forget_operations(ports, age=age)
        except SightlineError as error:
            _log.warning("old operations stay", because=error.message)
        except Exception as error:
            _log.error("old operations stay", exc_info=error)
        await asyncio.sleep(every)


async def wait_operation(ports: Ports, name: OperationName, seconds: float | None) -> Operation:
    """The operation once it has ended, or as it is when the seconds are over. Raises NotFound."""
    until = time.monotonic() + min(LONGEST_WAIT if seconds is None else seconds, LONGEST_WAIT)
    pause, longest = _PAUSES
    while True:
        operation = await ports.operations.get(name)
        left = until - time.monotonic()
        if operation.state.done or left <= 0:
            return operation
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 2, longest)


def parse_operation_filter(text: str) -> OperationFilter:
    """Reads `kind = "import" AND done = false`. Raises InvalidArgument."""
    found: dict[str, Any] = {}
    for term in re.split(r"\bAND\b", text) if text.strip() else ():
        match = _TERM.fullmatch(term)
        if match is None or match[1] in found:
            raise InvalidArgument.field("filter", _HINT)
        found[match[1]] = match[2] if match[2] is not None else match[3]
    states = None
    try:
        if "state" in found:
            states = {OperationState(found.pop("state"))}
        if "done" in found:
            done = {"true": True, "false": False}[found.pop("done")]
            states = {state for state in states or set(OperationState) if state.done is done}
        return OperationFilter(states=states, **found)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidArgument.field("filter", _HINT) from error

"""Where operations are kept: durable, and shared by all orchestrators of a catalog."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from orchestrator.domain.names import OperationName
from orchestrator.domain.operation import Failure, Operation, OperationState

MOST_UNENDED = 1000
"""Operations of a catalog that run or are paused; no more are added to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFilter:
    """Which operations: equal to all that is given."""

    kind: str | None = None
    collection: str | None = None
    schedule: str | None = None
    states: Collection[OperationState] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationKey:
    """Where a page of operations ended."""

    create_time: datetime
    operation: str


class Operations(Protocol):
    """Operations by name. All writes are durable when they return; all raise Unavailable."""

    async def add(self, operation: Operation, *, request_id: str = "", payload: str = "") -> Operation:
        """Keeps a new operation; that which an equal request (AIP-155) made before, instead.

        Raises InvalidArgument for a request id that another `payload` bore; ResourceExhausted where
        `MOST_UNENDED` have not ended.
        """
        ...

    async def get(self, name: OperationName) -> Operation:
        """Raises NotFound."""
        ...

    async def find(
        self, filter: OperationFilter, *, limit: int, after: OperationKey | None = None
    ) -> Sequence[Operation]:
        """A page of operations, the newest first, those behind `after`."""
        ...

    async def delete(self, name: OperationName) -> None:
        """Removes an operation and all that is kept of it. Raises NotFound; FailedPrecondition where it has
        not ended."""
        ...

    async def ended(self, before: datetime, *, limit: int) -> Sequence[OperationName]:
        """Operations that ended before a time, but for the newest run of each schedule."""
        ...

    async def change_state(
        self, name: OperationName, state: OperationState, *, among: Collection[OperationState]
    ) -> Operation:
        """Gives an operation another state; then nobody works on it any more.

        Raises NotFound; FailedPrecondition where its state is not `among` those given.
        """
        ...

    async def running(self) -> Sequence[Operation]:
        """All operations that are RUNNING, the oldest first; one whose lease has ended is nobody's."""
        ...

    async def claim(self, name: OperationName, owner: str, *, lease: timedelta) -> bool:
        """Takes a RUNNING operation, or keeps it, for so long from now on: by one clock for all processes.

        False where it is another's, or not RUNNING.
        """
        ...

    async def release(self, owner: str) -> None:
        """Leaves all that a process works on to others."""
        ...

    async def report(self, name: OperationName, owner: str, progress: Mapping[str, Any]) -> bool:
        """Keeps the progress of a RUNNING operation; False where it is another's, or not RUNNING.

        Progress that is another than before ends what it waited for.
        """
        ...

    async def wait_for(self, name: OperationName, owner: str, what: str) -> bool:
        """Says what a RUNNING operation waits for; False where it is another's, or not RUNNING."""
        ...

    async def finish(
        self,
        name: OperationName,
        owner: str,
        *,
        result: Mapping[str, Any] | None = None,
        failure: Failure | None = None,
    ) -> bool:
        """Ends a RUNNING operation; False where it is another's, or not RUNNING.

        False too where an import would succeed with items that are PENDING: it goes on.
        """
        ...

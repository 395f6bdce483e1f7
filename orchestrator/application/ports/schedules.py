"""Where schedules are kept: durable, and shared by all orchestrators of a catalog."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from orchestrator.domain.names import CollectionName, ScheduleName
from orchestrator.domain.operation import Operation
from orchestrator.domain.schedule import Schedule


class Schedules(Protocol):
    """Schedules by name. Writes are durable when they return; all raise Unavailable."""

    async def add(self, schedule: Schedule) -> None:
        """Raises AlreadyExists, NotFound for the collection."""
        ...

    async def get(self, name: ScheduleName) -> Schedule:
        """Raises NotFound."""
        ...

    async def of_collection(
        self, collection: CollectionName, *, limit: int, after: str = ""
    ) -> Sequence[Schedule]:
        """Schedules by id, those behind the id `after`."""
        ...

    async def change(self, schedule: Schedule, *, etag: str) -> None:
        """Writes one whose etag still is `etag`. Raises NotFound, Aborted."""
        ...

    async def delete(self, name: ScheduleName, *, etag: str = "") -> None:
        """Raises NotFound; Aborted where `etag` is given and stale."""
        ...

    async def due(self, now: datetime, *, limit: int) -> Sequence[Schedule]:
        """Those whose time has come and whose last run has ended, the longest overdue first."""
        ...

    async def start_run(
        self, schedule: Schedule, operation: Operation, *, next_run_time: datetime | None
    ) -> Operation:
        """Adds the operation of a run, and keeps it with the schedule, in one transaction.

        Where a run of the schedule has not ended, that run, and nothing is kept. Raises NotFound; Aborted
        where the schedule has changed, or somebody else started this run; ResourceExhausted where too many
        operations have not ended.
        """
        ...

    async def fail_run(self, schedule: Schedule, error: str, *, next_run_time: datetime | None) -> None:
        """Keeps why a run could not be started; nothing where the schedule has changed meanwhile."""
        ...

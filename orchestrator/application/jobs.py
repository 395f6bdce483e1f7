"""Works on operations: each by one process at a time, which another replaces where it dies."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from orchestrator.application.ports.operations import Operations
from orchestrator.domain.errors import ResourceExhausted, SightlineError, Unavailable
from orchestrator.domain.identifiers import new_id
from orchestrator.domain.names import OperationName
from orchestrator.domain.operation import Failure, Operation

LEASE = timedelta(seconds=15)
"""How long work stays with a process that says nothing more."""

MAX_TRIES = 8
"""Tries of what a source that does not answer is needed for: some two minutes, and the time it took."""

EVERY = 1.0  # seconds between looks at what runs
MOST = 4  # operations that one process works on at once; those that wait are not among them
MOST_ASSISTED = 16  # operations that one process assists with at once: the oldest that do not wait
_LONGEST_PAUSE = 10.0  # seconds between tries of what waits for an engine
_LONGEST_REST = 60.0  # seconds between those of what waits for its source, which may ask for more
_LONGEST_ASKED = 3600.0  # seconds
_TRANSIENT = (Unavailable, ResourceExhausted)

_log = structlog.get_logger(__name__)


class SourceFailed(Exception):
    """What an operation reads could not be read; the cause says why."""

    def __init__(self, cause: SightlineError) -> None:
        super().__init__(cause.message)
        self.cause = cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An operation in the hands of a process."""

    operation: Operation
    owner: str
    store: Operations

    async def report(self, progress: Mapping[str, Any]) -> None:
        """Keeps its progress, for `Get` and `Watch`. Raises Unavailable."""
        await self.store.report(self.operation.name, self.owner, progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """How operations of one kind are done.

    `run` does the whole work and returns the result; it is called again, perhaps elsewhere, where its process
    died, and is cancelled when the operation is paused or cancelled. Unavailable and ResourceExhausted are
    waited out and it is called again, as caused a SourceFailed at most `MAX_TRIES` times; every other error
    ends the operation. `assist`, where there is one, is called in every process, the owner's too, for as long
    as the operation runs and is among the `MOST_ASSISTED` first: the oldest, those that wait last.
    """

    name: str
    run: Callable[[Job], Awaitable[Mapping[str, Any]]]
    assist: Callable[[Job], Awaitable[None]] | None = None


class Jobs:
    """Works on the operations of a store until it is cancelled."""

    def __init__(
        self, store: Operations, kinds: Sequence[JobKind], *, lease: timedelta = LEASE, every: float = EVERY
    ) -> None:
        self._store, self._lease, self._every = store, lease, every
        self._kinds = {kind.name: kind for kind in kinds}
        self._owner = new_id()
        self._owned: dict[OperationName, asyncio.Task[None]] = {}
        self._claimed: dict[OperationName, float] = {}  # when, by the process's own clock
        self._waiting: set[OperationName] = set()
        self._assisted: dict[OperationName, asyncio.Task[None]] = {}

    async def keep_running(self) -> None:
        """Takes what nobody works on, assists with the rest, and drops what was paused or cancelled."""
        try:
            while True:
                try:
                    await self._look()
                except SightlineError as error:
                    _log.warning("operations wait", because=error.message)
                except Exception as error:
                    _log.error("operations wait", exc_info=error)
                await asyncio.sleep(self._every)
        finally:
            for name in [*self._owned, *self._assisted]:
                await self._drop(name)
            with suppress(SightlineError):
                await asyncio.shield(self._store.release(self._owner))

    async def _look(self) -> None:
        running = {each.name: each for each in await self._store.running() if each.kind in self._kinds}
        for name in {*self._owned, *self._assisted} - running.keys():
            await self._drop(name)
        for tasks in (self._owned, self._assisted):
            for name in [name for name, task in tasks.items() if task.done()]:
                del tasks[name]
        self._claimed = {name: at for name, at in self._claimed.items() if name in running}
        for name, operation in running.items():
            if not await self._hold(operation):
                if name in self._owned:
                    _log.warning("an operation went to another process", operation=str(name))
                    await self._end(self._owned.pop(name))
            elif name not in self._owned:
                self._owned[name] = asyncio.create_task(self._run(self._job(operation)), name=str(name))
        await self._look_what_to_assist(running.values())

    async def _look_what_to_assist(self, running: Collection[Operation]) -> None:
        known = [each for each in running if self._kinds[each.kind].assist is not None]
        chosen = sorted(known, key=lambda each: bool(each.waiting))[:MOST_ASSISTED]
        for name in self._assisted.keys() - {each.name for each in chosen}:
            await self._end(self._assisted.pop(name))
        for each in chosen:
            if (assist := self._kinds[each.kind].assist) and each.name not in self._assisted:
                self._assisted[each.name] = asyncio.create_task(self._assist(assist, self._job(each)))

    @property
    def _working(self) -> int:
        return len(self._owned) - len(self._waiting)

    async def _hold(self, operation: Operation) -> bool:
        """Whether the operation is this process's: taken, kept, or kept for longer."""
        now, name = time.monotonic(), operation.name
        if operation.owner == self._owner:
            if now - self._claimed.get(name, -math.inf) < self._lease.total_seconds() / 3:
                return True
        elif operation.owner or (name not in self._owned and self._working >= MOST):
            return False
        held = await self._store.claim(name, self._owner, lease=self._lease)
        self._claimed[name] = now
        return held

    async def _run(self, job: Job) -> None:
        name, pause, tries = job.operation.name, self._every, 0
        log = _log.bind(operation=str(name), kind=job.operation.kind)
        log.info("operation begins")
        while True:
            try:
                result = await self._kinds[job.operation.kind].run(job)
                ended = await self._store.finish(name, self._owner, result=result)
            except Exception as raised:
                error = raised.cause if isinstance(raised, SourceFailed) else raised
                tries += isinstance(raised, SourceFailed)
                if isinstance(error, _TRANSIENT) and tries < MAX_TRIES:
                    log.warning("operation waits", because=error.message)
                    await self._wait(name, error, pause)
                    pause = min(pause * 2, _LONGEST_REST if tries else _LONGEST_PAUSE)
                    continue
                if not isinstance(error, SightlineError):
                    log.error("operation failed", exc_info=error)
                with suppress(SightlineError):  # else it is tried once more
                    await self._store.finish(name, self._owner, failure=Failure.of(error))
                return
            else:
                log.info("operation ended" if ended else "operation goes on")
                return

    async def _wait(self, name: OperationName, error: SightlineError, pause: float) -> None:
        """Says why, and leaves the place to others for so long, or for longer where the error says so."""
        self._waiting.add(name)
        try:
            with suppress(SightlineError):
                await self._store.wait_for(name, self._owner, error.message)
            await asyncio.sleep(max(pause, min(error.retry_after or 0.0, _LONGEST_ASKED)))
        finally:
            self._waiting.discard(name)

    async def _assist(self, assist: Callable[[Job], Awaitable[None]], job: Job) -> None:
        try:
            await assist(job)
        except SightlineError as error:
            _log.warning("assistance waits", operation=str(job.operation.name), because=error.message)
        except Exception as error:
            _log.error("assistance failed", operation=str(job.operation.name), exc_info=error)

    def _job(self, operation: Operation) -> Job:
        return Job(operation=operation, owner=self._owner, store=self._store)

    async def _drop(self, name: OperationName) -> None:
        for tasks in (self._owned, self._assisted):
            if (task := tasks.pop(name, None)) is not None:
                await self._end(task)

    async def _end(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        await asyncio.wait([task])

"""Works on the items of an import: this process's share of them."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

import structlog

from orchestrator.application.imports.budget import Budget
from orchestrator.application.imports.item import Held, ReadFailed, import_item
from orchestrator.application.imports.plan import ImportPlan
from orchestrator.application.ports import Ports
from orchestrator.application.ports.sources import NO_TURN, Source
from orchestrator.domain.errors import (
    Aborted,
    DeadlineExceeded,
    ResourceExhausted,
    SightlineError,
    Unavailable,
)
from orchestrator.domain.identifiers import new_id
from orchestrator.domain.image import MAX_CONTENT_BYTES
from orchestrator.domain.import_item import ClaimedItem, ItemState, Outcome
from orchestrator.domain.names import OperationName
from orchestrator.domain.operation import Failure

MAX_TRIES = 8
"""Tries of an item whose source does not answer: some two minutes."""

_TELL = 4.0  # seconds between words about what is waited for
_IDLE, _LONGEST_IDLE = 0.3, 1.5  # seconds between looks where nothing waits
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0  # seconds
_HELD = 0.5  # seconds that an item rests whose duplicate is being made
_LONGEST_REST = 60.0  # seconds that an item rests between tries
_TRANSIENT = (Unavailable, ResourceExhausted, DeadlineExceeded)

_log = structlog.get_logger(__name__)


class Share:
    """This process's share of one import: it takes items, as many as the budget lets it, until cancelled.

    They stay with it for `lease`, which it renews; where it dies, others take them then.
    """

    def __init__(
        self, ports: Ports, name: OperationName, plan: ImportPlan, budget: Budget, lease: timedelta
    ) -> None:
        self._ports, self._name, self._plan, self._budget = ports, name, plan, budget
        self._lease = lease
        self._claim = new_id()
        self._under_way: set[asyncio.Task[None]] = set()
        self._told_waiting = 0.0
        self._idle = _IDLE
        self._source: Source | None = None
        self._opening = False

    async def work(self) -> None:
        """Takes and imports items; opens the source for the first. Raises Unavailable."""
        renewing = asyncio.create_task(self._keep_renewing())
        try:
            async with AsyncExitStack() as opened:
                try:
                    while True:
                        await self._take(opened)
                finally:
                    await self._drop()
        finally:
            renewing.cancel()
            await asyncio.wait([renewing])
            with suppress(SightlineError):
                await asyncio.shield(self._ports.imports.release(self._claim))

    async def _take(self, opened: AsyncExitStack) -> None:
        room = 2 * self._budget.items - len(self._under_way)
        claimed = await self._claimed(room) if room > 0 else []
        if claimed and self._source is None:
            await self._open(opened, claimed)
        for each in claimed:
            if self._source is not None:
                task = asyncio.create_task(self._see_to(self._source, each))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
        if not claimed:
            if self._under_way and room <= 0:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(self._idle)
                self._idle = min(self._idle * 1.5, _LONGEST_IDLE)
        else:
            self._idle = _IDLE

    async def _open(self, opened: AsyncExitStack, claimed: Sequence[ClaimedItem]) -> None:
        """A source that cannot be opened is one whose items cannot be read."""
        self._opening = True
        try:
            self._source = await opened.enter_async_context(self._ports.sources.open(self._plan.source))
        except SightlineError as error:
            for each in claimed:
                await self._not_read(each, error)
        finally:
            self._opening = False

    async def _claimed(self, room: int) -> Sequence[ClaimedItem]:
        try:
            return await self._ports.imports.claim(
                self._name, self._plan.scope, self._claim, limit=room, lease=self._lease
            )
        except Unavailable:  # what is under way goes on meanwhile
            await asyncio.sleep(_FIRST_PAUSE)
            return []

    async def _see_to(self, source: Source, claimed: ClaimedItem) -> None:
        """One item to its end in this process; whatever an engine or the database says meanwhile."""
        async with self._budget.slot():
            pause = _FIRST_PAUSE
            while True:
                try:
                    await self._try(source, claimed)
                    return
                except (*_TRANSIENT, Aborted) as error:
                    await self._wait_for(error)
                    await asyncio.sleep(max(pause, error.retry_after or 0.0))
                    pause = min(pause * 2, _LONGEST_PAUSE)

    async def _try(self, source: Source, claimed: ClaimedItem) -> None:
        """Raises what an engine or the database raises that may yet do it."""
        size = claimed.source.size_bytes
        size = MAX_CONTENT_BYTES if size is None else min(size, MAX_CONTENT_BYTES)
        try:
            async with self._budget.memory(len(claimed.source.text or "") or size):
                outcome = await import_item(self._ports, self._name, self._plan, source, claimed)
        except ReadFailed as failed:
            await self._not_read(claimed, failed.cause)
            return
        except Held:
            await self._leave(claimed, None, _HELD)
            return
        except (*_TRANSIENT, Aborted):
            raise
        except Exception as error:
            if not isinstance(error, SightlineError):
                _log.error("an item failed", key=claimed.source.key, exc_info=error)
            outcome = _failed(error)
        await self._finish(claimed, outcome)

    async def _not_read(self, claimed: ClaimedItem, error: SightlineError) -> None:
        """Has it tried again later, where that may help and was not done often; our own haste is no try."""
        if error.reason == NO_TURN:
            await self._leave(claimed, None, error.retry_after or _IDLE)
        elif isinstance(error, _TRANSIENT) and claimed.tries + 1 < MAX_TRIES:
            await self._rest(claimed, error)
        else:
            await self._finish(claimed, _failed(error))

    async def _finish(self, claimed: ClaimedItem, outcome: Outcome) -> None:
        await self._ports.imports.finish_item(
            self._name, self._plan.scope, self._claim, claimed.item, outcome
        )

    async def _rest(self, claimed: ClaimedItem, error: SightlineError) -> None:
        """Leaves an item for a while, and others go before."""
        rest = min(2.0**claimed.tries, _LONGEST_REST)
        await self._leave(claimed, Failure.of(error), max(rest, min(error.retry_after or 0.0, 3600.0)))

    async def _leave(self, claimed: ClaimedItem, failure: Failure | None, seconds: float) -> None:
        rest = timedelta(seconds=seconds)
        await self._ports.imports.put_back(self._name, self._claim, claimed.item, failure, rest=rest)

    async def _wait_for(self, error: SightlineError) -> None:
        _log.info("an import waits", operation=str(self._name), because=error.message)
        if time.monotonic() - self._told_waiting > _TELL:
            self._told_waiting = time.monotonic()
            with suppress(SightlineError):
                await self._ports.imports.wait_for(self._name, error.message)

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 4)
            if self._under_way or self._opening:
                with suppress(SightlineError):
                    await self._ports.imports.keep(self._claim, lease=self._lease)

    async def _drop(self) -> None:
        tasks = [*self._under_way]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _failed(error: BaseException) -> Outcome:
    return Outcome(state=ItemState.FAILED, failure=Failure.of(error))

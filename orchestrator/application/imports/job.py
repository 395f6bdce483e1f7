"""Imports as a kind of operation: one process lists and ends it, all of them work on its items."""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from orchestrator.application.imports.budget import Budget
from orchestrator.application.imports.listing import list_items
from orchestrator.application.imports.plan import KIND, ImportPlan, read_plan
from orchestrator.application.imports.record import remove
from orchestrator.application.imports.work import Share
from orchestrator.application.jobs import LEASE, Job, JobKind
from orchestrator.application.ports import Ports
from orchestrator.domain.errors import FailedPrecondition, ResourceExhausted
from orchestrator.domain.import_item import ImportProgress

REPORT = 1.0  # seconds
_REMOVED_TOGETHER = 100
_REMEMBERED = 20.0  # seconds over which the rate is measured


def import_kind(ports: Ports, budget: Budget, *, lease: timedelta = LEASE) -> JobKind:
    """How imports are done; all of this process share one budget, and hold each item for a lease."""

    async def run(job: Job) -> Mapping[str, Any]:
        return await _run(ports, job, read_plan(job.operation.argument))

    async def assist(job: Job) -> None:
        plan = read_plan(job.operation.argument)
        await Share(ports, job.operation.name, plan, budget, lease).work()

    return JobKind(name=KIND, run=run, assist=assist)


async def _run(ports: Ports, job: Job, plan: ImportPlan) -> Mapping[str, Any]:
    """Lists the source, waits until no item is left, and deletes what has vanished."""
    name = job.operation.name
    await ports.catalog.get_collection(plan.collection)
    if (other := await ports.imports.begin(name, plan.scope)) is not None:
        raise ResourceExhausted(
            f"{other} imports from the same source"
        )  # each would undo what the other does
    watching = asyncio.create_task(_watch(ports, job, plan))
    try:
        if not (await ports.imports.progress(name)).listed:
            await _list(ports, job, plan)
        await watching
    finally:
        watching.cancel()
        await asyncio.wait([watching])
    if plan.options.delete_missing:
        await _delete_missing(ports, job, plan)
    return {}


async def _list(ports: Ports, job: Job, plan: ImportPlan) -> None:
    try:
        await list_items(ports, job.operation.name, plan)
    except* Exception as failed:
        error: BaseException = failed
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from failed


async def _watch(ports: Ports, job: Job, plan: ImportPlan) -> None:
    """Measures and reports until all that was listed is worked on."""
    seen: list[tuple[float, int]] = []
    while True:
        progress = await ports.imports.progress(job.operation.name)
        now, worked = time.monotonic(), _worked(progress)
        if not seen or worked != seen[-1][1]:
            seen = [each for each in seen if now - each[0] < _REMEMBERED] + [(now, worked)]
            rate = (worked - seen[0][1]) / max(now - seen[0][0], REPORT)
            await job.report({"items_per_second": rate})
        if progress.listed and progress.pending == 0:
            return
        await ports.catalog.get_collection(plan.collection)  # with it gone, so is the import's sense
        await asyncio.sleep(REPORT if progress.pending > 100 or not progress.listed else REPORT / 4)


async def _delete_missing(ports: Ports, job: Job, plan: ImportPlan) -> None:
    name = job.operation.name
    progress = await ports.imports.progress(name)
    gone = await ports.imports.vanished(name, plan.scope, plan.extents, limit=_REMOVED_TOGETHER)
    if gone and progress.partial:
        raise FailedPrecondition(
            "some of the source could not be listed: nothing was deleted", reason="PARTLY_LISTED"
        )
    if gone and not _worked(progress) + progress.unchanged:
        raise FailedPrecondition(
            "the source holds nothing at all any more: nothing was deleted", reason="SOURCE_EMPTY"
        )
    while gone:
        for each in gone:
            if made := await ports.imports.give_up(plan.scope, each.item):
                await remove(ports, made)
            await ports.imports.forget(name, plan.scope, each.item)
        gone = await ports.imports.vanished(
            name, plan.scope, plan.extents, limit=_REMOVED_TOGETHER, after=gone[-1].item
        )


def _worked(progress: ImportProgress) -> int:
    return progress.done + progress.duplicate + progress.failed

"""Lists a source into rows, while work on the first of them has begun."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager

from orchestrator.application.imports.plan import ImportPlan, item_hash, told_hash
from orchestrator.application.jobs import SourceFailed
from orchestrator.application.ports import Ports
from orchestrator.application.ports.imports import ListedItem
from orchestrator.application.ports.sources import Source
from orchestrator.domain.errors import SightlineError
from orchestrator.domain.import_source import SourceItem
from orchestrator.domain.names import OperationName

FIRST_CHUNK, CHUNK = 32, 500
PATIENCE = 0.5
"""Seconds after which what was listed is kept, however little."""

_END = None


async def list_items(ports: Ports, name: OperationName, plan: ImportPlan) -> None:
    """Keeps all items of a source as rows of its import; begun anew, those that are not kept yet.

    Holds two chunks in memory. Raises SourceFailed; Unavailable.
    """
    await ports.imports.begin_listing(name, plan.scope)
    async with AsyncExitStack() as stack:
        with _reading():
            source = await stack.enter_async_context(ports.sources.open(plan.source))
        queue = asyncio.Queue[SourceItem | None](CHUNK)
        async with asyncio.TaskGroup() as group:
            group.create_task(_fill(source, queue))
            number = 0
            async for chunk in _chunks(queue):
                listed = []
                for item in chunk:
                    placed = plan.place(item)
                    told = told_hash(placed)
                    listed.append(ListedItem(item=item_hash(item), number=number, told=told, source=placed))
                    number += 1
                await ports.imports.add_items(name, plan.scope, listed)
    await ports.imports.end_listing(name)


async def _fill(source: Source, queue: asyncio.Queue[SourceItem | None]) -> None:
    with _reading():
        async for item in source.items():
            await queue.put(item)
    await queue.put(_END)


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except SightlineError as error:
        raise SourceFailed(error) from error


async def _chunks(queue: asyncio.Queue[SourceItem | None]) -> AsyncIterator[list[SourceItem]]:
    """What comes, in lists: the first is short, so that work begins, and each soon after its first item."""
    loop, size = asyncio.get_running_loop(), FIRST_CHUNK
    while True:
        item = await queue.get()
        if item is _END:
            return
        chunk, until = [item], loop.time() + PATIENCE
        while len(chunk) < size:
            try:
                async with asyncio.timeout_at(until):
                    item = await queue.get()
            except TimeoutError:
                break
            if item is _END:
                yield chunk
                return
            chunk.append(item)
        yield chunk
        size = CHUNK

"""Brings a vector index in line with what the catalog says of an image or a text."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar, overload

from orchestrator.application.consistency import note
from orchestrator.application.ports import (
    Kind,
    OutboxEntry,
    Ports,
    Record,
    VectorRecord,
    Work,
)
from orchestrator.domain.attributes import image_attributes, region_attributes, text_attributes
from orchestrator.domain.errors import Unavailable
from orchestrator.domain.filter import Attributes
from orchestrator.domain.image import Image
from orchestrator.domain.lexical import document_terms
from orchestrator.domain.names import EmbeddedName, ImageName, RecordName, RegionName, TextName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.text import Text

_ATTEMPTS = 16
_KINDS = {ImageName: Kind.IMAGE, RegionName: Kind.REGION, TextName: Kind.TEXT}

Result = TypeVar("Result")
_under_way: set[asyncio.Task[Any]] = set()


@overload
async def settle(
    ports: Ports, name: ImageName, entry: OutboxEntry | None = ..., work: Work[Record] | None = ...
) -> Image | None: ...
@overload
async def settle(
    ports: Ports, name: TextName, entry: OutboxEntry | None = ..., work: Work[Record] | None = ...
) -> Text | None: ...
@overload
async def settle(
    ports: Ports, name: RecordName, entry: OutboxEntry | None = ..., work: Work[Record] | None = ...
) -> Record | None: ...


async def settle(
    ports: Ports,
    name: RecordName,
    entry: OutboxEntry | None = None,
    work: Work[Record] | None = None,
) -> Record | None:
    """Ends a write that the catalog has begun, whoever began it; None where the image or text is gone.

    Vectors go into the index, or out of it, and then the catalog shows what has become searchable and clears
    `entry`. `work` spares a read where the caller has it. Doing it twice, or from two processes at once, ends
    the same: an index written from what is no longer so is written again. Raises Unavailable.
    """
    before: Work[Record] | None = None
    for _ in range(_ATTEMPTS):
        work = work or await ports.catalog.read_work(name)
        if work is None:
            if before is not None:
                await _delete(ports, before.namespace, _names(before))
            if entry is not None:
                await ports.catalog.clear([entry])
            return None
        await _apply(ports, work, before)
        if await ports.catalog.finish(work, entry):
            if work.record.state is RecordState.DELETING:
                return None
            return replace(work.record, state=RecordState.ACTIVE)
        before, work = work, None
    raise Unavailable(f"{name} keeps changing", retry_after=1.0)


async def settle_texts(ports: Ports, works: Sequence[Work[Text]]) -> list[Text | None]:
    """As `settle`, for text records of one collection that were begun together: two steps for all of them.

    Raises Unavailable.
    """
    if not works:
        return []
    records = [record for work in works for record in records_of(work)]
    await upsert(ports, works[0].namespace, works[0].dimension, records)
    done = await ports.catalog.finish_all(works)
    return [
        replace(work.record, state=RecordState.ACTIVE)
        if is_done
        else await settle(ports, work.record.name, work.entry)
        for work, is_done in zip(works, done, strict=True)
    ]


async def see_through(work: Coroutine[Any, Any, Result]) -> Result:
    """Awaits `work`, which goes on to its end even when the caller is cancelled meanwhile."""
    task = asyncio.create_task(work)
    _under_way.add(task)
    task.add_done_callback(_forget)
    return await asyncio.shield(task)


async def upsert(ports: Ports, namespace: str, dimension: int, records: Sequence[VectorRecord]) -> None:
    """Writes records to a namespace, which is made where the index has lost it. Raises Unavailable."""
    try:
        token = await ports.index.upsert(namespace, records)
    except Unavailable:  # down, or without this namespace: only trying tells
        await ports.index.create_namespace(namespace, dimension)
        token = await ports.index.upsert(namespace, records)
    note(namespace, token)


def records_of(work: Work[Record]) -> list[VectorRecord]:
    """What an index keeps of an image and its regions, or of a text."""
    record = work.record
    whole = text_attributes(record) if isinstance(record, Text) else image_attributes(record)

    def of(name: EmbeddedName) -> Attributes:
        if not isinstance(name, RegionName):
            return whole
        return region_attributes(whole, work.region_labels.get(name, ()))

    return [
        VectorRecord(
            name=str(stored.name),
            kind=_KINDS[type(stored.name)],
            vector=stored.vector,
            attributes=attributes,
            terms=document_terms(attributes),
        )
        for stored in work.vectors
        for attributes in [of(stored.name)]
    ]


async def _apply(ports: Ports, work: Work[Record], before: Work[Record] | None) -> None:
    if work.record.state is RecordState.DELETING:
        await _delete(ports, work.namespace, {*_names(work), *(_names(before) if before else ())})
        if isinstance(work.record, Image):
            await ports.blobs.delete([work.record.blob_key])
        return
    await upsert(ports, work.namespace, work.dimension, records_of(work))
    wanted = {stored.name for stored in work.vectors}
    gone = {*work.removed, *(_names(before) if before else ())} - wanted
    if gone:
        await _delete(ports, work.namespace, gone)


async def _delete(ports: Ports, namespace: str, names: Iterable[EmbeddedName]) -> None:
    await ports.index.delete(namespace, [str(name) for name in names])


def _names(work: Work[Record]) -> set[EmbeddedName]:
    return {*(stored.name for stored in work.vectors), *work.removed}


def _forget(task: asyncio.Task[Any]) -> None:
    _under_way.discard(task)
    if not task.cancelled():
        task.exception()  # the caller may be gone: the outbox remembers what is left to do

"""Brings a vector index in line with what the catalog says of an image."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from orchestrator.application.consistency import note
from orchestrator.application.ports import Kind, OutboxEntry, Ports, StoredVector, VectorRecord, Work
from orchestrator.domain.attributes import image_attributes, region_attributes
from orchestrator.domain.errors import Unavailable
from orchestrator.domain.filter import Attributes
from orchestrator.domain.image import Image, ImageState
from orchestrator.domain.lexical import document_terms
from orchestrator.domain.names import ImageName, RegionName

_ATTEMPTS = 16

Result = TypeVar("Result")
_under_way: set[asyncio.Task[Any]] = set()


async def settle(
    ports: Ports, name: ImageName, entry: OutboxEntry | None = None, work: Work | None = None
) -> Image | None:
    """Ends a write that the catalog has begun, whoever began it; None where the image is gone.

    Vectors go into the index, or out of it, and then the catalog shows what has become searchable and clears
    `entry`. `work` spares a read where the caller has it. Doing it twice, or from two processes at once, ends
    the same: an index written from what is no longer so is written again. Raises Unavailable.
    """
    before: Work | None = None
    for _ in range(_ATTEMPTS):
        work = work or await ports.catalog.read_work(name)
        if work is None:
            if before is not None:
                await _delete(ports, before.namespace, _names(before))
            if entry is not None:
                await ports.catalog.clear(entry)
            return None
        await _apply(ports, work, before)
        if await ports.catalog.finish(work, entry):
            if work.image.state is ImageState.DELETING:
                return None
            return replace(work.image, state=ImageState.ACTIVE)
        before, work = work, None
    raise Unavailable(f"{name} keeps changing", retry_after=1.0)


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


def records_of(work: Work) -> list[VectorRecord]:
    """What an index keeps of an image and its regions."""
    image = image_attributes(work.image)

    def of(name: ImageName | RegionName) -> Attributes:
        if isinstance(name, ImageName):
            return image
        return region_attributes(image, work.region_labels.get(name, ()))

    return [
        VectorRecord(
            name=str(stored.name),
            kind=_kind(stored),
            vector=stored.vector,
            attributes=attributes,
            terms=document_terms(attributes),
        )
        for stored in work.vectors
        for attributes in [of(stored.name)]
    ]


async def _apply(ports: Ports, work: Work, before: Work | None) -> None:
    if work.image.state is ImageState.DELETING:
        await _delete(ports, work.namespace, {*_names(work), *(_names(before) if before else ())})
        await ports.blobs.delete([work.image.blob_key])
        return
    await upsert(ports, work.namespace, work.dimension, records_of(work))
    wanted = {stored.name for stored in work.vectors}
    gone = {*work.removed, *(_names(before) if before else ())} - wanted
    if gone:
        await _delete(ports, work.namespace, gone)


async def _delete(ports: Ports, namespace: str, names: Iterable[ImageName | RegionName]) -> None:
    note(namespace, await ports.index.delete(namespace, [str(name) for name in names]))


def _names(work: Work) -> set[ImageName | RegionName]:
    return {*(stored.name for stored in work.vectors), *work.removed}


def _kind(stored: StoredVector) -> Kind:
    return Kind.REGION if isinstance(stored.name, RegionName) else Kind.IMAGE


def _forget(task: asyncio.Task[Any]) -> None:
    _under_way.discard(task)
    if not task.cancelled():
        task.exception()  # the caller may be gone: the outbox remembers what is left to do

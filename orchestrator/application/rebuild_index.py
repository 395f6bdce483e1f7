"""Makes vector indexes hold what the catalog keeps, without a model."""

import asyncio
from collections.abc import Sequence

import structlog

from orchestrator.application.collections import every_collection
from orchestrator.application.ports import Kind, OutboxEntry, Ports, Record, Work
from orchestrator.application.settle import records_of, settle, upsert
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import NotFound
from orchestrator.domain.names import EmbeddedName, RecordName

_WORKS = 64
_RECORDS = 512
_NAMES = 1000

_log = structlog.get_logger(__name__)


async def rebuild_indexes(ports: Ports) -> int:
    """Writes collections whose index lacks vectors anew from the kept ones; how many vectors.

    No model is asked. Raises Unavailable.
    """
    written = 0
    async for collection in every_collection(ports):
        await ports.index.create_namespace(collection.namespace, collection.dimension)
        if await _is_short(ports, collection):
            written += await _rebuild(ports, collection)
    return written


async def prune_indexes(ports: Ports) -> int:
    """Takes vectors of what no longer exists out of indexes that hold more than the catalog; how many.

    Raises Unavailable.
    """
    pruned = 0
    async for collection in every_collection(ports):
        found = await _held(ports, collection)
        if sum(found.values()) > sum(_kept(collection).values()):
            pruned += await _prune(ports, collection)
    return pruned


async def _prune(ports: Ports, collection: Collection) -> int:
    # The index first: a vector comes into it after its row, so what then has no row is of the past.
    orphans = {name async for name in ports.index.names(collection.namespace)}
    after: EmbeddedName | None = None
    while names := await ports.catalog.kept_names(collection.name, limit=_NAMES, after=after):
        orphans.difference_update(map(str, names))
        after = names[-1]
    left = list(orphans)
    for start in range(0, len(left), _NAMES):
        await ports.index.delete(collection.namespace, left[start : start + _NAMES])
    if left:
        _log.warning("rebuild.pruned", collection=str(collection.name), vectors=len(left))
    return len(left)


async def _is_short(ports: Ports, collection: Collection) -> bool:
    found, kept = await _held(ports, collection), _kept(collection)
    if all(found[kind] >= kept[kind] for kind in Kind):
        return False
    # An index holds a vector before the catalog shows it and loses it after: only what was deleted meanwhile
    # can make it look short, or counts that lag behind.
    if ports.index.lag:
        await asyncio.sleep(ports.index.lag)
        found = await _held(ports, collection)
    try:
        now = await ports.catalog.get_collection(collection.name)
    except NotFound:
        return False
    return any(found[kind] < min(kept[kind], _kept(now)[kind]) for kind in Kind)


async def _held(ports: Ports, collection: Collection) -> dict[Kind, int]:
    """How many vectors the index holds."""
    return {kind: await ports.index.count(collection.namespace, kind) for kind in Kind}


def _kept(collection: Collection) -> dict[Kind, int]:
    """How many the catalog counts."""
    return {
        Kind.IMAGE: collection.image_count,
        Kind.REGION: collection.region_count,
        Kind.TEXT: collection.text_count,
    }


async def _rebuild(ports: Ports, collection: Collection) -> int:
    _log.warning("rebuild.begins", collection=str(collection.name), namespace=collection.namespace)
    written = 0
    after: RecordName | None = None
    while works := await ports.catalog.kept_work(collection.name, limit=_WORKS, after=after):
        after = works[-1].record.name
        # Whoever is killed between what is written here and what has changed meanwhile still owes the change.
        owed = await ports.catalog.owe([work.record.name for work in works])
        records = [record for work in works for record in records_of(work)]
        for part in range(0, len(records), _RECORDS):
            some = records[part : part + _RECORDS]
            await upsert(ports, collection.namespace, collection.dimension, some)
        written += len(records)
        await _correct(ports, works, owed)
    return written


async def _correct(ports: Ports, works: Sequence[Work[Record]], owed: Sequence[OutboxEntry]) -> None:
    """Settles the images and texts that changed, or went, while their vectors were written."""
    revisions = await ports.catalog.revisions([work.record.name for work in works])
    unchanged: list[OutboxEntry] = []
    for work, entry in zip(works, owed, strict=True):
        if revisions.get(work.record.name) == work.revision:
            unchanged.append(entry)
        else:
            await settle(ports, work.record.name, entry, work)
    await ports.catalog.clear(unchanged)

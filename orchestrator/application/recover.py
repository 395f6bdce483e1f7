"""Ends what was cut short: at start, and now and then."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from orchestrator.application.collections import finish_deletion
from orchestrator.application.ports import Kind, OutboxEntry, Ports, Work
from orchestrator.application.settle import records_of, settle, upsert
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import NotFound, SightlineError, Unavailable

GRACE = timedelta(seconds=10)
"""Age at which a write counts as cut short. Ending one that is not harms nothing: `settle` may run twice."""

ORPHAN_AGE = timedelta(hours=1)
REQUEST_AGE = timedelta(days=1)

_BATCH = 200
_SIDE_BY_SIDE = 8
_REBUILD_IMAGES = 64
_REBUILD_RECORDS = 512
_SWEEP_KEYS = 500
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0  # seconds

_log = structlog.get_logger(__name__)


async def recover_once(ports: Ports, *, grace: timedelta = GRACE) -> int:
    """Ends creations, changes and deletions that were cut short; how many. Raises Unavailable."""
    before, after, ended = datetime.now(UTC) - grace, 0, 0
    while entries := await ports.catalog.owed(before=before, limit=_BATCH, after=after):
        after = entries[-1].id
        for start in range(0, len(entries), _SIDE_BY_SIDE):
            some = entries[start : start + _SIDE_BY_SIDE]
            done = await asyncio.gather(*(_end(ports, entry) for entry in some), return_exceptions=True)
            for error in done:
                if isinstance(error, BaseException):
                    raise error
            ended += sum(map(bool, done))
    for collection in await ports.catalog.deleting_collections():
        await finish_deletion(ports, collection)
        ended += 1
    return ended


async def rebuild_indexes(ports: Ports) -> int:
    """Writes collections whose index lacks vectors anew from the kept ones; how many vectors.

    No model is asked. Raises Unavailable.
    """
    written, after = 0, ""
    while page := await ports.catalog.list_collections(limit=_BATCH, after=after):
        after = page[-1].name.collection
        for collection in page:
            await ports.index.create_namespace(collection.namespace, collection.dimension)
            if await _is_short(ports, collection):
                written += await _rebuild(ports, collection)
    return written


async def sweep_blobs(ports: Ports, *, age: timedelta = ORPHAN_AGE) -> int:
    """Deletes files older than `age` that belong to no image: of creations that were killed; how many.

    Raises Unavailable.
    """
    before, swept, keys = datetime.now(UTC) - age, 0, list[str]()
    async for key, written in ports.blobs.list():
        if written < before:
            keys.append(key)
        if len(keys) == _SWEEP_KEYS:
            swept += await _sweep(ports, keys)
            keys = []
    return swept + await _sweep(ports, keys)


async def keep_recovering(
    ports: Ports, *, every: float = 5.0, check_every: float = 30.0, sweep_every: float = 6 * 3600.0
) -> None:
    """Recovers until it is cancelled: at once and wholly, then every few seconds what has grown old.

    Indexes are compared with the catalog every `check_every` seconds, files every `sweep_every`. An engine
    that does not answer is waited for, a little longer each time.
    """
    await _until_done(lambda: recover_once(ports, grace=timedelta(0)))
    compared = swept = -math.inf
    while True:
        now = time.monotonic()
        if now - compared >= check_every:
            await _until_done(lambda: rebuild_indexes(ports))
            compared = now
        if now - swept >= sweep_every:
            await _until_done(lambda: sweep_blobs(ports))
            await _until_done(lambda: _forget_requests(ports))
            swept = now
        await asyncio.sleep(every)
        await _until_done(lambda: recover_once(ports))


async def _until_done(step: Callable[[], Awaitable[object]]) -> None:
    pause = _FIRST_PAUSE
    while True:
        try:
            await step()
            return
        except Unavailable as error:
            _log.info("recovery.waits", seconds=pause, because=error.message)
        except Exception as error:
            _log.error("recovery.failed", exc_info=error)
            return
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _forget_requests(ports: Ports) -> None:
    await ports.catalog.forget_requests(before=datetime.now(UTC) - REQUEST_AGE)


async def _end(ports: Ports, entry: OutboxEntry) -> bool:
    """Ends one write. One that cannot be ended does not hold up the others."""
    try:
        await settle(ports, entry.image, entry)
    except Unavailable:
        raise
    except SightlineError as error:
        _log.error("recovery.image_failed", image=str(entry.image), reason=error.reason, exc_info=error)
        return False
    return True


async def _is_short(ports: Ports, collection: Collection) -> bool:
    found = {kind: await ports.index.count(collection.namespace, kind) for kind in Kind}
    if found[Kind.IMAGE] >= collection.image_count and found[Kind.REGION] >= collection.region_count:
        return False
    # An index holds a vector before the catalog shows it and loses it after: only what was deleted meanwhile
    # can make it look short.
    try:
        now = await ports.catalog.get_collection(collection.name)
    except NotFound:
        return False
    images = min(collection.image_count, now.image_count)
    regions = min(collection.region_count, now.region_count)
    return found[Kind.IMAGE] < images or found[Kind.REGION] < regions


async def _rebuild(ports: Ports, collection: Collection) -> int:
    _log.warning("recovery.rebuilds", collection=str(collection.name), namespace=collection.namespace)
    written, after = 0, ""
    while works := await ports.catalog.kept_work(collection.name, limit=_REBUILD_IMAGES, after=after):
        after = works[-1].image.name.image
        records = [record for work in works for record in records_of(work)]
        for part in range(0, len(records), _REBUILD_RECORDS):
            some = records[part : part + _REBUILD_RECORDS]
            await upsert(ports, collection.namespace, collection.dimension, some)
        written += len(records)
        await _correct(ports, works)
    return written


async def _correct(ports: Ports, works: Sequence[Work]) -> None:
    """Settles the images that changed, or went, while their vectors were written."""
    revisions = await ports.catalog.revisions([work.image.name for work in works])
    for work in works:
        if revisions.get(work.image.name) != work.revision:
            await settle(ports, work.image.name, work=work)


async def _sweep(ports: Ports, keys: Sequence[str]) -> int:
    known = await ports.catalog.known_uids([key.rpartition(".")[2] for key in keys])
    orphans = [key for key in keys if key.rpartition(".")[2] not in known]
    await ports.blobs.delete(orphans)
    return len(orphans)

"""Ends what was cut short: at start, and now and then."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from orchestrator.application.collections import finish_deletion
from orchestrator.application.ports import OutboxEntry, Ports
from orchestrator.application.rebuild_index import prune_indexes, rebuild_indexes
from orchestrator.application.settle import settle
from orchestrator.domain.errors import SightlineError, Unavailable
from orchestrator.domain.image import uid_of

GRACE = timedelta(seconds=10)
"""Age at which a write counts as cut short. Ending one that is not harms nothing: `settle` may run twice."""

ORPHAN_AGE = timedelta(hours=1)
REQUEST_AGE = timedelta(days=1)

_BATCH = 200
_SIDE_BY_SIDE = 8
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
    for collection in await ports.catalog.deleting_collections(before=before):
        # Not while another does: who is late would take the namespace of a collection that is made anew.
        if collection in await ports.catalog.deleting_collections(before=before):
            await finish_deletion(ports, collection)
            ended += 1
    return ended


async def sweep_blobs(ports: Ports, *, age: timedelta = ORPHAN_AGE) -> int:
    """Deletes files older than `age` that belong to no image: of creations that were killed; how many.

    Only those that are named as an image's are: a bucket may hold others'. Raises Unavailable.
    """
    before, swept, keys = datetime.now(UTC) - age, 0, list[str]()
    async for key, written in ports.blobs.list():
        if written < before and uid_of(key):
            keys.append(key)
        if len(keys) == _SWEEP_KEYS:
            swept += await _sweep(ports, keys)
            keys = []
    return swept + await _sweep(ports, keys)


async def keep_recovering(
    ports: Ports, *, every: float = 5.0, check_every: float = 30.0, sweep_every: float = 6 * 3600.0
) -> None:
    """Recovers until it is cancelled: at once and wholly, then every few seconds what has grown old.

    Indexes are compared with the catalog every `check_every` seconds, files every `sweep_every`, by the one
    of several orchestrators that leads. An engine that does not answer is waited for, a little longer each
    time.
    """
    await _until_done(lambda: recover_once(ports, grace=timedelta(0)))
    if ports.leads():
        await _until_done(lambda: prune_indexes(ports))
    compared = swept = -math.inf
    while True:
        now = time.monotonic()
        if now - compared >= check_every and ports.leads():
            await _until_done(lambda: rebuild_indexes(ports))
            compared = now
        if now - swept >= sweep_every and ports.leads():
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
        await settle(ports, entry.name, entry)
    except Unavailable:
        raise
    except SightlineError as error:
        _log.error("recovery.record_failed", record=str(entry.name), reason=error.reason, exc_info=error)
        return False
    return True


async def _sweep(ports: Ports, keys: Sequence[str]) -> int:
    known = await ports.catalog.known_uids([uid_of(key) for key in keys])
    orphans = [key for key in keys if uid_of(key) not in known]
    await ports.blobs.delete(orphans)
    return len(orphans)

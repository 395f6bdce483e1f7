"""Asks an image-text matcher about hits: their pixels are read, cut out, and looked at together."""

import asyncio
import hashlib
import time
from collections.abc import Sequence

import numpy as np
import structlog

from orchestrator.application.content import stored_file
from orchestrator.application.ports import Matcher, Ports
from orchestrator.application.ranking import Hit
from orchestrator.domain.errors import DataLoss, DeadlineExceeded, NotFound
from orchestrator.domain.image import Picture
from orchestrator.domain.region import crop

_DECODED_AT_ONCE = 4

_log = structlog.get_logger(__name__)


async def match_hits(
    ports: Ports, matcher: Matcher, text: str, hits: Sequence[Hit], seconds: float | None = None
) -> list[float | None]:
    """How likely each hit shows what a text says, 0 to 1: remembered, or asked for in one batch.

    None where a file is gone. Raises Unavailable, ResourceExhausted; DeadlineExceeded where `seconds` are too
    few, at once where those before took longer.
    """
    keys = [_key(matcher, text, hit) for hit in hits]
    known = await asyncio.gather(*map(ports.cache.get, keys))
    found = [None if kept is None else float(np.frombuffer(kept, np.float32)[0]) for kept in known]
    missing = [place for place, match in enumerate(found) if match is None]
    if not missing:
        return found
    late = DeadlineExceeded(f"the deadline left no time to look at {len(missing)} hits again")
    if not ports.pace.has_room(matcher.stamp, len(missing), seconds):
        raise late
    begun = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            matches = await _look(ports, matcher, text, {place: hits[place] for place in missing})
    except TimeoutError as error:
        ports.pace.took(matcher.stamp, len(missing), time.monotonic() - begun, ended=False)
        raise late from error
    ports.pace.took(matcher.stamp, len(missing), time.monotonic() - begun, ended=True)
    found = [matches.get(place, match) for place, match in enumerate(found)]
    keep = (ports.cache.put(keys[place], np.float32(match).tobytes()) for place, match in matches.items())
    await asyncio.gather(*keep)
    return found


async def _look(ports: Ports, matcher: Matcher, text: str, hits: dict[int, Hit]) -> dict[int, float]:
    async with ports.permits.take():
        looked = await _prepare(ports, matcher, hits)
    matches = await matcher.match(text, list(looked.values())) if looked else ()
    return {place: float(match) for place, match in zip(looked, matches, strict=True)}


async def _prepare(ports: Ports, matcher: Matcher, hits: dict[int, Hit]) -> dict[int, Picture]:
    """What the matcher looks at of each hit's pixels. A file is decoded once, few at a time."""
    places: dict[str, list[int]] = {}
    for place, hit in hits.items():
        places.setdefault(hit.image.uid, []).append(place)
    free = asyncio.Semaphore(_DECODED_AT_ONCE)
    prepared: dict[int, Picture] = {}

    async def look(some: Sequence[int]) -> None:
        image = hits[some[0]].image
        async with free:
            try:
                decoded = await ports.pictures.decode(await stored_file(ports, image))
            except (NotFound, DataLoss) as error:
                _log.warning("rerank.not_looked_at", image=str(image.name), because=error.message)
                return
            for place in some:
                region = hits[place].region
                part = crop(decoded.pixels, region.segment.box) if region else decoded.pixels
                prepared[place] = await matcher.prepare(part)

    try:
        async with asyncio.TaskGroup() as group:
            for some in places.values():
                group.create_task(look(some))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return prepared


def _key(matcher: Matcher, text: str, hit: Hit) -> str:
    said = hashlib.sha256(text.encode()).hexdigest()
    box = hit.region.segment.box if hit.region else None
    return f"match/{matcher.stamp}/{said}/{hit.image.facts.sha256}/{box}"

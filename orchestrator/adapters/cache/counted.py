"""How often a cache had what it was asked for."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from orchestrator.application.ports import Cache

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of lookups."""

    hits: int
    misses: int

    @property
    def rate(self) -> float:
        """Hits among lookups, 0 to 1; 0 where there were none."""
        return self.hits / max(1, self.hits + self.misses)


class CountedCache:
    """A cache that counts its hits and misses, by the kind that a key begins with, up to its first slash."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._hits, self._misses = Counter[str](), Counter[str]()

    async def get(self, key: str) -> bytes | None:
        """None where it has none."""
        found = await self._cache.get(key)
        (self._misses if found is None else self._hits)[key.partition("/")[0]] += 1
        return found

    async def put(self, key: str, value: bytes) -> None:
        """Keeps a value for a while."""
        await self._cache.put(key, value)

    def tallies(self) -> Mapping[str, Tally]:
        """Since the beginning, by kind."""
        kinds = sorted(self._hits.keys() | self._misses.keys())
        return {kind: Tally(hits=self._hits[kind], misses=self._misses[kind]) for kind in kinds}

    async def keep_telling(self, every: float) -> None:
        """Logs, until it is cancelled, what was counted since the beginning; nothing where nobody asked."""
        told: Mapping[str, Tally] = {}
        while True:
            await asyncio.sleep(every)
            if (now := self.tallies()) != told:
                _log.info(
                    "cache",
                    **{
                        kind.replace("-", "_"): f"{tally.rate:.0%} of {tally.hits + tally.misses}"
                        for kind, tally in now.items()
                    },
                )
                told = now

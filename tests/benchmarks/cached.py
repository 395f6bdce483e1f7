"""What a cache saves: the same searches and thumbnails without one, with the one in memory, with Redis."""

from __future__ import annotations

import asyncio
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestrator.adapters.cache.counted import CountedCache
from orchestrator.application.content import image_content
from orchestrator.application.query import TextQuery
from orchestrator.application.search import SearchQuery, search
from orchestrator.bootstrap import open_ports
from orchestrator.domain.names import CollectionName, ImageName
from orchestrator.settings import Settings
from sightline import Sightline
from tests.benchmarks.mesh import Mesh
from tests.benchmarks.queries import SEED, texts
from tests.benchmarks.rounds import turned
from tests.fixtures.redis import RedisServer

NONE, MEMORY, REDIS = "none", "memory", "Redis"
COLLECTION = CollectionName("cached")
SIDE = 256  # pixels of a thumbnail


@dataclass(frozen=True, slots=True, kw_only=True)
class Cached:
    """One cache's figures: means over a round's calls, one at a time, the median of the rounds.

    `hit_rate` is of all lookups, 0 to 1. Every round begins with an empty cache.
    """

    cache: str
    distinct: int
    calls_a_round: int
    rounds: int
    hit_rate: float
    search_ms: float
    thumbnail_ms: float


def measure_cache(mesh: Mesh, files: Sequence[bytes], *, rounds: int, queries: int) -> list[Cached]:
    """Asks for texts and thumbnails of which some are popular: the one of rank r comes 1/r as often."""
    names = _fill(mesh, files)
    said = texts(max(queries // 2, 1))
    measured: dict[str, list[tuple[float, float, float]]] = {}
    with _caches(mesh) as caches:
        for number in range(rounds):
            draw = random.Random(SEED + number)
            asked = draw.choices(said, [1 / rank for rank in range(1, len(said) + 1)], k=queries)
            shown = draw.choices(names, [1 / rank for rank in range(1, len(names) + 1)], k=queries)
            for name in turned(list(caches), number):
                settings = caches[name]()
                found = asyncio.run(_round(settings, asked, shown))
                measured.setdefault(name, []).append(found)
    return [
        Cached(
            cache=name,
            distinct=len(said),
            calls_a_round=queries,
            rounds=rounds,
            hit_rate=statistics.median(rate for rate, _, _ in measured[name]),
            search_ms=statistics.median(each for _, each, _ in measured[name]),
            thumbnail_ms=statistics.median(each for _, _, each in measured[name]),
        )
        for name in caches
    ]


def _fill(mesh: Mesh, files: Sequence[bytes]) -> list[ImageName]:
    with Sightline(mesh.orchestrator) as client:
        client.create_collection(COLLECTION.collection, segmentation="off")
        made = [client.create_image(file, collection=COLLECTION.collection) for file in files]
    return [ImageName(COLLECTION.collection, image.name.rpartition("/")[2]) for image in made]


@contextmanager
def _caches(mesh: Mesh) -> Iterator[Mapping[str, Callable[[], Settings]]]:
    """By name: a function that empties a cache and gives settings with it. Redis where it is installed."""
    settings = mesh.settings().model_dump()
    caches = {
        NONE: lambda: Settings(**settings | {"cache_bytes": 0}),
        MEMORY: lambda: Settings(**settings),
    }
    with ExitStack() as ending:
        if shutil.which("redis-server"):
            server = RedisServer(Path(ending.enter_context(tempfile.TemporaryDirectory())))
            ending.callback(server.stop)
            server.start()

            def emptied() -> Settings:
                with server.client() as client:
                    client.flushall()
                return Settings(**settings | {"cache_url": server.url})

            caches[REDIS] = emptied
        yield caches


async def _round(
    settings: Settings, asked: Sequence[str], shown: Sequence[ImageName]
) -> tuple[float, float, float]:
    """The hit rate, and the mean milliseconds of a search and of a thumbnail."""
    async with open_ports(settings) as ports:
        cache = ports.cache
        assert isinstance(cache, CountedCache)

        async def find(text: str) -> None:
            await search(ports, SearchQuery(parent=COLLECTION, query=TextQuery(text=text)))

        await find("to warm up")
        await image_content(ports, name=shown[0], max_pixels=SIDE + 1)
        before = sum(tally.hits + tally.misses for tally in cache.tallies().values())
        begun = time.perf_counter()
        for text in asked:
            await find(text)
        searched = time.perf_counter()
        for name in shown:
            await image_content(ports, name=name, max_pixels=SIDE)
        ended = time.perf_counter()
        tallies = cache.tallies().values()
        hits, lookups = sum(each.hits for each in tallies), sum(each.hits + each.misses for each in tallies)
    return (
        hits / (lookups - before),
        (searched - begun) / len(asked) * 1000,
        (ended - searched) / len(shown) * 1000,
    )

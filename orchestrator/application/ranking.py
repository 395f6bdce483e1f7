"""The index's order of everything, read from a rank on, and what the catalog knows of it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from orchestrator.application.ports import Kind, Neighbour, Ports, Record, WordMatch
from orchestrator.domain.collection import Collection
from orchestrator.domain.embedding import Calibration, Vector
from orchestrator.domain.filter import Filter
from orchestrator.domain.image import Image
from orchestrator.domain.lexical import Terms
from orchestrator.domain.names import EmbeddedName, parse_image, parse_region, parse_text
from orchestrator.domain.region import Region

MAX_RANK = 10_000
THUMBNAIL_PIXELS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something found: an image, a region of it, or a text record.

    `thumbnail_uri` is a path below the gateway's address; a text has none. `rank` is its place in the index's
    order; `match` what the matcher gave, None where it did not look; `lexical` the score of its words, None
    where they were not compared. Hits are ordered by `score`.
    """

    record: Record
    region: Region | None
    rank: int
    cosine: float
    score: float
    relevance: float
    thumbnail_uri: str
    match: float | None = None
    lexical: float | None = None

    @property
    def image(self) -> Image:
        """The image that was found, or whose region was. Not to be asked for of a text."""
        if not isinstance(self.record, Image):
            raise TypeError(f"{self.record.name} is no image")
        return self.record


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some hits, where the next page goes on (JSON; None on the last), and the stages that were skipped."""

    hits: list[Hit]
    cursor: Any
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a search, and how long it took in all."""

    name: str
    seconds: float


@dataclass(slots=True)
class Stopwatch:
    """Measures the stages of a search."""

    _seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the time that a block takes to a stage."""
        start = time.perf_counter()
        yield
        self._seconds[name] = self._seconds.get(name, 0.0) + time.perf_counter() - start

    def stages(self) -> tuple[Stage, ...]:
        """The stages that ended, in the order of their beginnings."""
        return tuple(Stage(name=name, seconds=seconds) for name, seconds in self._seconds.items())


class Ranked(Protocol):
    """An order of what a collection holds."""

    @property
    def ports(self) -> Ports:
        """What it asks."""
        ...

    @property
    def clock(self) -> Stopwatch:
        """What its stages are measured by."""
        ...

    async def page(self, rank: int, size: int) -> tuple[list[Hit], int | None]:
        """The hits from a rank on, and the rank that the next page begins with; None on the last page."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What is nearest to a vector, best first. `itself` is not found; relevance from `min_relevance` on.

    With the `token` of a write to the index it sees that write.
    """

    ports: Ports
    collection: Collection
    vector: Vector
    target: Kind
    filter: Filter | None
    calibration: Calibration
    min_relevance: float
    itself: EmbeddedName | None
    clock: Stopwatch
    token: str | None = None

    async def page(self, rank: int, size: int) -> tuple[list[Hit], int | None]:
        """The hits from a rank on, and the rank that the next page begins with; None on the last page."""
        hits: list[Hit] = []
        while rank < MAX_RANK:
            # One more than is wanted tells whether there is a next page; one more still may be the query.
            more = 2 if self.itself else 1
            limit = min(size - len(hits) + more, MAX_RANK - rank)
            neighbours = await self.neighbours(rank, limit)
            shown = await self.hits(neighbours, range(rank, rank + len(neighbours)))
            for neighbour, hit in zip(neighbours, shown, strict=True):
                if self.calibration.relevance(neighbour.cosine) < self.min_relevance:
                    return hits, None
                if hit is not None and neighbour.name != str(self.itself):
                    if len(hits) == size:
                        return hits, hit.rank
                    hits.append(hit)
            rank += len(neighbours)
            if len(neighbours) < limit:
                return hits, None
        return hits, None

    async def worded(self, terms: Terms, limit: int) -> Sequence[WordMatch]:
        """What has the most of some terms."""
        with self.clock.stage("lexical_matches"):
            return await self.ports.index.search_words(
                self.collection.namespace,
                terms,
                self.target,
                limit=limit,
                filter=self.filter,
                token=self.token,
            )

    async def hits(self, neighbours: Sequence[Neighbour], ranks: Sequence[int]) -> list[Hit | None]:
        """Each with what the catalog knows of it, at its rank; None of what went in the meantime."""
        return [
            None
            if known is None
            else _hit(neighbour, rank, self.calibration.relevance(neighbour.cosine), *known)
            for neighbour, rank, known in zip(neighbours, ranks, await self._hydrate(neighbours), strict=True)
        ]

    async def neighbours(self, rank: int, limit: int) -> Sequence[Neighbour]:
        """What is nearest, from a rank on."""
        with self.clock.stage("nearest_neighbours"):
            return await self.ports.index.search(
                self.collection.namespace,
                self.vector,
                self.target,
                limit=limit,
                offset=rank,
                filter=self.filter,
                token=self.token,
            )

    async def _hydrate(
        self, neighbours: Sequence[Neighbour]
    ) -> Sequence[tuple[Record, Region | None] | None]:
        """What the catalog knows of each; None of what went in the meantime, or is not shown yet."""
        with self.clock.stage("hydrate"):
            catalog = self.ports.catalog
            if self.target is Kind.IMAGE:
                names = [parse_image(each.name) for each in neighbours]
                images = await catalog.get_images(names)
                return [(images[name], None) if name in images else None for name in names]
            if self.target is Kind.TEXT:
                records = [parse_text(each.name) for each in neighbours]
                texts = await catalog.get_texts(records)
                return [(texts[name], None) if name in texts else None for name in records]
            parts = [parse_region(each.name) for each in neighbours]
            regions = await catalog.get_regions(parts)
            images = await catalog.get_images(list(dict.fromkeys(name.parent for name in regions)))
            return [
                (images[name.parent], regions[name]) if name in regions and name.parent in images else None
                for name in parts
            ]


def _hit(neighbour: Neighbour, rank: int, relevance: float, record: Record, region: Region | None) -> Hit:
    pictured = isinstance(record, Image)
    return Hit(
        record=record,
        region=region,
        rank=rank,
        cosine=neighbour.cosine,
        score=neighbour.cosine,
        relevance=relevance,
        thumbnail_uri=f"/v1/{neighbour.name}:content?maxPixels={THUMBNAIL_PIXELS}" if pictured else "",
    )

"""Finds images and regions by a text, a picture, a stored image or region, a box, or a vector."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from orchestrator.application.embed import embedder_of
from orchestrator.application.filters import parse_filter
from orchestrator.application.paging import clamp_page_size, decode_page_token, encode_page_token
from orchestrator.application.ports import Embedder, Kind, Neighbour, Ports
from orchestrator.application.query import (
    PictureQuery,
    Query,
    StoredQuery,
    TextQuery,
    VectorQuery,
    embed_query,
)
from orchestrator.domain.collection import Collection
from orchestrator.domain.embedding import Vector
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.filter import Filter
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName, ImageName, parse_image, parse_region
from orchestrator.domain.region import Region

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 10, 200
MAX_RANK = 10_000
THUMBNAIL_PIXELS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """A search. `target`: whole images or regions. `filter`: AIP-160. `page_size` 0: 10; at most 200."""

    parent: CollectionName
    query: Query
    target: Kind = Kind.IMAGE
    filter: str = ""
    page_size: int = 0
    page_token: str = ""
    min_relevance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something found: an image, or a region of it. `thumbnail_uri` is a path below the gateway's address."""

    image: Image
    region: Region | None
    cosine: float
    relevance: float
    thumbnail_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a search, and how long it took in all."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """How a text query was read; `truncated`: words beyond the text tower's length were cut off."""

    text: str
    filter: str
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """A page of hits, the best first. `total_size` None: not known."""

    hits: tuple[Hit, ...]
    next_page_token: str
    total_size: int | None
    stages: tuple[Stage, ...]
    skipped_stages: tuple[str, ...] = ()
    understanding: Understanding | None = None


async def search(ports: Ports, query: SearchQuery) -> SearchResult:
    """Finds the nearest images or regions.

    Relevance is the pack's calibration of its cosine, fitted on texts and pictures, or on texts and regions
    where words ask for regions; two pictures of one thing lie closer than a picture and its words, so between
    pictures it is nearer to 1 and orders alike.
    Hits whose image went in the meantime are left out, and the page is filled from those behind them.
    Raises NotFound, InvalidArgument, FailedPrecondition, Unavailable, ResourceExhausted.
    """
    parsed = parse_filter(query.filter)
    size = clamp_page_size(query.page_size, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    if not 0 <= query.min_relevance <= 1:
        raise InvalidArgument.field("min_relevance", "must be from 0 to 1")
    if isinstance(query.query, PictureQuery):  # a hash of up to 32 MiB
        await asyncio.to_thread(getattr, query.query, "sha256")
    request = _identity(query)
    rank = decode_page_token(query.page_token, request) or 0
    collection = await ports.catalog.get_collection(query.parent)
    embedder = embedder_of(ports, collection)

    clock = _Stopwatch()
    with clock.stage("embed"):
        vector, truncated = await embed_query(ports, embedder, query.parent, query.query)
    ranking = _Ranking(ports, collection, embedder, query, parsed, vector, clock)
    hits, next_rank = await ranking.page(rank, size)
    return SearchResult(
        hits=tuple(hits),
        next_page_token=encode_page_token(next_rank, request) if next_rank is not None else "",
        total_size=_total(collection, query),
        stages=clock.stages(),
        understanding=Understanding(text=query.query.text, filter=query.filter, truncated=truncated)
        if isinstance(query.query, TextQuery)
        else None,
    )


def _identity(query: SearchQuery) -> Mapping[str, Any]:
    """Everything that decides what the pages hold."""
    match query.query:
        case PictureQuery() as picture:
            said: Any = picture.sha256
        case VectorQuery(values):
            said = np.asarray(values, np.float64)
        case other:
            said = repr(other)
    return {
        "parent": str(query.parent),
        "kind": type(query.query).__name__,
        "query": said,
        "target": query.target.value,
        "filter": query.filter,
        "min_relevance": query.min_relevance,
    }


def _total(collection: Collection, query: SearchQuery) -> int | None:
    """How many hits all pages have: known only where nothing narrows them down."""
    if query.filter or query.min_relevance:
        return None
    images = query.target is Kind.IMAGE
    count = collection.image_count if images else collection.region_count
    itself = isinstance(query.query, StoredQuery) and isinstance(query.query.name, ImageName) == images
    return max(0, count - itself)


@dataclass(slots=True)
class _Stopwatch:
    _seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self._seconds[name] = self._seconds.get(name, 0.0) + time.perf_counter() - start

    def stages(self) -> tuple[Stage, ...]:
        return tuple(Stage(name=name, seconds=seconds) for name, seconds in self._seconds.items())


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The index's order of everything, read from a rank on."""

    ports: Ports
    collection: Collection
    embedder: Embedder
    query: SearchQuery
    filter: Filter | None
    vector: Vector
    clock: _Stopwatch

    async def page(self, rank: int, size: int) -> tuple[list[Hit], int | None]:
        """The hits from a rank on, and the rank that the next page begins with; None on the last page."""
        hits: list[Hit] = []
        named_regions = isinstance(self.query.query, TextQuery) and self.query.target is Kind.REGION
        calibration = self.embedder.region_calibration if named_regions else self.embedder.calibration
        while rank < MAX_RANK:
            # One more than is wanted tells whether there is a next page; one more still may be the query.
            more = 2 if isinstance(self.query.query, StoredQuery) else 1
            limit = min(size - len(hits) + more, MAX_RANK - rank)
            neighbours = await self._neighbours(rank, limit)
            shown = await self._hydrate(neighbours)
            for neighbour, known in zip(neighbours, shown, strict=True):
                relevance = calibration.relevance(neighbour.cosine)
                if relevance < self.query.min_relevance:
                    return hits, None
                if known is not None and not self._is_query(neighbour):
                    if len(hits) == size:
                        return hits, rank
                    hits.append(_hit(neighbour, relevance, *known))
                rank += 1
            if len(neighbours) < limit:
                return hits, None
        return hits, None

    async def _neighbours(self, rank: int, limit: int) -> Sequence[Neighbour]:
        with self.clock.stage("nearest_neighbours"):
            return await self.ports.index.search(
                self.collection.namespace,
                self.vector,
                self.query.target,
                limit=limit,
                offset=rank,
                filter=self.filter,
            )

    def _is_query(self, neighbour: Neighbour) -> bool:
        return isinstance(self.query.query, StoredQuery) and neighbour.name == str(self.query.query.name)

    async def _hydrate(self, neighbours: Sequence[Neighbour]) -> Sequence[tuple[Image, Region | None] | None]:
        """What the catalog knows of each; None of what went in the meantime, or is not shown yet."""
        with self.clock.stage("hydrate"):
            catalog = self.ports.catalog
            if self.query.target is Kind.IMAGE:
                names = [parse_image(each.name) for each in neighbours]
                images = await catalog.get_images(names)
                return [(images[name], None) if name in images else None for name in names]
            parts = [parse_region(each.name) for each in neighbours]
            regions = await catalog.get_regions(parts)
            images = await catalog.get_images(list(dict.fromkeys(name.parent for name in regions)))
            return [
                (images[name.parent], regions[name]) if name in regions and name.parent in images else None
                for name in parts
            ]


def _hit(neighbour: Neighbour, relevance: float, image: Image, region: Region | None) -> Hit:
    return Hit(
        image=image,
        region=region,
        cosine=neighbour.cosine,
        relevance=relevance,
        thumbnail_uri=f"/v1/{neighbour.name}:content?maxPixels={THUMBNAIL_PIXELS}",
    )

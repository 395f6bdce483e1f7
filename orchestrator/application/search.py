"""Finds images, regions and texts by words, a picture, a stored record or region, a box, or a vector."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from orchestrator.application.consistency import token_for
from orchestrator.application.embed import embedder_of
from orchestrator.application.filters import parse_filter
from orchestrator.application.fusion import Hybrid, check_hybrid
from orchestrator.application.hybrid import HybridRanking
from orchestrator.application.merge import Merging
from orchestrator.application.paging import clamp_page_size, decode_page_token, encode_page_token
from orchestrator.application.ports import Embedder, Kind, Matcher, Ports
from orchestrator.application.query import (
    PictureQuery,
    Query,
    StoredQuery,
    TextQuery,
    VectorQuery,
    embed_query,
)
from orchestrator.application.ranking import Hit, Page, Ranked, Ranking, Stage, Stopwatch
from orchestrator.application.rerank import Rerank, Reranking, check_rerank, matcher_of
from orchestrator.domain.collection import Collection
from orchestrator.domain.embedding import Calibration
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument
from orchestrator.domain.lexical import query_terms
from orchestrator.domain.names import CollectionName, ImageName, RegionName, TextName

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 10, 200


class Target(Enum):
    """What is searched, and which kinds of vectors that are."""

    IMAGES = (Kind.IMAGE,)
    REGIONS = (Kind.REGION,)
    TEXTS = (Kind.TEXT,)
    IMAGES_AND_TEXTS = (Kind.IMAGE, Kind.TEXT)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """In the order in which equally good hits are answered."""
        kinds: tuple[Kind, ...] = self.value
        return kinds


_KINDS = {ImageName: Kind.IMAGE, RegionName: Kind.REGION, TextName: Kind.TEXT}


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """A search. `filter`: AIP-160. `page_size` 0: 10; at most 200.

    `hybrid`: a text is also matched by its words. `rerank`: its best hits are looked at again. With the
    `consistency_token` of a write it sees it.
    """

    parent: CollectionName
    query: Query
    target: Target = Target.IMAGES
    filter: str = ""
    page_size: int = 0
    page_token: str = ""
    min_relevance: float = 0.0
    rerank: Rerank | None = None
    hybrid: Hybrid | None = None
    consistency_token: str = ""


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


async def search(ports: Ports, query: SearchQuery, *, seconds: float | None = None) -> SearchResult:
    """Finds the nearest images, regions or texts; `seconds` are those that the caller waits.

    Relevance is the pack's calibration of its cosine, fitted on texts and pictures, or on texts and regions
    where words ask for regions; two pictures of one thing lie closer than a picture and its words, as do two
    texts, so between pictures, and between texts, it is nearer to 1 and orders alike.
    Hits whose record went in the meantime are left out, and the page is filled from those behind them.
    Raises NotFound, InvalidArgument, FailedPrecondition, Unavailable, ResourceExhausted, DeadlineExceeded.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    parsed = parse_filter(query.filter)
    size = clamp_page_size(query.page_size, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    if not 0 <= query.min_relevance <= 1:
        raise InvalidArgument.field("min_relevance", "must be from 0 to 1")
    _check_hybrid(query)
    if isinstance(query.query, PictureQuery):  # a hash of up to 32 MiB
        await asyncio.to_thread(getattr, query.query, "sha256")
    request = _identity(query)
    cursor = decode_page_token(query.page_token, request)
    collection = await ports.catalog.get_collection(query.parent)
    token = token_for(query.consistency_token, collection.namespace)
    embedder = embedder_of(ports, collection)
    matcher = _matcher(ports, collection, query, query.rerank) if query.rerank else None

    clock = Stopwatch()
    with clock.stage("embed"):
        vector, truncated = await embed_query(ports, embedder, query.parent, query.query)
    rankings: list[Ranked] = [
        _fused(
            query,
            Ranking(
                ports=ports,
                collection=collection,
                vector=vector,
                target=kind,
                filter=parsed,
                calibration=_calibration(embedder, query.query, kind),
                min_relevance=query.min_relevance,
                itself=query.query.name if isinstance(query.query, StoredQuery) else None,
                clock=clock,
                token=token,
            ),
        )
        for kind in query.target.kinds
    ]
    if len(rankings) > 1:
        page = await Merging(rankings=rankings).page(cursor, size)
    elif query.rerank and isinstance(query.query, TextQuery):
        reranking = Reranking(
            ranking=rankings[0], text=query.query.text, how=query.rerank, matcher=matcher, deadline=deadline
        )
        page = await reranking.page(cursor, size)
    else:
        hits, next_rank = await rankings[0].page(cursor or 0, size)
        page = Page(hits=hits, cursor=next_rank)
    return SearchResult(
        hits=tuple(page.hits),
        next_page_token=encode_page_token(page.cursor, request) if page.cursor is not None else "",
        total_size=_total(collection, query),
        stages=clock.stages(),
        skipped_stages=page.skipped,
        understanding=Understanding(text=query.query.text, filter=query.filter, truncated=truncated)
        if isinstance(query.query, TextQuery)
        else None,
    )


def _fused(query: SearchQuery, ranking: Ranking) -> Ranked:
    """The ranking, with words where they are asked for."""
    if query.hybrid is None or not isinstance(query.query, TextQuery):
        return ranking
    return HybridRanking(ranking=ranking, terms=query_terms(query.query.text), how=query.hybrid)


def _check_hybrid(query: SearchQuery) -> None:
    """Raises InvalidArgument for weights that are none, and where there is no text."""
    if query.hybrid is not None:
        check_hybrid(query.hybrid)
        if not isinstance(query.query, TextQuery):
            raise InvalidArgument.field("hybrid", "needs a text: words are compared with words")


def _matcher(ports: Ports, collection: Collection, query: SearchQuery, rerank: Rerank) -> Matcher | None:
    """The matcher to rerank with; None where there is none, and the caller does without.

    Raises InvalidArgument where there is no text to match or no picture, FailedPrecondition.
    """
    check_rerank(rerank)
    if Kind.TEXT in query.target.kinds:
        raise InvalidArgument.field("rerank", "looks at pictures, and text records have none")
    if not isinstance(query.query, TextQuery):
        raise InvalidArgument.field("rerank", "needs a text: a matcher compares pictures with words")
    try:
        return matcher_of(ports, collection)
    except FailedPrecondition:
        if rerank.allow_skip:
            return None
        raise


def _calibration(embedder: Embedder, query: Query, kind: Kind) -> Calibration:
    named_regions = isinstance(query, TextQuery) and kind is Kind.REGION
    return embedder.region_calibration if named_regions else embedder.calibration


def _identity(query: SearchQuery) -> Mapping[str, Any]:
    """Everything that decides what the pages hold."""
    match query.query:
        case PictureQuery() as picture:
            said: Any = picture.sha256
        case VectorQuery(values=values):
            said = np.asarray(values, np.float64)
        case other:
            said = repr(other)
    return {
        "parent": str(query.parent),
        "kind": type(query.query).__name__,
        "query": said,
        "target": query.target.name,
        "filter": query.filter,
        "min_relevance": query.min_relevance,
        **({"rerank": query.rerank} if query.rerank else {}),
        **({"hybrid": query.hybrid} if query.hybrid else {}),
    }


def _total(collection: Collection, query: SearchQuery) -> int | None:
    """How many hits all pages have: known only where nothing narrows them down."""
    if query.filter or query.min_relevance or (query.hybrid and not query.hybrid.by_vector):
        return None
    counts = {
        Kind.IMAGE: collection.image_count,
        Kind.REGION: collection.region_count,
        Kind.TEXT: collection.text_count,
    }
    count = sum(counts[kind] for kind in query.target.kinds)
    if isinstance(query.query, StoredQuery):
        count -= _KINDS[type(query.query.name)] in query.target.kinds
    return max(0, count)

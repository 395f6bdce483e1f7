"""Searches, as messages and back."""

from collections.abc import Iterable

from orchestrator.application.duplicates import Group
from orchestrator.application.fusion import Hybrid
from orchestrator.application.query import (
    BoxQuery,
    PictureQuery,
    Query,
    StoredQuery,
    TextQuery,
    VectorQuery,
)
from orchestrator.application.ranking import Hit
from orchestrator.application.rerank import Rerank
from orchestrator.application.search import SearchQuery, SearchResult, Target
from orchestrator.domain.errors import InvalidArgument, Unimplemented
from orchestrator.domain.names import parse_collection, parse_image, parse_text
from orchestrator.domain.text import Text
from orchestrator.grpc_api.translate.embedding import parse_image_or_region
from orchestrator.grpc_api.translate.image import to_labels
from orchestrator.grpc_api.translate.region import from_box, to_box, to_mask
from orchestrator.grpc_api.translate.time import to_duration
from sightline.v1 import search_service_pb2

_TARGETS = {search_service_pb2.SearchRequest.Target.Value(target.name): target for target in Target}


def from_search(request: search_service_pb2.SearchRequest) -> SearchQuery:
    """A search. Raises Unimplemented, naming the field, for what is not offered yet; InvalidArgument."""
    for name, given in (
        ("positive", bool(request.positive)),
        ("negative", bool(request.negative)),
    ):
        if given:
            raise Unimplemented.field(name)
    return SearchQuery(
        parent=parse_collection(request.parent, "parent"),
        query=_from_query(request),
        target=_TARGETS.get(request.target, Target.IMAGES),
        filter=request.filter,
        page_size=request.page_size,
        page_token=request.page_token,
        min_relevance=request.min_relevance,
        rerank=_from_rerank(request),
        hybrid=_from_hybrid(request),
        consistency_token=request.consistency_token,
    )


def _from_hybrid(request: search_service_pb2.SearchRequest) -> Hybrid | None:
    if not request.HasField("hybrid"):
        return None
    return Hybrid(vector_weight=request.hybrid.vector_weight, lexical_weight=request.hybrid.lexical_weight)


def _from_rerank(request: search_service_pb2.SearchRequest) -> Rerank | None:
    given = request.rerank_options
    if not request.rerank:
        if request.HasField("rerank_options"):
            raise InvalidArgument.field("rerank_options", "says how hits are reranked: set rerank too")
        return None
    weights = {
        name: getattr(given, name) for name in ("matcher_weight", "vector_weight") if given.HasField(name)
    }
    return Rerank(candidates=given.candidates, allow_skip=given.allow_skip, **weights)


def _from_query(request: search_service_pb2.SearchRequest) -> Query:
    match request.WhichOneof("query"):
        case "text":
            return TextQuery(request.text)
        case "image":
            return PictureQuery(request.image.content)
        case "name":
            if "/texts/" in request.name:
                return StoredQuery(parse_text(request.name))
            return StoredQuery(parse_image_or_region(request.name, "name"))
        case "box":
            return BoxQuery(parse_image(request.box.image, "box.image"), from_box(request.box.box))
        case "vector":
            vector = request.vector
            return VectorQuery(tuple(vector.values), vector.pack, vector.revision, vector.preprocessing)
    raise InvalidArgument.field("query", "is required")


def to_search_response(result: SearchResult) -> search_service_pb2.SearchResponse:
    """The answer of `Search`."""
    response = search_service_pb2.SearchResponse(
        hits=[_to_hit(hit) for hit in result.hits],
        next_page_token=result.next_page_token,
        total_size=result.total_size,
        stages=[
            search_service_pb2.Stage(name=stage.name, duration=to_duration(stage.seconds))
            for stage in result.stages
        ],
        skipped_stages=result.skipped_stages,
    )
    if result.understanding is not None:
        response.query_understanding.text = result.understanding.text
        response.query_understanding.filter = result.understanding.filter
        response.query_understanding.truncated = result.understanding.truncated
    return response


def to_duplicates(groups: Iterable[Group], next_page_token: str) -> search_service_pb2.FindDuplicatesResponse:
    """The answer of `FindDuplicates`."""
    return search_service_pb2.FindDuplicatesResponse(
        groups=[
            search_service_pb2.FindDuplicatesResponse.Group(
                images=map(str, group.images), similarity=group.similarity
            )
            for group in groups
        ],
        next_page_token=next_page_token,
    )


def _to_hit(hit: Hit) -> search_service_pb2.Hit:
    if isinstance(hit.record, Text):
        return _to_text_hit(hit, hit.record)
    image, region = hit.image, hit.region
    labels = region.labels if region is not None else image.description.labels
    message = search_service_pb2.Hit(
        image=str(image.name),
        score=hit.score,
        relevance=hit.relevance,
        components=search_service_pb2.Hit.Components(
            vector=hit.cosine, lexical=hit.lexical, rerank=hit.match
        ),
        folder=image.description.folder,
        caption=image.description.caption,
        labels=to_labels(labels),
        predicted_labels=to_labels((region or image).predicted_labels),
        width=image.facts.width,
        height=image.facts.height,
        thumbnail_uri=hit.thumbnail_uri,
        display_name=image.description.display_name,
    )
    if region is not None:
        message.region = str(region.name)
        message.box.CopyFrom(to_box(region.segment.box))
        if region.segment.mask is not None:
            message.mask.CopyFrom(to_mask(region.segment.mask))
    return message


def _to_text_hit(hit: Hit, text: Text) -> search_service_pb2.Hit:
    return search_service_pb2.Hit(
        text=str(text.name),
        content=text.fields.content,
        score=hit.score,
        relevance=hit.relevance,
        components=search_service_pb2.Hit.Components(vector=hit.cosine, lexical=hit.lexical),
        folder=text.fields.folder,
        labels=to_labels(text.fields.labels),
        display_name=text.fields.display_name,
    )

"""Qdrant's services of points and health: each method reads its request, asks a collection, answers."""

from typing import Any

import qdrant_edge as edge

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.edge import schema, values
from orchestrator.adapters.index.edge.answering import answering
from orchestrator.adapters.index.edge.collection import Collection
from orchestrator.adapters.index.edge.errors import BadRequest, NotServed
from orchestrator.adapters.index.edge.filters import read_filter
from orchestrator.adapters.index.edge.store import Store

MAX_LIMIT = 16_384
"""Points that one answer holds."""


class Points(q.PointsServicer):
    """`qdrant.Points`. Every write is durable when it is answered."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @answering
    def Upsert(self, request: q.UpsertPoints) -> q.PointsOperationResponse:
        """Writes points."""
        if request.HasField("update_filter") or request.update_mode:
            raise NotServed("conditional upserts")
        collection = self._store.get(request.collection_name)
        points = [
            values.read_point(point, collection.dimension, collection.sparse) for point in request.points
        ]
        collection.upsert(points)
        return _done()

    @answering
    def Delete(self, request: q.DeletePoints) -> q.PointsOperationResponse:
        """Deletes points, by ids or filter."""
        collection = self._store.get(request.collection_name)
        collection.delete(_selected(collection, request.points))
        return _done()

    @answering
    def SetPayload(self, request: q.SetPayloadPoints) -> q.PointsOperationResponse:
        """Sets top-level keys of payloads."""
        return self._set_payload(request, overwrite=False)

    @answering
    def OverwritePayload(self, request: q.SetPayloadPoints) -> q.PointsOperationResponse:
        """Replaces payloads."""
        return self._set_payload(request, overwrite=True)

    def _set_payload(self, request: q.SetPayloadPoints, overwrite: bool) -> q.PointsOperationResponse:
        if request.key:
            raise NotServed("payloads below a key")
        collection = self._store.get(request.collection_name)
        payload = values.read_payload(request.payload)
        collection.set_payload(_selected(collection, request.points_selector), payload, overwrite)
        return _done()

    @answering
    def CreateFieldIndex(self, request: q.CreateFieldIndexCollection) -> q.PointsOperationResponse:
        """Indexes a field of the payloads."""
        collection = self._store.get(request.collection_name)
        index = schema.read_schema(request)
        try:
            collection.create_index(request.field_name, index)
        except ValueError as error:
            raise BadRequest(f"{request.field_name!r} is no path") from error
        return _done()

    @answering
    def CreateVectorName(self, request: q.CreateVectorNameRequest) -> q.PointsOperationResponse:
        """Makes room for a sparse vector."""
        if request.sparse_config.modifier != q.Modifier.Idf:
            raise NotServed("vectors other than sparse ones with a term's rarity")
        self._store.get(request.collection_name).create_sparse(request.vector_name)
        return _done()

    @answering
    def Query(self, request: q.QueryPoints) -> q.QueryResponse:
        """The points nearest to a vector, or with the most of a sparse vector's terms."""
        if request.query.WhichOneof("variant") != "nearest" or request.prefetch:
            raise NotServed("queries other than a vector's nearest points")
        collection = self._store.get(request.collection_name)
        query = _nearest(request, collection)
        offset, limit = request.offset, request.limit if request.HasField("limit") else 10
        if offset + limit > MAX_LIMIT:
            raise BadRequest(f"offset and limit add up to {offset + limit}, more than {MAX_LIMIT}")
        if limit == 0:
            return q.QueryResponse()
        found = collection.shard.query(
            edge.QueryRequest(
                query=query,
                limit=limit,
                offset=offset,
                filter=read_filter(request.filter) if request.HasField("filter") else None,
                params=_search_params(request.params) if request.HasField("params") else None,
                score_threshold=request.score_threshold if request.HasField("score_threshold") else None,
                with_payload=values.payload_selector(request.with_payload),
                with_vector=values.with_vectors(request.with_vectors),
            )
        )
        return q.QueryResponse(
            result=[
                q.ScoredPoint(
                    id=values.write_id(point.id),
                    score=point.score,
                    version=point.version,
                    payload=values.write_payload(point.payload),
                    vectors=values.write_vectors(point.vector),
                )
                for point in found
            ]
        )

    @answering
    def Scroll(self, request: q.ScrollPoints) -> q.ScrollResponse:
        """Points in the order of their ids, a page at a time."""
        if request.HasField("order_by"):
            raise NotServed("order_by")
        limit = request.limit if request.HasField("limit") else 10
        if not 1 <= limit <= MAX_LIMIT:
            raise BadRequest(f"a limit of {limit}; 1 to {MAX_LIMIT} can be asked for")
        records, after = self._store.get(request.collection_name).shard.scroll(
            edge.ScrollRequest(
                offset=values.read_id(request.offset) if request.HasField("offset") else None,
                limit=limit,
                filter=read_filter(request.filter) if request.HasField("filter") else None,
                with_payload=values.payload_selector(request.with_payload),
                with_vector=values.with_vectors(request.with_vectors),
            )
        )
        page = q.ScrollResponse(result=[_retrieved(record) for record in records])
        if after is not None:
            page.next_page_offset.CopyFrom(values.write_id(after))
        return page

    @answering
    def Get(self, request: q.GetPoints) -> q.GetResponse:
        """Points by id; missing ones are left out."""
        if len(request.ids) > MAX_LIMIT:
            raise BadRequest(f"{len(request.ids)} ids, more than {MAX_LIMIT}")
        records = self._store.get(request.collection_name).shard.retrieve(
            [values.read_id(id) for id in request.ids],
            with_payload=values.payload_selector(request.with_payload),
            with_vector=values.with_vectors(request.with_vectors),
        )
        return q.GetResponse(result=[_retrieved(record) for record in records])

    @answering
    def Count(self, request: q.CountPoints) -> q.CountResponse:
        """How many points fulfil a filter."""
        filter = read_filter(request.filter) if request.HasField("filter") else None
        exact = request.exact if request.HasField("exact") else True
        count = self._store.get(request.collection_name).shard.count(
            edge.CountRequest(filter=filter, exact=exact)
        )
        return q.CountResponse(result=q.CountResult(count=count))


class Health(q.QdrantServicer):
    """`qdrant.Qdrant`."""

    @answering
    def HealthCheck(self, request: q.HealthCheckRequest) -> q.HealthCheckReply:
        """That the server answers, and what it is."""
        return q.HealthCheckReply(title="sightline edge server on Qdrant Edge", version="0.9")


def _selected(collection: Collection, selector: q.PointsSelector) -> list[Any]:
    """The ids that a selector means. A filter is resolved first: a build in progress is told by ids."""
    match selector.WhichOneof("points_selector_one_of"):
        case "points":
            return [values.read_id(id) for id in selector.points.ids]
        case "filter":
            filter, ids, after = read_filter(selector.filter), list[Any](), None
            while True:
                request = edge.ScrollRequest(offset=after, limit=MAX_LIMIT, filter=filter)
                records, after = collection.shard.scroll(request)
                ids += [record.id for record in records]
                if after is None:
                    return ids
    raise BadRequest("neither ids nor a filter")


def _nearest(request: q.QueryPoints, collection: Collection) -> Any:
    match request.query.nearest.WhichOneof("variant"):
        case "dense" if not request.using:
            return edge.Query.Nearest(
                values.read_vector(request.query.nearest.dense.data, collection.dimension)
            )
        case "sparse":
            if request.using not in collection.sparse:
                raise BadRequest(f"the collection has no sparse vector {request.using!r}")
            return edge.Query.Nearest(values.read_sparse(request.query.nearest.sparse), using=request.using)
    raise NotServed("queries by anything but a dense or a sparse vector")


def _search_params(params: q.SearchParams) -> edge.SearchParams:
    return edge.SearchParams(
        hnsw_ef=params.hnsw_ef if params.HasField("hnsw_ef") else None,
        exact=params.exact,
        indexed_only=params.indexed_only,
        acorn=edge.AcornSearchParams(
            enable=params.acorn.enable, max_selectivity=params.acorn.max_selectivity or None
        )
        if params.HasField("acorn")
        else None,
    )


def _retrieved(record: Any) -> q.RetrievedPoint:
    return q.RetrievedPoint(
        id=values.write_id(record.id),
        payload=values.write_payload(record.payload),
        vectors=values.write_vectors(record.vector),
    )


def _done() -> q.PointsOperationResponse:
    return q.PointsOperationResponse(result=q.UpdateResult(status=q.UpdateStatus.Completed))

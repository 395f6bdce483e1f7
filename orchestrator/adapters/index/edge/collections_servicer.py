"""Qdrant's service of collections over a store."""

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.edge import schema
from orchestrator.adapters.index.edge.answering import answering
from orchestrator.adapters.index.edge.errors import BadRequest, NotServed
from orchestrator.adapters.index.edge.store import Store

_DISTANCES = {q.Cosine: "Cosine", q.Euclid: "Euclid", q.Dot: "Dot", q.Manhattan: "Manhattan"}
_SPARSE = q.SparseVectorParams(modifier=q.Modifier.Idf)


class Collections(q.CollectionsServicer):
    """`qdrant.Collections`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @answering
    def Get(self, request: q.GetCollectionInfoRequest) -> q.GetCollectionInfoResponse:
        """How a collection is set up, and what it holds."""
        collection = self._store.get(request.collection_name)
        info = collection.shard.info()
        params = q.VectorParams(size=collection.dimension, distance=q.Distance.Value(collection.distance))
        return q.GetCollectionInfoResponse(
            result=q.CollectionInfo(
                status=q.CollectionStatus.Green,
                optimizer_status=q.OptimizerStatus(ok=True),
                segments_count=info.segments_count,
                config=q.CollectionConfig(
                    params=q.CollectionParams(
                        shard_number=1,
                        vectors_config=q.VectorsConfig(params=params),
                        sparse_vectors_config=q.SparseVectorConfig(
                            map=dict.fromkeys(
                                collection.sparse, q.SparseVectorParams(modifier=q.Modifier.Idf)
                            )
                        ),
                    )
                ),
                payload_schema=schema.write_schema(info.payload_schema),
                points_count=info.points_count,
                indexed_vectors_count=info.indexed_vectors_count,
            )
        )

    @answering
    def List(self, request: q.ListCollectionsRequest) -> q.ListCollectionsResponse:
        """All collections."""
        names = self._store.names()
        return q.ListCollectionsResponse(collections=[q.CollectionDescription(name=name) for name in names])

    @answering
    def CollectionExists(self, request: q.CollectionExistsRequest) -> q.CollectionExistsResponse:
        """Whether a collection is there."""
        exists = request.collection_name in self._store.names()
        return q.CollectionExistsResponse(result=q.CollectionExists(exists=exists))

    @answering
    def Create(self, request: q.CreateCollection) -> q.CollectionOperationResponse:
        """Makes a collection of one dense vector a point, and sparse ones. Its graph's settings are the
        server's own, and so is how it is spread: over one shard."""
        if request.vectors_config.WhichOneof("config") != "params":
            raise NotServed("named dense vectors")
        params = request.vectors_config.params
        sparse = request.sparse_vectors_config.map
        if any(each.modifier != q.Modifier.Idf for each in sparse.values()):
            raise NotServed("sparse vectors without a term's rarity")
        if params.distance not in _DISTANCES:
            raise BadRequest("a collection without a distance")
        self._store.create(
            request.collection_name, params.size, _DISTANCES[params.distance], tuple(sorted(sparse))
        )
        return q.CollectionOperationResponse(result=True)

    @answering
    def Delete(self, request: q.DeleteCollection) -> q.CollectionOperationResponse:
        """Deletes a collection; one that is not there is no error."""
        return q.CollectionOperationResponse(result=self._store.delete(request.collection_name))

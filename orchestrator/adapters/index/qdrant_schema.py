"""The collections that Sightline makes in Qdrant: their vectors, and which payload fields are indexed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.qdrant_payload import FORMAT, KIND, WORDS, path

# Each costs memory and time at every write: those that people filter by.
_KEYWORDS = ("content_type", "sha256", "labels", "exif.camera")
_NUMBERS = ("width", "height", "size_bytes", "create_time", "update_time", "exif.taken_time")
_TEXTS = ("caption", "display_name")


_FEW = 0.4
"""The share of all that a filter lets through, up to which it is few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharding:
    """How collections are spread over a cluster's nodes; 0: as the server says."""

    shards: int = 0
    replicas: int = 0
    write_consistency: int = 0


def new_collection(name: str, dimension: int, sharding: Sharding) -> q.CreateCollection:
    """One dense vector a point, compared by cosine, and one of its words."""
    return q.CreateCollection(
        collection_name=name,
        vectors_config=q.VectorsConfig(params=q.VectorParams(size=dimension, distance=q.Cosine)),
        sparse_vectors_config=q.SparseVectorConfig(
            map={WORDS: q.SparseVectorParams(modifier=q.Modifier.Idf)}
        ),
        shard_number=sharding.shards or None,
        replication_factor=sharding.replicas or None,
        write_consistency_factor=sharding.write_consistency or None,
    )


def consistency(sharding: Sharding) -> tuple[q.ReadConsistency | None, q.WriteOrdering | None]:
    """How replicas are read and written, so that a write is seen at once.

    A replica may lag behind the one that acknowledged a write: most of them are asked, and writes go through
    one, in order.
    """
    if sharding.replicas < 2:
        return None, None
    return q.ReadConsistency(type=q.Majority), q.WriteOrdering(type=q.Strong)


def search_params(beam: int) -> q.SearchParams:
    """How the graph is walked: `beam` is ef.

    A filter that lets few through leaves islands of a graph that no walk joins, and next to nothing is found;
    ACORN also looks at neighbours' neighbours then (Patel et al., 2024).
    """
    params = q.SearchParams(hnsw_ef=beam)
    params.acorn.enable = True
    params.acorn.max_selectivity = _FEW
    return params


def words_vector(collection: str) -> q.CreateVectorNameRequest:
    """What a collection lacks that was made without; its points have no words until they are written anew."""
    return q.CreateVectorNameRequest(
        collection_name=collection,
        wait=True,
        vector_name=WORDS,
        sparse_config=q.SparseVectorCreationConfig(modifier=q.Modifier.Idf),
    )


def indexes(collection: str) -> Iterator[q.CreateFieldIndexCollection]:
    """The payload indexes of a collection. Any other attribute can be filtered too, only slower."""
    for field, (type, params) in _fields().items():
        yield q.CreateFieldIndexCollection(
            collection_name=collection,
            wait=True,
            field_name=field,
            field_type=type,
            field_index_params=params,
        )


def _fields() -> Mapping[str, tuple[q.FieldType.ValueType, q.PayloadIndexParams]]:
    # Links in the graph for single values of a field pay only where few values hold many records each.
    keyword = q.KeywordIndexParams(enable_hnsw=False, prefix=q.KeywordPrefixParams())
    number = q.PayloadIndexParams(float_index_params=q.FloatIndexParams(enable_hnsw=False))
    words = q.TextIndexParams(tokenizer=q.TokenizerType.Word, lowercase=True, enable_hnsw=False)
    linked = q.PayloadIndexParams(
        keyword_index_params=q.KeywordIndexParams(enable_hnsw=True, prefix=q.KeywordPrefixParams())
    )
    fields = {
        KIND: (q.FieldTypeKeyword, linked),
        FORMAT: (q.FieldTypeKeyword, q.PayloadIndexParams(keyword_index_params=keyword)),
        path("folder"): (q.FieldTypeKeyword, linked),
    }
    for name in _KEYWORDS:
        fields[path(name)] = (q.FieldTypeKeyword, q.PayloadIndexParams(keyword_index_params=keyword))
    for name in _NUMBERS:
        fields[path(name)] = (q.FieldTypeFloat, number)
    for name in _TEXTS:
        fields[path(name)] = (q.FieldTypeText, q.PayloadIndexParams(text_index_params=words))
    return fields

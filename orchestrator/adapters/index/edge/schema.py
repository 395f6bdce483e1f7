"""Payload indexes: Qdrant's protobuf ↔ Qdrant Edge's."""

from typing import Any

import qdrant_edge as edge

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.edge.errors import NotServed

_TYPES: dict[int, str] = {
    q.FieldTypeKeyword: "Keyword",
    q.FieldTypeInteger: "Integer",
    q.FieldTypeFloat: "Float",
    q.FieldTypeText: "Text",
    q.FieldTypeBool: "Bool",
    q.FieldTypeDatetime: "Datetime",
    q.FieldTypeUuid: "Uuid",
}
_TOKENIZERS = {
    q.TokenizerType.Prefix: edge.TokenizerType.Prefix,
    q.TokenizerType.Whitespace: edge.TokenizerType.Whitespace,
    q.TokenizerType.Word: edge.TokenizerType.Word,
    q.TokenizerType.Multilingual: edge.TokenizerType.Multilingual,
}


def read_schema(request: q.CreateFieldIndexCollection) -> Any:
    """What index a field gets: keyword, float, integer or text with the parameters that Sightline sets."""
    # Truth values stand in a shard as texts, see `values`.
    if request.field_type == q.FieldTypeBool:
        return edge.PayloadSchemaType.Keyword
    params = request.field_index_params
    match params.WhichOneof("index_params"):
        case "keyword_index_params":
            keyword = params.keyword_index_params
            return edge.KeywordIndexParams(
                prefix=keyword.HasField("prefix"),
                enable_hnsw=keyword.enable_hnsw if keyword.HasField("enable_hnsw") else None,
            )
        case "float_index_params":
            number = params.float_index_params
            return edge.FloatIndexParams(
                enable_hnsw=number.enable_hnsw if number.HasField("enable_hnsw") else None
            )
        case "text_index_params":
            text = params.text_index_params
            return edge.TextIndexParams(
                tokenizer=_TOKENIZERS.get(text.tokenizer),
                lowercase=text.lowercase if text.HasField("lowercase") else None,
                phrase_matching=text.phrase_matching if text.HasField("phrase_matching") else None,
                enable_hnsw=text.enable_hnsw if text.HasField("enable_hnsw") else None,
            )
        case None if request.field_type in _TYPES:
            return getattr(edge.PayloadSchemaType, _TYPES[request.field_type])
    raise NotServed("an index of this type")


def write_schema(schema: dict[str, Any]) -> dict[str, q.PayloadSchemaInfo]:
    """The indexes of a shard, as Qdrant answers them."""
    return {
        key: q.PayloadSchemaInfo(
            data_type=q.PayloadSchemaType.Value(str(info.data_type).rsplit(".", 1)[-1]), points=info.points
        )
        for key, info in schema.items()
    }

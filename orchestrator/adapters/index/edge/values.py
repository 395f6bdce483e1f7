"""Points, ids and payloads: Qdrant's protobuf ↔ Qdrant Edge's Python.

Edge's binding reads `True` as the integer 1 when it matches values, so a truth value stands in a shard as a
text of control characters, which no filter on texts finds; callers see truth values.
"""

import math
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import qdrant_edge as edge

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.edge.errors import BadRequest, NotServed

BOOLEANS = {True: "\x00\x01", False: "\x00\x02"}
_FROM_TEXT = {text: value for value, text in BOOLEANS.items()}
_MAX_DEPTH = 32


def read_id(id: q.PointId) -> int | UUID:
    """A point's id. Raises BadRequest."""
    if id.WhichOneof("point_id_options") == "num":
        return int(id.num)
    try:
        return UUID(id.uuid)
    except ValueError as error:
        raise BadRequest(f"{id.uuid!r} is not a UUID") from error


def write_id(id: Any) -> q.PointId:
    """A point's id as Qdrant answers it."""
    return q.PointId(num=id) if isinstance(id, int) else q.PointId(uuid=str(id))


def read_point(point: q.PointStruct, dimension: int) -> edge.Point:
    """A point to write. Raises BadRequest where its vector is missing, of another length, or not finite."""
    if point.vectors.WhichOneof("vectors_options") != "vector":
        raise NotServed("points with named vectors, or without a vector")
    vector = point.vectors.vector
    if vector.WhichOneof("vector") not in (None, "dense"):
        raise NotServed("vectors that are not dense")
    data = read_vector(vector.dense.data if vector.HasField("dense") else vector.data, dimension)
    return edge.Point(read_id(point.id), data, read_payload(point.payload))


def read_vector(data: Any, dimension: int) -> list[float]:
    """A dense vector. Raises BadRequest where it is of another length, or not finite."""
    if len(data) != dimension:
        raise BadRequest(f"a vector of {len(data)} numbers in a collection of {dimension}")
    vector = list(data)
    # Single-precision numbers cannot add up to more than a double holds: only one of them can be infinite.
    if not math.isfinite(sum(vector)):
        raise BadRequest("a vector whose numbers are not all finite")
    return vector


def read_payload(fields: Mapping[str, q.Value]) -> dict[str, Any]:
    """A payload to write."""
    return {key: _read(value, 0) for key, value in fields.items()}


def _read(value: q.Value, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise BadRequest(f"a payload nested deeper than {_MAX_DEPTH}")
    match value.WhichOneof("kind"):
        case "double_value":
            return value.double_value
        case "integer_value":
            return value.integer_value
        case "string_value":
            return value.string_value
        case "bool_value":
            return BOOLEANS[value.bool_value]
        case "struct_value":
            return {key: _read(item, depth + 1) for key, item in value.struct_value.fields.items()}
        case "list_value":
            return [_read(item, depth + 1) for item in value.list_value.values]
    return None


def write_payload(payload: Mapping[str, Any] | None) -> dict[str, q.Value]:
    """A payload as Qdrant answers it."""
    return {key: _write(value) for key, value in (payload or {}).items()}


def _write(value: Any) -> q.Value:
    match value:
        case None:
            return q.Value(null_value=q.NULL_VALUE)
        case str() if value in _FROM_TEXT:
            return q.Value(bool_value=_FROM_TEXT[value])
        case str():
            return q.Value(string_value=value)
        case bool():
            return q.Value(bool_value=value)
        case int():
            return q.Value(integer_value=value)
        case float():
            return q.Value(double_value=value)
        case Mapping():
            return q.Value(struct_value=q.Struct(fields=write_payload(value)))
        case _:
            return q.Value(list_value=q.ListValue(values=[_write(item) for item in value]))


def payload_selector(selector: q.WithPayloadSelector) -> Any:
    """Which part of a payload an answer holds; nothing unless asked for."""
    match selector.WhichOneof("selector_options"):
        case "include":
            return list(selector.include.fields)
        case "exclude":
            return edge.PayloadSelector.Exclude(list(selector.exclude.fields))
    return selector.enable


def with_vectors(selector: q.WithVectorsSelector) -> bool:
    """Whether an answer holds vectors."""
    if selector.WhichOneof("selector_options") == "include":
        raise NotServed("named vectors")
    return selector.enable


def write_vectors(vector: Any) -> q.VectorsOutput | None:
    """A point's vector as Qdrant answers it; None where it was not asked for."""
    if vector is None:
        return None
    return q.VectorsOutput(vector=q.VectorOutput(dense=q.DenseVector(data=vector)))

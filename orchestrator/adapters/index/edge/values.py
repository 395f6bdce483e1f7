"""Points, ids and payloads: Qdrant's protobuf ↔ Qdrant Edge's Python.

Edge's binding reads `True` as the integer 1 when it matches values, so a truth value stands in a shard as a
text of control characters, which no filter on texts finds; callers see truth values.
"""

import math
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import qdrant_edge as edge

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.edge.errors import BadRequest, NotServed

BOOLEANS = {True: "\x00\x01", False: "\x00\x02"}
_FROM_TEXT = {text: value for value, text in BOOLEANS.items()}
_MAX_DEPTH = 32

DENSE = ""
"""The name of the vector that has none."""


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


def read_point(point: q.PointStruct, dimension: int, sparse: Collection[str] = ()) -> edge.Point:
    """A point to write, with a dense vector and perhaps sparse ones of these names.

    Raises BadRequest where a vector is missing, of another length or name, or not finite.
    """
    match point.vectors.WhichOneof("vectors_options"):
        case "vector":
            vector: Any = _dense(point.vectors.vector, dimension)
        case "vectors":
            named = dict(point.vectors.vectors.vectors)
            if DENSE not in named:
                raise BadRequest("a point without a dense vector")
            vector = {DENSE: _dense(named.pop(DENSE), dimension)}
            for name, each in named.items():
                if name not in sparse or each.WhichOneof("vector") != "sparse":
                    raise BadRequest(f"the collection has no sparse vector {name!r}")
                vector[name] = read_sparse(each.sparse)
        case _:
            raise NotServed("points without a vector")
    return edge.Point(read_id(point.id), vector, read_payload(point.payload))


def _dense(vector: q.Vector, dimension: int) -> list[float]:
    if vector.WhichOneof("vector") not in (None, "dense"):
        raise NotServed("vectors that are not dense")
    return read_vector(vector.dense.data if vector.HasField("dense") else vector.data, dimension)


def read_sparse(sparse: q.SparseVector) -> edge.SparseVector:
    """A sparse vector. Raises BadRequest where its two lists differ in length, or a weight is not finite."""
    indices, values = list(sparse.indices), list(sparse.values)
    if len(indices) != len(values) or len(set(indices)) != len(indices):
        raise BadRequest("a sparse vector whose indices are not as many as its values, or not distinct")
    if not math.isfinite(sum(values)):
        raise BadRequest("a vector whose numbers are not all finite")
    return edge.SparseVector(indices, values)


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
    if not isinstance(vector, dict):
        return q.VectorsOutput(vector=q.VectorOutput(dense=q.DenseVector(data=vector)))
    named = {
        name: q.VectorOutput(dense=q.DenseVector(data=each))
        if isinstance(each, list)
        else q.VectorOutput(sparse=q.SparseVector(indices=each.indices, values=each.values))
        for name, each in vector.items()
    }
    return q.VectorsOutput(vectors=q.NamedVectorsOutput(vectors=named))

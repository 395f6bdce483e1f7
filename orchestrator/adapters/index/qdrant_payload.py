"""How a record stands in Qdrant: keys of attributes, payloads.

A payload is `{"name": …, "kind": …, "format": …, "attributes": {…}}`. Attributes stay flat, under their
dotted names: a path quotes such a key (`attributes."metadata.shop.id"`), so that a dot in a key of a
caller's metadata never reads as a nested object.
"""

import re
from collections.abc import Mapping, Sequence

from orchestrator.adapters.index.contract import q
from orchestrator.application.ports import VectorRecord
from orchestrator.domain.filter import Attributes, Value
from orchestrator.domain.lexical import Terms
from orchestrator.domain.names import vector_id

NAME = "name"
KIND = "kind"
FORMAT = "format"
ATTRIBUTES = "attributes"

CURRENT = "2"
"""The format of points as they are written now. Those of another one are found, but do not count: so an index
that was filled before counts as short of them, and is written anew from what the catalog keeps."""

WORDS = "words"
"""The sparse vector of a record's terms."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def key(attribute: str) -> str:
    """An attribute's key in the payload. Qdrant's paths cannot quote a quotation mark."""
    return attribute.replace("%", "%25").replace('"', "%22") or "%"


def path(attribute: str) -> str:
    """Where a filter finds an attribute. Quoted only where it must be, as Qdrant itself writes paths."""
    safe = key(attribute)
    return f"{ATTRIBUTES}.{safe}" if _PLAIN.fullmatch(safe) else f'{ATTRIBUTES}."{safe}"'


def point(record: VectorRecord) -> q.PointStruct:
    """A record as a point, with its vector and its words."""
    vectors = {"": q.Vector(dense=q.DenseVector(data=record.vector.tolist()))}
    if record.terms:
        vectors[WORDS] = q.Vector(sparse=sparse(record.terms))
    return q.PointStruct(
        id=point_id(record.name),
        vectors=q.Vectors(vectors=q.NamedVectors(vectors=vectors)),
        payload={
            FORMAT: q.Value(string_value=CURRENT),
            NAME: q.Value(string_value=record.name),
            KIND: q.Value(string_value=record.kind.value),
            **attributes_payload(record.attributes),
        },
    )


def sparse(terms: Terms) -> q.SparseVector:
    """Terms as Qdrant takes them."""
    return q.SparseVector(indices=terms.keys(), values=terms.values())


def point_id(name: str) -> q.PointId:
    """A record's id: Qdrant takes numbers and UUIDs alone."""
    return q.PointId(uuid=str(vector_id(name)))


def attributes_payload(attributes: Attributes) -> Mapping[str, q.Value]:
    """The part of a payload that filters look at."""
    fields = {key(name): _value(value) for name, value in attributes.items()}
    return {ATTRIBUTES: q.Value(struct_value=q.Struct(fields=fields))}


def _value(value: Value | Sequence[Value]) -> q.Value:
    if isinstance(value, bool):
        return q.Value(bool_value=value)
    if isinstance(value, str):
        return q.Value(string_value=value)
    if isinstance(value, int | float):
        return q.Value(double_value=float(value))
    return q.Value(list_value=q.ListValue(values=[_value(item) for item in value]))

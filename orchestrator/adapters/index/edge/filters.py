"""Filters: Qdrant's protobuf → Qdrant Edge's."""

from collections.abc import Iterable
from typing import Any

import qdrant_edge as edge

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.edge.errors import BadRequest, EdgeError, NotServed
from orchestrator.adapters.index.edge.values import BOOLEANS, read_id

# protobuf itself reads a hundred messages in one another, which are fifty filters.
_MAX_DEPTH = 32


def read_filter(filter: q.Filter) -> edge.Filter:
    """A filter. Raises BadRequest for a path that is none, NotServed for conditions that are not served."""
    try:
        return _filter(filter, 0)
    except EdgeError:
        raise
    except Exception as error:
        raise BadRequest("a filter with a path or value that Qdrant does not read") from error


def _filter(filter: q.Filter, depth: int) -> edge.Filter:
    if depth > _MAX_DEPTH:
        raise BadRequest(f"a filter nested deeper than {_MAX_DEPTH}")
    if filter.HasField("min_should"):
        raise NotServed("min_should")

    def conditions(of: Iterable[q.Condition]) -> list[Any] | None:
        return [_condition(condition, depth + 1) for condition in of] or None

    return edge.Filter(
        must=conditions(filter.must),
        should=conditions(filter.should),
        must_not=conditions(filter.must_not),
    )


def _condition(condition: q.Condition, depth: int) -> Any:
    match condition.WhichOneof("condition_one_of"):
        case "field":
            return _field(condition.field)
        case "is_empty":
            return edge.IsEmptyCondition(condition.is_empty.key)
        case "is_null":
            return edge.IsNullCondition(condition.is_null.key)
        case "has_id":
            return edge.HasIdCondition({read_id(id) for id in condition.has_id.has_id})
        case "filter":
            return _filter(condition.filter, depth)
        case kind:
            raise NotServed(f"conditions of kind {kind}")


def _field(field: q.FieldCondition) -> edge.FieldCondition:
    present = {descriptor.name for descriptor, _ in field.ListFields()} - {"key"}
    if present == {"match"}:
        return edge.FieldCondition(field.key, match=_match(field.match))
    if present == {"range"}:
        bounds = {descriptor.name: value for descriptor, value in field.range.ListFields()}
        return edge.FieldCondition(field.key, range=edge.RangeFloat(**bounds))
    raise NotServed(f"a condition on {', '.join(sorted(present)) or 'nothing'}")


def _match(match: q.Match) -> Any:
    kind = match.WhichOneof("match_value")
    match kind:
        case "keyword" | "integer":
            return edge.MatchValue(getattr(match, kind))
        case "boolean":
            return edge.MatchValue(BOOLEANS[match.boolean])
        case "text":
            return edge.MatchText(match.text)
        case "text_any":
            return edge.MatchTextAny(match.text_any)
        case "phrase":
            return edge.MatchPhrase(match.phrase)
        case "prefix":
            return edge.MatchPrefix(match.prefix)
        case "substring":
            return edge.MatchSubstring(match.substring)
        case "keywords":
            return edge.MatchAny(list(match.keywords.strings))
        case "integers":
            return edge.MatchAny(list(match.integers.integers))
        case "except_keywords":
            return edge.MatchExcept(list(match.except_keywords.strings))
        case "except_integers":
            return edge.MatchExcept(list(match.except_integers.integers))
    raise BadRequest("a match without a value")

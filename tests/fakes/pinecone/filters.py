"""Pinecone's filter language, as it is documented.

What is not documented is refused: a comparison of a missing field other than by what would not hold anyway.
"""

from collections.abc import Mapping
from typing import Any

from tests.fakes.pinecone.cloud import Refused


def fulfils(metadata: Mapping[str, Any], filter: Mapping[str, Any]) -> bool:
    """Whether a record's metadata fulfils a filter. Raises Refused."""
    return all(_clause(metadata, name, value) for name, value in filter.items())


def _clause(metadata: Mapping[str, Any], name: str, value: Any) -> bool:
    if name in ("$and", "$or"):
        if not isinstance(value, list) or not value:
            raise _bad(f"{name} takes a list")
        found = [fulfils(metadata, each) for each in value]
        return all(found) if name == "$and" else any(found)
    if name.startswith("$"):
        raise _bad(f"no operator {name} here")
    if not isinstance(value, dict):
        value = {"$eq": value}
    return all(_compares(metadata, name, operator, operand) for operator, operand in value.items())


def _compares(metadata: Mapping[str, Any], name: str, operator: str, operand: Any) -> bool:
    missing = name not in metadata
    items = metadata.get(name, [])
    items = items if isinstance(items, list) else [items]
    match operator:
        case "$exists":
            return not missing if operand else missing
        case "$eq" | "$in":
            return any(_same(item, each) for item in items for each in _operands(operator, operand))
        case "$ne" | "$nin":
            if missing:
                raise _bad(f"what {operator} says of a missing {name} is not documented")
            return not any(_same(item, each) for item in items for each in _operands(operator, operand))
        case "$gt" | "$gte" | "$lt" | "$lte":
            if isinstance(operand, bool) or not isinstance(operand, int | float):
                raise _bad(f"{operator} takes a number")
            if isinstance(metadata.get(name), list):
                raise _bad(f"{operator} of a list is not documented")
            return any(
                isinstance(item, int | float)
                and not isinstance(item, bool)
                and _ordered(item, operator, operand)
                for item in items
            )
    raise _bad(f"no operator {operator}")


def _operands(operator: str, operand: Any) -> list[Any]:
    if operator in ("$in", "$nin"):
        if not isinstance(operand, list) or not operand:
            raise _bad(f"{operator} takes a list")
        return operand
    return [operand]


def _same(item: Any, operand: Any) -> bool:
    return isinstance(item, str) == isinstance(operand, str) and bool(item == operand)


def _ordered(item: float, operator: str, operand: float) -> bool:
    return {
        "$gt": item > operand,
        "$gte": item >= operand,
        "$lt": item < operand,
        "$lte": item <= operand,
    }[operator]


def _bad(message: str) -> Refused:
    return Refused(400, "INVALID_ARGUMENT", message)

"""Filters as SQL over the `attributes` column: a JSON object of name → list of values.

What differs between SQLite's JSON and PostgreSQL's stands in `json_sql.py`. Beside each text stands, under
`words:NAME`, the list of its words with a space around each, so that a word is found by a plain substring.
Names are percent-encoded, so that any of them makes a JSON path.
"""

import json
import math
from collections.abc import Callable, Sequence
from urllib.parse import quote

import sqlalchemy as sa

from orchestrator.adapters.catalog.json_sql import Item, contains, items_of
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.filter import (
    And,
    Attributes,
    Comparison,
    Filter,
    Matches,
    Not,
    Operator,
    Or,
    Present,
    Value,
    words,
)

_WORDS = "words:"
_ORDER = {
    Operator.LT: sa.ColumnElement.__lt__,
    Operator.LE: sa.ColumnElement.__le__,
    Operator.GT: sa.ColumnElement.__gt__,
    Operator.GE: sa.ColumnElement.__ge__,
}


def attributes_json(attributes: Attributes) -> str:
    """What the `attributes` column holds. Numbers that are not finite are left out: nothing equals them."""
    document: dict[str, list[Value]] = {}
    for name, value in attributes.items():
        items = [value] if isinstance(value, str | bool | float | int) else list(value)
        document[_key(name)] = [item for item in items if isinstance(item, str) or math.isfinite(item)]
        texts = [item for item in items if isinstance(item, str)]
        if texts:
            document[_key(_WORDS + name)] = [_spaced(words(text)) for text in texts]
    return json.dumps(document, separators=(",", ":"))


def filter_sql(filter: Filter, attributes: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """A condition that holds for the rows whose attributes fulfil the filter."""
    match filter:
        case And(operands):
            return sa.and_(sa.true(), *(filter_sql(operand, attributes) for operand in operands))
        case Or(operands):
            return sa.or_(sa.false(), *(filter_sql(operand, attributes) for operand in operands))
        case Not(operand):
            return sa.not_(filter_sql(operand, attributes))
        case Present(name):
            return _some(attributes, name)
        case Matches(name, text, prefix=True):
            return _some(attributes, name, lambda item: _starts(item, text))
        case Matches(name, text):
            if not words(text):
                return sa.false()
            return _some(
                attributes,
                _WORDS + name,
                lambda item: sa.and_(*(contains(item.text, _spaced([word])) for word in words(text))),
            )
        case Comparison(name, Operator.NE, value):
            return sa.not_(_compares(attributes, name, Operator.EQ, value))
        case Comparison(name, operator, value):
            return _compares(attributes, name, operator, value)


def _compares(
    attributes: sa.ColumnElement[str], name: str, operator: Operator, value: Value
) -> sa.ColumnElement[bool]:
    if operator is not Operator.EQ and isinstance(value, str | bool):
        raise InvalidArgument.field("filter", f"{name} {operator.value} needs a number")
    if isinstance(value, bool):
        return _some(attributes, name, lambda item: item.kind == ("true" if value else "false"))
    if isinstance(value, str):
        return _some(attributes, name, lambda item: item.text == value)
    constant = sa.literal(float(value), sa.Double)
    compare = sa.ColumnElement.__eq__ if operator is Operator.EQ else _ORDER[operator]
    return _some(attributes, name, lambda item: compare(item.number, constant))


def _starts(item: Item, text: str) -> sa.ColumnElement[bool]:
    return sa.func.substr(item.text, 1, len(text)) == text


def _some(
    attributes: sa.ColumnElement[str],
    name: str,
    condition: Callable[[Item], sa.ColumnElement[bool]] = lambda item: sa.true(),
) -> sa.ColumnElement[bool]:
    source, item = items_of(attributes, _key(name))
    return sa.exists(sa.select(sa.literal(1)).select_from(source).where(condition(item)))


def _key(name: str) -> str:
    return quote(name, safe=":", errors="replace")


def _spaced(found: Sequence[str]) -> str:
    return f" {' '.join(found)} " if found else " "

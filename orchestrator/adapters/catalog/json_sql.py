"""The items of a list in a JSON object, in SQLite's words and in PostgreSQL's."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from orchestrator.adapters.catalog.column_types import Text


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list. `text` and `number` are NULL where it is another thing; `kind` is then its kind:
    `true` or `false`, for one."""

    text: sa.ColumnElement[str]
    number: sa.ColumnElement[float]
    kind: sa.ColumnElement[str]


def items_of(document: sa.ColumnElement[str], key: str) -> tuple[sa.FromClause, Item]:
    """The items under a key of an object, as a table; it has no rows where the key is missing.

    The key is plain ASCII without quotes and backslashes.
    """
    items = _Items(document, sa.literal(key, sa.Text)).table_valued("value", "type")
    value, type = items.c.value, items.c.type
    return items, Item(text=_Text(value, type), number=_Number(value, type), kind=_Kind(value, type))


def contains(text: sa.ColumnElement[str], part: str) -> sa.ColumnElement[bool]:
    """Whether a text holds another."""
    return _Position(text, sa.literal(part, Text)) > 0


class _Items(FunctionElement[Any]):
    name = "items"
    inherit_cache = True


class _Text(FunctionElement[str]):
    type = Text
    inherit_cache = True


class _Number(FunctionElement[float]):
    type = sa.Double()
    inherit_cache = True


class _Kind(FunctionElement[str]):
    type = sa.Text()
    inherit_cache = True


class _Position(FunctionElement[int]):
    type = sa.Integer()
    inherit_cache = True


def _arguments(element: FunctionElement[Any], compiler: SQLCompiler, options: Any) -> list[str]:
    return [compiler.process(clause, **options) for clause in element.clauses]


@compiles(_Items, "sqlite")
def _(element: _Items, compiler: SQLCompiler, **options: Any) -> str:
    document, key = _arguments(element, compiler, options)
    return f"""json_each({document}, '$."' || {key} || '"')"""


@compiles(_Text, "sqlite")
def _(element: _Text, compiler: SQLCompiler, **options: Any) -> str:
    value, type = _arguments(element, compiler, options)
    return f"CASE WHEN {type} = 'text' THEN {value} END"


@compiles(_Number, "sqlite")
def _(element: _Number, compiler: SQLCompiler, **options: Any) -> str:
    value, type = _arguments(element, compiler, options)
    return f"CASE WHEN {type} IN ('integer', 'real') THEN {value} END"


@compiles(_Kind, "sqlite")
def _(element: _Kind, compiler: SQLCompiler, **options: Any) -> str:
    return _arguments(element, compiler, options)[1]


@compiles(_Position, "sqlite")
def _(element: _Position, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({', '.join(_arguments(element, compiler, options))})"


# PostgreSQL names the one column of jsonb_array_elements `value`, and looks into the value for its kind.


@compiles(_Items, "postgresql")
def _(element: _Items, compiler: SQLCompiler, **options: Any) -> str:
    document, key = _arguments(element, compiler, options)
    return f"jsonb_array_elements({document} -> {key})"


@compiles(_Text, "postgresql")
def _(element: _Text, compiler: SQLCompiler, **options: Any) -> str:
    value = _arguments(element, compiler, options)[0]
    return f"""(CASE WHEN jsonb_typeof({value}) = 'string' THEN {value} #>> '{{}}' END COLLATE "C")"""


@compiles(_Number, "postgresql")
def _(element: _Number, compiler: SQLCompiler, **options: Any) -> str:
    value = _arguments(element, compiler, options)[0]
    return f"CASE WHEN jsonb_typeof({value}) = 'number' THEN {value}::double precision END"


@compiles(_Kind, "postgresql")
def _(element: _Kind, compiler: SQLCompiler, **options: Any) -> str:
    return f"({_arguments(element, compiler, options)[0]})::text"


@compiles(_Position, "postgresql")
def _(element: _Position, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({', '.join(_arguments(element, compiler, options))})"

"""The filter that every engine translates: an AIP-160 expression after parsing and typing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

Value: TypeAlias = str | float | bool
"""A literal. Timestamps are seconds since 1970 as float."""

Attributes: TypeAlias = Mapping[str, "Value | Sequence[Value]"]
"""What a filter looks at: flat names such as `folder`, `exif.camera`, `metadata.shop.id`. A missing name is
absent. A list matches when one of its items does. `folder` is the list of the folder and its ancestors."""


WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text: its runs of letters and digits, in lower case."""
    return WORD.findall(text.lower())


class Operator(Enum):
    """How an attribute is compared with a value.

    Values of different types (text, number, truth value) are never equal and never ordered. Only numbers are
    ordered: engines refuse another value with LT, LE, GT and GE (InvalidArgument). NE holds exactly where EQ
    does not: of a list, where no item is equal; where the attribute is missing; where it is of another type.
    """

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True)
class Comparison:
    """`name operator value`."""

    name: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Matches:
    """`name: "text"`: one text of the attribute contains all `words(text)`, in any order (no words: none
    does). With `prefix`, `name = "text*"`: one text of the attribute starts with `text`, case and all."""

    name: str
    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Present:
    """`name:*`: the attribute has a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where its operand does not: for a missing value too."""

    operand: "Filter"


@dataclass(frozen=True, slots=True)
class And:
    """Holds where all do."""

    operands: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Holds where one does."""

    operands: tuple["Filter", ...]


Filter: TypeAlias = Comparison | Matches | Present | Not | And | Or

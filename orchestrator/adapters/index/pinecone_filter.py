"""`domain.filter` → Pinecone's filter: NOT goes inwards, down to what a tag or a number says.

What it cannot say exactly (a prefix of a length that is not kept, several words in one of several texts) it
says too widely: then what is found has to be looked at once more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.adapters.index.pinecone_metadata import (
    INCOMPLETE,
    PREFIXES,
    TAGS,
    equal_tag,
    key,
    prefix_tag,
    word_tag,
)
from orchestrator.domain.attributes import TEXTS
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.filter import (
    And,
    Comparison,
    Filter,
    Matches,
    Not,
    Operator,
    Or,
    Present,
    words,
)

_ORDERS = {
    # What holds of a record: its least or largest number; and what holds where it does not.
    Operator.LT: ("min", "$lt", "$gte"),
    Operator.LE: ("min", "$lte", "$gt"),
    Operator.GT: ("max", "$gt", "$lte"),
    Operator.GE: ("max", "$gte", "$lt"),
}
_SINGLE = TEXTS - {"folder", "labels", "predicted_labels"}
"""Attributes of one text each."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What Pinecone is asked; not `exact`: for more than is meant."""

    filter: dict[str, Any]
    exact: bool = True


EVERYTHING: Final[dict[str, Any]] = {TAGS: {"$in": ["*"]}}
NOTHING: Final[dict[str, Any]] = {TAGS: {"$in": []}}
"""For nothing, Pinecone need not be asked."""


def narrowing(filter: Filter | None) -> Narrowing:
    """What to ask for a filter. Raises InvalidArgument where texts or truth values are to be ordered."""
    return Narrowing(EVERYTHING) if filter is None else _narrow(filter, True)


def _narrow(filter: Filter, wanted: bool) -> Narrowing:
    """What holds where a filter does; or, not `wanted`, where it does not."""
    match filter:
        case Comparison(name, Operator.NE, value):
            return _tagged(name, [equal_tag(name, value)], not wanted)
        case Comparison(name, Operator.EQ, value):
            return _tagged(name, [equal_tag(name, value)], wanted)
        case Comparison():
            return _ordered(filter, wanted)
        case Matches(name, text, prefix=True):
            kept = max(length for length in PREFIXES if length <= len(text))
            found = _tagged(name, [prefix_tag(name, text[:kept])], wanted)
            return found if kept == len(text) else _widened(name, found, wanted)
        case Matches(name, text):
            asked = list(dict.fromkeys(words(text)))
            if not asked:
                return Narrowing(NOTHING if wanted else EVERYTHING)
            found = _tagged(name, [word_tag(name, word) for word in asked], wanted)
            return found if len(asked) == 1 or name in _SINGLE else _widened(name, found, wanted)
        case Present(name):
            return Narrowing(_has(f"{key(name)}*") if wanted else _lacks(name, f"{key(name)}*"))
        case Not(operand):
            return _narrow(operand, not wanted)
        case And(operands):
            return _joined((_narrow(each, wanted) for each in operands), every=wanted)
        case Or(operands):
            return _joined((_narrow(each, wanted) for each in operands), every=not wanted)


def _tagged(name: str, tags: list[str], wanted: bool) -> Narrowing:
    """All of the tags, or not all of them. What is not known of an attribute fulfils neither."""
    if wanted:
        found = [_has(tag) for tag in tags]
        return Narrowing(found[0] if len(found) == 1 else {"$and": found})
    missing = [_lacks(name, tag, f"{key(name)}!") for tag in tags]
    return Narrowing(missing[0] if len(missing) == 1 else {"$or": missing})


def _widened(name: str, found: Narrowing, wanted: bool) -> Narrowing:
    """Tags that a record must have, and that say too little: what lacks none of them may still not fulfil."""
    return Narrowing(found.filter if wanted else _lacks(name, f"{key(name)}!"), exact=False)


def _ordered(comparison: Comparison, wanted: bool) -> Narrowing:
    name, value = comparison.name, comparison.value
    if isinstance(value, bool | str):
        raise InvalidArgument.field(
            "filter", f"{name} {comparison.operator.value} needs a number: only numbers have an order"
        )
    end, holds, fails = _ORDERS[comparison.operator]
    field = f"{end}:{key(name)}"
    if wanted:
        return Narrowing({field: {holds: float(value)}})
    return Narrowing({"$or": [_lacks(name, f"{key(name)}#"), {field: {fails: float(value)}}]})


def _joined(parts: Iterable[Narrowing], *, every: bool) -> Narrowing:
    found = list(parts)
    decisive, idle = (NOTHING, EVERYTHING) if every else (EVERYTHING, NOTHING)
    if any(part.filter is decisive and part.exact for part in found):
        return Narrowing(decisive)
    exact = all(part.exact for part in found)
    kept = [part.filter for part in found if part.filter is not idle]
    if not kept:
        return Narrowing(idle, exact)
    if any(part is decisive for part in kept):
        return Narrowing(decisive, exact)
    if len(kept) == 1:
        return Narrowing(kept[0], exact)
    return Narrowing({"$and" if every else "$or": kept}, exact)


def _has(tag: str) -> dict[str, Any]:
    return {TAGS: {"$in": [tag]}}


def _lacks(name: str, *tags: str) -> dict[str, Any]:
    """That an attribute has none of these tags, which what is not here at all does not tell."""
    known = {"$or": [{TAGS: {"$nin": [INCOMPLETE]}}, _has(f"{key(name)}*")]}
    return {"$and": [{TAGS: {"$nin": list(tags)}}, known]}

"""`domain.filter` → Qdrant's filter. It means the same: a missing value differs from every value."""

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.qdrant_payload import CURRENT, FORMAT, KIND, path
from orchestrator.application.ports import Kind
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.filter import And, Comparison, Filter, Matches, Not, Operator, Or, Present

_BOUNDS = {Operator.LT: "lt", Operator.LE: "lte", Operator.GT: "gt", Operator.GE: "gte"}


def search_filter(kind: Kind, filter: Filter | None) -> q.Filter:
    """Records of a kind that fulfil a filter. Raises InvalidArgument where texts are to be ordered."""
    must = [_field(KIND, match=q.Match(keyword=kind.value))]
    if filter is not None:
        must.append(condition(filter))
    return q.Filter(must=must)


def current_filter(kind: Kind, filter: Filter | None) -> q.Filter:
    """The same, of records in the format of now."""
    found = search_filter(kind, filter)
    found.must.append(_field(FORMAT, match=q.Match(keyword=CURRENT)))
    return found


def condition(filter: Filter) -> q.Condition:
    """A filter as one condition. Raises InvalidArgument where texts or truth values are to be ordered."""
    match filter:
        case Comparison():
            return _comparison(filter)
        case Matches(name, text, prefix=True):
            return _field(path(name), match=q.Match(prefix=text))
        case Matches(name, text):
            # A text without a word is in no value; the engines disagree on what an empty query matches.
            if not any(character.isalnum() for character in text):
                return _nothing()
            return _field(path(name), match=q.Match(text=text))
        case Present(name):
            return _not(q.Condition(is_empty=q.IsEmptyCondition(key=path(name))))
        case Not(operand):
            return _not(condition(operand))
        case And(operands):
            return q.Condition(filter=q.Filter(must=[condition(operand) for operand in operands]))
        case Or(operands) if operands:
            return q.Condition(filter=q.Filter(should=[condition(operand) for operand in operands]))
        case Or():
            return _nothing()


def _comparison(comparison: Comparison) -> q.Condition:
    name, operator, value = comparison.name, comparison.operator, comparison.value
    if operator is Operator.NE:
        return _not(_equal(path(name), value))
    if operator is Operator.EQ:
        return _equal(path(name), value)
    if isinstance(value, bool | str):
        raise InvalidArgument.field(
            "filter", f"{name} {operator.value} needs a number: only numbers have an order"
        )
    return _field(path(name), range=q.Range(**{_BOUNDS[operator]: float(value)}))


def _equal(key: str, value: str | float | bool) -> q.Condition:
    if isinstance(value, bool):
        return _field(key, match=q.Match(boolean=value))
    if isinstance(value, str):
        return _field(key, match=q.Match(keyword=value))
    return _field(key, range=q.Range(gte=float(value), lte=float(value)))


def _field(key: str, *, match: q.Match | None = None, range: q.Range | None = None) -> q.Condition:
    return q.Condition(field=q.FieldCondition(key=key, match=match, range=range))


def _not(condition: q.Condition) -> q.Condition:
    return q.Condition(filter=q.Filter(must_not=[condition]))


def _nothing() -> q.Condition:
    return q.Condition(has_id=q.HasIdCondition(has_id=[]))

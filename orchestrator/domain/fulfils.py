"""What a filter means, in Python: the plain reading that every engine is held to."""

from collections.abc import Sequence

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


def fulfils(attributes: Attributes, filter: Filter) -> bool:
    """Whether a record with these attributes fulfils a filter. Raises InvalidArgument as engines do."""
    match filter:
        case Comparison(name, Operator.NE, value):
            return not fulfils(attributes, Comparison(name, Operator.EQ, value))
        case Comparison(name, operator, value):
            if operator is not Operator.EQ and isinstance(value, str | bool):
                raise InvalidArgument.field("filter", f"{name} {operator.value} needs a number")
            return any(_compares(item, operator, value) for item in _items(attributes, name))
        case Matches(name, text, prefix):
            texts = [item for item in _items(attributes, name) if isinstance(item, str)]
            if prefix:
                return any(item.startswith(text) for item in texts)
            asked = set(words(text))
            return bool(asked) and any(asked <= set(words(item)) for item in texts)
        case Present(name):
            return bool(_items(attributes, name))
        case Not(operand):
            return not fulfils(attributes, operand)
        case And(operands):
            # All of them are looked at: a bad one is refused whatever the record says.
            return all([fulfils(attributes, operand) for operand in operands])
        case Or(operands):
            return any([fulfils(attributes, operand) for operand in operands])


def _items(attributes: Attributes, name: str) -> Sequence[Value]:
    value = attributes.get(name)
    if value is None:
        return ()
    return (value,) if isinstance(value, str | float | bool | int) else value


def _compares(item: Value, operator: Operator, value: Value) -> bool:
    if isinstance(value, str | bool) or isinstance(item, str | bool):
        return type(item) is type(value) and item == value
    match operator:
        case Operator.LT:
            return item < value
        case Operator.LE:
            return item <= value
        case Operator.GT:
            return item > value
        case Operator.GE:
            return item >= value
    return item == value

"""Groups of fields of which one may be set, `oneof` and protovalidate's rules of messages, as JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor

Json = dict[str, Any]

MESSAGE = "buf.validate.message"
_ONEOF = "buf.validate.oneof"


@dataclass(frozen=True, slots=True)
class Choice:
    """JSON names of fields of which at most one may be set, or exactly one where it is required."""

    names: tuple[str, ...]
    required: bool


def choices(
    message: Descriptor, options: Callable[[Any], dict[str, Any]], kept: Container[str]
) -> Iterator[Choice]:
    """The groups of a message, of the fields that are `kept` by their proto names.

    `options` gives the option extensions of a descriptor by their full names.
    """

    def choice(names: Sequence[str], rule: Any) -> Choice:
        by_name = message.fields_by_name
        return Choice(
            tuple(by_name[name].json_name for name in names if name in kept and name in by_name),
            required=bool(rule is not None and rule.required),
        )

    for oneof in message.oneofs:
        names = [field.name for field in oneof.fields]
        if oneof.name != f"_{names[0]}":  # the oneof that stands behind an optional field
            yield choice(names, options(oneof).get(_ONEOF))
    for rule in getattr(options(message).get(MESSAGE), "oneof", ()):
        yield choice(rule.fields, rule)


def add_choices(schema: Json, groups: Iterable[Choice]) -> None:
    """Adds the groups to the schema of an object, as keywords and in its description."""
    rules, words = [], []
    for group in groups:
        if not group.names or (len(group.names) == 1 and not group.required):
            continue
        alternatives: list[Json] = [{"title": name, "required": [name]} for name in group.names]
        if not group.required:
            none = {"not": {"anyOf": [{"required": [name]} for name in group.names]}}
            alternatives.append({"title": "none of them", **none})
        rules.append({"oneOf": alternatives})
        amount = "Exactly one" if group.required else "At most one"
        words.append(f"{amount} of {', '.join(f'`{name}`' for name in group.names)} is set.")
    if len(rules) == 1:
        schema |= rules[0]
    elif rules:
        schema["allOf"] = rules
    if words:
        schema["description"] = "\n\n".join(filter(None, [schema.get("description"), " ".join(words)]))


def message_words(rules: Any) -> list[str]:
    """What a message's own rules say in CEL, in words where they have any."""
    if rules is None:
        return []
    said = [rule.message or rule.expression for rule in getattr(rules, "cel", ())]
    return said + list(getattr(rules, "cel_expression", ()))

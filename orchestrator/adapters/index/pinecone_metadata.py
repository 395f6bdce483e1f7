"""How a record's attributes stand in Pinecone's metadata, so that its filters mean what everybody's do.

Pinecone compares numbers, and asks whether a list of texts holds a text; it knows no words, no prefixes and
no lists of numbers, and does not say what `$ne` makes of a field that is missing. So a record has one list
of texts that is never missing, `tags`, with a tag for everything that can be asked of an attribute:

KEY*          it has a value                 KEY#          one that is a number
KEY=sTEXT     one that is this text          KEY=nNUMBER   this number         KEY=bTRUTH   this truth value
KEY~WORD      a text with this word          KEY^PREFIX    a text that begins so, of the lengths below
KEY!          its values are not here: they are longer than what metadata holds
!             there are attributes of which not even that is here, nor anything else

Beside them stand `min:KEY` and `max:KEY`, the least and the largest of its numbers.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from orchestrator.domain.filter import Attributes, Value, words

_Part: TypeAlias = str | tuple[str, float]
"""What stands for an attribute: tags, and fields with their numbers."""

TAGS: Final = "tags"
INCOMPLETE: Final = "!"
"""The tag of a record that lacks whole attributes: one that is not here may be one that it has."""

MAX_BYTES = 40_000
"""Of a record's metadata: Pinecone takes 40 KB."""

_ROOM = MAX_BYTES - len(json.dumps({TAGS: ["*", INCOMPLETE]}))

PREFIXES = (0, 1, 2, 4, 8, 16, 32, 64)
"""Lengths of the prefixes that are kept."""


def metadata(attributes: Attributes) -> dict[str, Any]:
    """A record's metadata, which always fits: what of the attributes would not is left out, and marked.

    Values go first, the largest attributes' before the others'; then, where even what stands for the
    attributes is too much, whole attributes.
    """
    parts = {name: list(_parts(name, value)) for name, value in attributes.items()}
    marks = ["*"]
    left = _ROOM - sum(map(_size, parts.values()))
    for shrunk in (_outline, _nothing):
        for name in sorted(parts, key=lambda each: -_size(parts[each])):
            if left >= 0:
                break
            less = shrunk(name, parts[name])
            if (saved := _size(parts[name]) - _size(less)) > 0:
                parts[name], left = less, left + saved
                marks += [] if less else [INCOMPLETE]
    found = [part for of_one in parts.values() for part in of_one]
    tags = [part for part in found if isinstance(part, str)]
    return {**dict(part for part in found if not isinstance(part, str)), TAGS: [*dict.fromkeys(marks), *tags]}


def attributes_of(kept: Mapping[str, Any]) -> Attributes:
    """The attributes that metadata was made of, but for the order of their items and what was left out."""
    found: dict[str, list[Value]] = {}
    for tag in kept.get(TAGS, ()):
        name, equals, value = tag.partition("=")
        if equals:
            found.setdefault(_decoded(name), []).append(_value(value))
    return found


def key(name: str) -> str:
    """An attribute's name in tags and fields."""
    for character in "%=~^*#!":
        name = name.replace(character, f"%{ord(character):02X}")
    return name


def equal_tag(name: str, value: Value) -> str:
    """The tag of what has this value."""
    if isinstance(value, str):
        return f"{key(name)}=s{value}"
    return f"{key(name)}=b{value}" if isinstance(value, bool) else f"{key(name)}=n{float(value) + 0.0!r}"


def word_tag(name: str, word: str) -> str:
    """The tag of what has a text with this word."""
    return f"{key(name)}~{word}"


def prefix_tag(name: str, prefix: str) -> str:
    """The tag of what has a text that begins so; the prefix is of one of the lengths that are kept."""
    return f"{key(name)}^{prefix}"


def _parts(name: str, value: Value | Sequence[Value]) -> Iterator[_Part]:
    items = [value] if isinstance(value, str | bool | int | float) else list(value)
    if not items:
        return
    yield f"{key(name)}*"
    numbers = [float(item) for item in items if not isinstance(item, str | bool)]
    if numbers:
        yield f"{key(name)}#"
        yield f"min:{key(name)}", min(numbers)
        yield f"max:{key(name)}", max(numbers)
    texts = [item for item in items if isinstance(item, str)]
    yield from dict.fromkeys(equal_tag(name, item) for item in items)
    yield from dict.fromkeys(word_tag(name, word) for text in texts for word in words(text))
    yield from dict.fromkeys(
        prefix_tag(name, text[:length]) for text in texts for length in PREFIXES if length <= len(text)
    )


def _outline(name: str, parts: Sequence[_Part]) -> list[_Part]:
    """What stands for an attribute whose values do not fit."""
    kept = {f"{key(name)}*", f"{key(name)}#"}
    return [*(part for part in parts if part in kept or not isinstance(part, str)), f"{key(name)}!"]


def _nothing(name: str, parts: Sequence[_Part]) -> list[_Part]:
    return []


def _size(parts: Sequence[_Part]) -> int:
    """Bytes as JSON; of a field, with its colon."""
    return sum(len(json.dumps(part, ensure_ascii=False).encode()) + 2 for part in parts)


def _value(text: str) -> Value:
    match text[:1]:
        case "n":
            return float(text[1:])
        case "b":
            return text[1:] == "True"
    return text[1:]


def _decoded(name: str) -> str:
    for character in "=~^*#!%":
        name = name.replace(f"%{ord(character):02X}", character)
    return name

"""How a record's attributes stand in Pinecone's metadata, so that its filters mean what everybody's do.

Pinecone compares numbers, and asks whether a list of texts holds a text; it knows no words, no prefixes and
no lists of numbers, and does not say what `$ne` makes of a field that is missing. So a record has one list
of texts that is never missing, `tags`, with a tag for everything that can be asked of an attribute:

KEY*          it has a value                 KEY#          one that is a number
KEY=sTEXT     one that is this text          KEY=nNUMBER   this number         KEY=bTRUTH   this truth value
KEY~WORD      a text with this word          KEY^PREFIX    a text that begins so, of the lengths below
KEY!          its texts are not here: they are longer than what metadata holds

Beside them stand `min:KEY` and `max:KEY`, the least and the largest of its numbers.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from orchestrator.domain.filter import Attributes, Value, words

TAGS: Final = "tags"
MAX_BYTES = 40_000
"""Of a record's metadata: Pinecone takes 40 KB."""

PREFIXES = (0, 1, 2, 4, 8, 16, 32, 64)
"""Lengths of the prefixes that are kept."""


def metadata(attributes: Attributes) -> dict[str, Any]:
    """A record's metadata. Where it would be too large, the largest attributes are left out, and marked."""
    parts = {name: list(_part(name, value)) for name, value in attributes.items()}
    tags = {name: [part for part in found if isinstance(part, str)] for name, found in parts.items()}
    fields = dict(part for found in parts.values() for part in found if not isinstance(part, str))
    sizes = {name: _size(found) for name, found in tags.items()}
    left = MAX_BYTES - len(json.dumps(fields).encode()) - sum(sizes.values()) - len(TAGS) - 16
    for name in sorted(sizes, key=lambda each: -sizes[each]):
        if left >= 0:
            break
        tags[name] = _outline(name, tags[name])
        left += sizes[name] - _size(tags[name])
    return {**fields, TAGS: ["*", *(tag for name in tags for tag in tags[name])]}


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


def _part(name: str, value: Value | Sequence[Value]) -> Iterator[str | tuple[str, float]]:
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


def _outline(name: str, tags: Sequence[str]) -> list[str]:
    """The tags of an attribute whose values do not fit."""
    kept = {f"{key(name)}*", f"{key(name)}#"}
    return [*(tag for tag in tags if tag in kept), f"{key(name)}!"]


def _size(tags: Sequence[str]) -> int:
    return sum(len(json.dumps(tag, ensure_ascii=False).encode()) + 2 for tag in tags)


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

"""JSON as text: bytes to values and back, and the error of what is refused."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

_LARGE = 1 << 20
_ESCAPED = re.compile(rb"\\.", re.S)
_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonError(ValueError):
    """JSON that is not the message it should be. `field` is the path of what was wrong, "" for the whole."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field, why)
        self.field = field
        self.why = why

    def __str__(self) -> str:
        return f"{self.field}: {self.why}" if self.field else self.why

    def below(self, step: str) -> None:
        """Puts a step ("name" or "[3]") before the path: what holds the faulty value says where it is."""
        self.field = join(step, self.field)


def loads(text: bytes | bytearray) -> Any:
    """Parses JSON text.

    An integer of over 64 bits may come as a float. Raises JsonError for anything but UTF-8, for NaN, and for
    a key that comes twice in an object.
    """
    if len(text) > _LARGE:  # what follows copies the text in small pieces
        return _loads_exactly(text)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _loads_exactly(text)
    # orjson lets the last of equal keys win: then there are more colons outside strings than keys.
    bare = _ESCAPED.sub(b"", text) if b"\\" in text else text
    outside_strings = b"".join(bare.split(b'"')[::2])
    if outside_strings.count(b":") != _keys(value):
        return _loads_exactly(text)
    return value


def _loads_exactly(text: bytes | bytearray) -> Any:
    """`loads` by Python's own parser, which takes three times as long."""
    try:
        decoded = text.decode("utf-8")
        try:
            return json.loads(decoded, object_pairs_hook=_unique, parse_constant=_no_constant)
        except _Twice:
            held = json.loads(decoded, object_pairs_hook=_Pairs, parse_constant=_no_constant)
            raise JsonError(_twice(held), "the key comes twice") from None
    except UnicodeDecodeError as error:
        raise JsonError("", "the JSON is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise JsonError("", f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise JsonError("", "the JSON is nested too deeply") from error
    except JsonError:
        raise
    except ValueError as error:  # an integer of more digits than Python converts
        raise JsonError("", "the JSON holds a number that is too long") from error


def dumps(value: Any) -> bytes:
    """The JSON text of a value: UTF-8, on one line. numpy's float32 prints at its shortest."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    except TypeError:  # an integer of over 64 bits, half a surrogate pair: nothing that a message holds
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def not_unicode(value: Any) -> str | None:
    """The path of the first string or key that holds half a surrogate pair; None where none does."""
    if isinstance(value, str):
        return "" if _SURROGATE.search(value) else None
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        if isinstance(step, str) and _SURROGATE.search(step):
            return step
        below = not_unicode(inner)
        if below is not None:
            return join(step if isinstance(step, str) else f"[{step}]", below)
    return None


def join(step: str, path: str) -> str:
    """A path with a step ("name" or "[3]") before it."""
    return f"{step}.{path}" if path and not path.startswith("[") else step + path


def _keys(value: Any) -> int:
    """How many keys all objects of a value have together."""
    count = 0
    held = [value]
    for each in held:
        if type(each) is dict:
            count += len(each)
            held.extend(each.values())
        elif type(each) is list:
            held.extend(each)
    return count


class _Twice(Exception):
    """An object has a key twice."""


class _Pairs(list[tuple[str, Any]]):
    """An object as its keys and values, in order."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise _Twice
    return out


def _twice(value: Any) -> str:
    """The path of the first key that comes twice in its object; "" where none does."""
    if isinstance(value, _Pairs):
        seen = set()
        for key, inner in value:
            if key in seen:
                return key
            seen.add(key)
            if below := _twice(inner):
                return join(key, below)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if below := _twice(inner):
                return join(f"[{index}]", below)
    return ""


def _no_constant(name: str) -> Any:
    raise JsonError("", f'{name} is not JSON; send "{name}" as a string')

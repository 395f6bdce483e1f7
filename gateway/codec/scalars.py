"""proto3 JSON of scalars and enums: for each type of field, how a value is read and how it is written."""

from __future__ import annotations

import binascii
import contextlib
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from numpy import float32

from gateway.codec.text import JsonError

Read = Callable[[Any, int], Any]
"""Makes what a message's constructor takes of a JSON value and its depth, which matters to messages alone."""
Write = Callable[[Any], Any]

NULL_VALUE = "google.protobuf.NullValue"
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_KEY = re.compile(r"0|-?[1-9][0-9]{0,19}")
_STANDARD = str.maketrans("-_", "+/")
_LARGEST_FLOAT = (2 - 2**-24) * 2.0**127  # what rounds to a float of 32 bits is below this

F = FieldDescriptor
_INTEGERS = {
    **dict.fromkeys((F.TYPE_INT32, F.TYPE_SINT32, F.TYPE_SFIXED32), (-(2**31), 2**31)),
    **dict.fromkeys((F.TYPE_INT64, F.TYPE_SINT64, F.TYPE_SFIXED64), (-(2**63), 2**63)),
    **dict.fromkeys((F.TYPE_UINT32, F.TYPE_FIXED32), (0, 2**32)),
    **dict.fromkeys((F.TYPE_UINT64, F.TYPE_FIXED64), (0, 2**64)),
}
_64_BITS = (F.CPPTYPE_INT64, F.CPPTYPE_UINT64)


def reader(field: FieldDescriptor) -> Read:
    """What reads a JSON value of the field; it raises JsonError, with no path."""
    match field.type:
        case F.TYPE_STRING:
            return _read_string
        case F.TYPE_BYTES:
            return _read_bytes
        case F.TYPE_BOOL:
            return _read_bool
        case F.TYPE_FLOAT:
            return _number_reader(_LARGEST_FLOAT, 32)
        case F.TYPE_DOUBLE:
            return _number_reader(math.inf, 64)
    if field.enum_type is not None:
        return _enum_reader(field.enum_type)
    return _integer_reader(*_INTEGERS[field.type])


def key_reader(field: FieldDescriptor) -> Read:
    """What reads a map's key, which JSON always writes as a string."""
    match field.type:
        case F.TYPE_STRING:
            return _read_string
        case F.TYPE_BOOL:
            return _read_bool_key
    read = _integer_reader(*_INTEGERS[field.type])
    return lambda key, depth: read(key if _KEY.fullmatch(key) else None, depth)


def writer(field: FieldDescriptor, floats: Mapping[int, Write]) -> Write | None:
    """What makes the JSON value of a field's value, None where it is the value itself.

    `floats` holds that for TYPE_FLOAT and TYPE_DOUBLE.
    """
    if field.cpp_type in _64_BITS:
        return str
    if field.enum_type is not None:
        if field.enum_type.full_name == NULL_VALUE:
            return lambda value: None
        return _Names({value.number: value.name for value in reversed(field.enum_type.values)}).__getitem__
    return _write_bytes if field.type == F.TYPE_BYTES else floats.get(field.type)


def key_writer(field: FieldDescriptor) -> Write | None:
    """What makes the string of a map's key, None where it is one."""
    if field.type == F.TYPE_STRING:
        return None
    return _write_bool_key if field.type == F.TYPE_BOOL else str


class _Names(dict[int, str]):
    """The names of an enum's numbers; a number without one stands for itself, as proto3's enums are open."""

    def __missing__(self, number: int) -> int:
        return number


def _word(value: float) -> str:
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def _write_float(value: float) -> float | str:
    """The float of fewest digits that is this one in 32 bits: 0.1 for 0.10000000149011612; or its word."""
    return float(str(float32(value))) if value - value == 0 else _word(value)


def _write_double(value: float) -> float | str:
    return value if value - value == 0 else _word(value)


FLOATS: Mapping[int, Write] = {F.TYPE_FLOAT: _write_float, F.TYPE_DOUBLE: _write_double}


def _write_bytes(value: bytes) -> str:
    return binascii.b2a_base64(value, newline=False).decode("ascii")


def _write_bool_key(key: bool) -> str:
    return "true" if key else "false"


def _read_string(value: Any, depth: int) -> str:
    if type(value) is str:
        return value
    raise JsonError("", "must be a string")


def _read_bool(value: Any, depth: int) -> bool:
    if value is True or value is False:
        return bool(value)
    raise JsonError("", "must be true or false")


def _read_bool_key(key: str, depth: int) -> bool:
    if key in ("true", "false"):
        return key == "true"
    raise JsonError("", "must be true or false")


def _read_bytes(value: Any, depth: int) -> bytes:
    """base64 in either alphabet, padded or not."""
    if type(value) is str:
        if "-" in value or "_" in value:
            value = value.translate(_STANDARD)
        with contextlib.suppress(ValueError):
            return binascii.a2b_base64(value + "=" * (-len(value) % 4), strict_mode=True)
    raise JsonError("", "must be base64, as a string")


def _integer_reader(low: int, end: int) -> Read:
    bits = (end - low).bit_length() - 1
    why = f"must be an integer of {bits} bits" + ("" if low else ", not below 0")

    def read(value: Any, depth: int) -> int:
        number = value if type(value) is int else _whole(value)
        if number is not None and low <= number < end:
            return number
        raise JsonError("", why)

    return read


def _whole(value: Any) -> int | None:
    """The integer that a number or a string stands for, as 1.0, "1" and "1e5" do; None for anything else.

    -2**63 as a float is refused: `loads` gives it for integers that lie just below it, too.
    """
    if type(value) is str and len(value) <= 64 and _NUMBER.fullmatch(value):
        value = float(value) if set(value) & set(".eE") else int(value)
    if type(value) is float:
        return int(value) if value.is_integer() and value != -(2.0**63) else None
    return value if type(value) is int else None


def _number_reader(end: float, bits: int) -> Read:
    why = f"must be a number of {bits} bits"

    def read(value: Any, depth: int) -> float:
        number = value if type(value) is float else _number(value)
        if number is not None and (-end < number < end or (type(value) is str and value in _WORDS)):
            return number
        raise JsonError("", why)

    return read


def _number(value: Any) -> float | None:
    """The number that an integer or a string stands for; None for anything else, and for one too large."""
    if type(value) is str:
        return _WORDS[value] if value in _WORDS else float(value) if _NUMBER.fullmatch(value) else None
    if type(value) is int:
        with contextlib.suppress(OverflowError):
            return float(value)
    return None


def _enum_reader(enum: EnumDescriptor) -> Read:
    """Refuses numbers that the enum does not know, as names: they are slips more often than newer clients."""
    numbers = {name: value.number for name, value in enum.values_by_name.items()}
    known = frozenset(numbers.values())
    why = "must be one of " + ", ".join(value.name for value in enum.values[:20])
    nothing = enum.full_name == NULL_VALUE

    def read(value: Any, depth: int) -> int:
        number = numbers.get(value) if type(value) is str else _whole(value)
        if nothing and value is None:
            return 0
        if number in known:
            return int(number)
        raise JsonError("", why)

    return read

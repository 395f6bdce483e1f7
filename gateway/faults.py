"""Finds what is wrong with a JSON value that was refused as a message, and says it in proto3's words.

The parser words its refusals for Python programmers, and loses the path. This walk runs after a refusal only.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

_MAX_DEPTH = 100
_LARGEST_FLOAT = (2 - 2**-24) * 2.0**127  # what rounds to a float of 32 bits is below this

_TEXTS = {
    "google.protobuf.Timestamp": "must be a time such as 2020-01-02T03:04:05Z",
    "google.protobuf.Duration": "must be a number of seconds such as 1.5s, as a string",
    "google.protobuf.FieldMask": "must be field paths in lowerCamelCase, comma-separated, in one string",
}
_INTEGERS = {
    **dict.fromkeys((FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_SINT32), (-(2**31), 2**31)),
    FieldDescriptor.TYPE_SFIXED32: (-(2**31), 2**31),
    **dict.fromkeys((FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_SINT64), (-(2**63), 2**63)),
    FieldDescriptor.TYPE_SFIXED64: (-(2**63), 2**63),
    **dict.fromkeys((FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_FIXED32), (0, 2**32)),
    **dict.fromkeys((FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_FIXED64), (0, 2**64)),
}

Fault = tuple[str, str]


def faults(value: Any, descriptor: Descriptor, path: str = "", depth: int = 0) -> Iterator[Fault]:
    """The (path, what must be there) of each wrong place in a message's JSON value, as far as it is known.

    Fields that do not exist, and what is inside an `Any`, are passed over.
    """
    name = descriptor.full_name
    if depth > _MAX_DEPTH or name == "google.protobuf.Value":
        return
    if name in _TEXTS:
        if not isinstance(value, str) or not _parses(value, descriptor):
            yield path, _TEXTS[name]
    elif name == "google.protobuf.ListValue":
        if not isinstance(value, list):
            yield path, "must be an array"
    elif name.startswith("google.protobuf.") and name.endswith("Value"):  # a wrapper
        yield from _one(value, descriptor.fields_by_name["value"], path, depth)
    elif not isinstance(value, dict):
        yield path, "must be an object"
    elif name == "google.protobuf.Any":
        if value and not isinstance(value.get("@type"), str):
            yield path, 'must be an object with a string "@type"'
    elif name != "google.protobuf.Struct":
        fields = {**descriptor.fields_by_name, **{field.json_name: field for field in descriptor.fields}}
        for key, inner in value.items():
            field = fields.get(key)
            if field is not None and inner is not None:
                yield from _field(inner, field, f"{path}.{key}" if path else key, depth + 1)


def _field(value: Any, field: FieldDescriptor, path: str, depth: int) -> Iterator[Fault]:
    if not field.is_repeated:
        yield from _one(value, field, path, depth)
    elif field.message_type is not None and field.message_type.GetOptions().map_entry:
        if not isinstance(value, dict):
            yield path, "must be an object"
            return
        entry = field.message_type.fields_by_name
        for key, inner in value.items():
            if (why := _key(key, entry["key"])) is not None:
                yield f"{path}[{key}]", f"the key {why}"
            yield from _item(inner, entry["value"], f"{path}[{key}]", depth)
    elif not isinstance(value, list):
        yield path, "must be an array"
    else:
        for index, inner in enumerate(value):
            yield from _item(inner, field, f"{path}[{index}]", depth)


def _item(value: Any, field: FieldDescriptor, path: str, depth: int) -> Iterator[Fault]:
    if value is not None:
        yield from _one(value, field, path, depth)
    elif (field.message_type or field.enum_type or field).full_name not in (
        "google.protobuf.Value",
        "google.protobuf.NullValue",
    ):
        yield path, "must not be null"


def _one(value: Any, field: FieldDescriptor, path: str, depth: int) -> Iterator[Fault]:
    if field.message_type is not None:
        yield from faults(value, field.message_type, path, depth)
    elif (why := _scalar(value, field)) is not None:
        yield path, why


def _key(key: str, field: FieldDescriptor) -> str | None:
    if field.type == FieldDescriptor.TYPE_BOOL:
        return None if key in ("true", "false") else "must be true or false"
    return _scalar(key, field)


def _scalar(value: Any, field: FieldDescriptor) -> str | None:
    match field.type:
        case FieldDescriptor.TYPE_STRING:
            if not isinstance(value, str):
                return "must be a string"
            return "must be Unicode text" if any("\ud800" <= c <= "\udfff" for c in value) else None
        case FieldDescriptor.TYPE_BYTES:
            return None if isinstance(value, str) and _is_base64(value) else "must be base64, as a string"
        case FieldDescriptor.TYPE_BOOL:
            return None if isinstance(value, bool) else "must be true or false"
        case FieldDescriptor.TYPE_ENUM:
            enum: Any = field.enum_type
            if isinstance(value, str) and value in enum.values_by_name:
                return None
            if _is_integer(value, -(2**31), 2**31):
                return None
            return "must be one of " + ", ".join(known.name for known in enum.values[:20])
        case FieldDescriptor.TYPE_FLOAT | FieldDescriptor.TYPE_DOUBLE:
            single = field.type == FieldDescriptor.TYPE_FLOAT
            return None if _is_number(value, single) else f"must be a number of {32 if single else 64} bits"
    low, end = _INTEGERS[field.type]
    bits = (end - low).bit_length() - 1
    if _is_integer(value, low, end):
        return None
    return f"must be an integer of {bits} bits" + ("" if low else ", not below 0")


def _is_integer(value: Any, low: int, end: int) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    try:
        number = int(value)
        exact = not isinstance(value, float) or value == number
    except (ValueError, OverflowError):
        try:
            number = int(float(value))
            exact = float(value) == number
        except (ValueError, OverflowError):
            return False
    return exact and low <= number < end


def _is_number(value: Any, single: bool) -> bool:
    if value in ("NaN", "Infinity", "-Infinity"):
        return True
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return math.isfinite(number) and not (single and abs(number) >= _LARGEST_FLOAT)


def _is_base64(text: str) -> bool:
    try:
        base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return False
    return True


def _parses(text: str, descriptor: Descriptor) -> bool:
    message: Any = GetMessageClass(descriptor)()
    try:
        message.FromJsonString(text)
    except Exception:  # each type has its own
        return False
    return True

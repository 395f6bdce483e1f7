"""Field paths such as `image.display_name`: resolving them, and setting what they name from text or bytes."""

from __future__ import annotations

import base64
import binascii
import contextlib
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway import codec
from gateway.codec import Codec, JsonError

WRAPPERS = frozenset(
    f"google.protobuf.{kind}Value"
    for kind in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
)
_FROM_STRING = frozenset({"google.protobuf.Timestamp", "google.protobuf.Duration"})
_FROM_JSON = frozenset({"google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"})
_EMPTY = "google.protobuf.Empty"
_ANY = "google.protobuf.Any"
FIELD_MASK = "google.protobuf.FieldMask"

_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,20})\Z", re.ASCII)
_FLOAT = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\Z|-?\.\d+(?:[eE][+-]?\d+)?\Z", re.ASCII)
# What Go's strconv.ParseBool takes, and so grpc-gateway.
_BOOLS = dict.fromkeys(("true", "1", "t", "T", "TRUE", "True"), True) | dict.fromkeys(
    ("false", "0", "f", "F", "FALSE", "False"), False
)
# ASCII without spaces, commas and capitals, an underscore before a letter or a digit alone: `a.b_c`, `*`.
_MASK_PATH = re.compile(r"(?:[!-+\--@\[-^`-~]|_[a-z0-9])+\Z")
_LARGEST_FLOAT = (2 - 2**-24) * 2.0**127  # what rounds to a float of 32 bits is below this
_MAX_DEPTH = 32

FieldPath = tuple[FieldDescriptor, ...]


class FieldError(ValueError):
    """A field path that leads nowhere, or a text that is not a value of the field."""


def is_map(field: FieldDescriptor) -> bool:
    """Whether the field is a map."""
    return bool(field.message_type and field.message_type.GetOptions().map_entry and field.is_repeated)


def resolve(descriptor: Descriptor, path: Sequence[str]) -> FieldPath:
    """The fields along a path of proto or JSON names. Raises FieldError.

    Only the last may be repeated.
    """
    if len(path) > _MAX_DEPTH:
        raise FieldError("the path is too long")
    fields: list[FieldDescriptor] = []
    at: Descriptor | None = descriptor
    for name in path:
        if at is None or (fields and (fields[-1].is_repeated or is_whole(fields[-1]))):
            raise FieldError(f"{fields[-1].name} has no fields of its own here")
        field = at.fields_by_name.get(name) or _by_json_name(at, name)
        if field is None:
            raise FieldError("there is no such field")
        fields.append(field)
        at = field.message_type
    if not fields:
        raise FieldError("the path is empty")
    return tuple(fields)


def _by_json_name(descriptor: Descriptor, name: str) -> FieldDescriptor | None:
    usual: FieldDescriptor | None = descriptor.fields_by_camelcase_name.get(name)
    if usual is not None and usual.json_name == name:
        return usual
    return next((field for field in descriptor.fields if field.json_name == name), None)


def takes_text(field: FieldDescriptor) -> bool:
    """Whether one value of the field can be written as text: a scalar, an enum, or a well-known type."""
    kind = field.message_type
    return kind is None or (kind.full_name in WRAPPERS | _FROM_STRING | _FROM_JSON | {FIELD_MASK, _EMPTY})


def is_whole(field: FieldDescriptor) -> bool:
    """Whether proto3 JSON writes the field's message in a way of its own, which knows no fields."""
    kind = field.message_type
    return kind is not None and (kind.full_name == _ANY or takes_text(field))


def takes_json(field: FieldDescriptor) -> bool:
    """Whether the text of a value of the field is JSON: `Struct`, `Value`, `ListValue`, `Empty`."""
    kind = field.message_type
    return kind is not None and kind.full_name in _FROM_JSON | {_EMPTY}


def parent_of(message: Message, fields: FieldPath) -> Message:
    """The message that holds the last field of the path, created on the way. Raises FieldError.

    A second member of a `oneof` is refused.
    """
    for field in fields[:-1]:
        _refuse_second_of_oneof(message, field)
        message = getattr(message, field.name)
        message.SetInParent()
    _refuse_second_of_oneof(message, fields[-1])
    return message


def set_text(message: Message, fields: FieldPath, text: str, json: Codec) -> None:
    """Sets the field at the end of a path, or appends to it, from text. Raises FieldError."""
    field = fields[-1]
    holder = parent_of(message, fields)
    with _as_field_error(text):
        if field.message_type is not None:
            target = getattr(holder, field.name)
            if field.is_repeated:
                target = target.add()
            target.SetInParent()
            _set_well_known(target, text, json)
        elif field.is_repeated:
            getattr(holder, field.name).append(scalar(field, text))
        else:
            setattr(holder, field.name, scalar(field, text))


def set_entry(message: Message, fields: FieldPath, key: str, text: str, json: Codec) -> None:
    """Sets one entry of the map at the end of a path from text.

    Raises FieldError, also for a key that is there.
    """
    kind: Any = fields[-1].message_type
    if not is_map(fields[-1]):
        raise FieldError("is not a map")
    of_key, of_value = kind.fields_by_name["key"], kind.fields_by_name["value"]
    if not takes_text(of_value):
        raise FieldError("maps of messages cannot be given in the query")
    entries = getattr(parent_of(message, fields), fields[-1].name)
    with _as_field_error(key):
        at = scalar(of_key, key)
        if at in entries:
            raise FieldError("given more than once")
    with _as_field_error(text):
        if of_value.message_type is None:
            entries[at] = scalar(of_value, text)
        else:
            _set_well_known(entries[at], text, json)


@contextlib.contextmanager
def _as_field_error(text: str) -> Iterator[None]:
    try:
        yield
    except FieldError:
        raise
    except JsonError as error:
        raise FieldError(error.why) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise FieldError(f"{text[:64]!r} is out of range or not well formed") from error


def set_value(message: Message, fields: FieldPath, value: Any) -> None:
    """Sets the scalar at the end of a path. Raises FieldError where a oneof is already set otherwise."""
    setattr(parent_of(message, fields), fields[-1].name, value)


def scalar(field: FieldDescriptor, text: str) -> Any:
    """The value of a scalar or enum field that a text stands for. Raises FieldError."""
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            return _bytes(text) if field.type == FieldDescriptor.TYPE_BYTES else text
        case FieldDescriptor.CPPTYPE_BOOL:
            if text not in _BOOLS:
                raise FieldError(f"{text[:64]!r} is neither true nor false")
            return _BOOLS[text]
        case FieldDescriptor.CPPTYPE_FLOAT | FieldDescriptor.CPPTYPE_DOUBLE:
            return _float(text, single=field.type == FieldDescriptor.TYPE_FLOAT)
        case FieldDescriptor.CPPTYPE_ENUM:
            enum: Any = field.enum_type
            value = enum.values_by_name.get(text)
            if value is not None:
                return value.number
            if _INTEGER.match(text) and int(text) in enum.values_by_number:
                return int(text)
            known = ", ".join(value.name for value in enum.values[:20])
            raise FieldError(f"{text[:64]!r} is not one of {known}")
        case _:
            if not _INTEGER.match(text):
                raise FieldError(f"{text[:64]!r} is not an integer")
            return int(text)


def _float(text: str, *, single: bool) -> float:
    if text in ("NaN", "Infinity", "-Infinity"):
        return float(text)
    if not _FLOAT.match(text):
        raise FieldError(f"{text[:64]!r} is not a number")
    value = float(text)
    if not math.isfinite(value) or (single and abs(value) >= _LARGEST_FLOAT):
        raise FieldError(f"{text[:64]!r} is out of range")
    return value


def _set_well_known(target: Any, text: str, json: Codec) -> None:
    name = target.DESCRIPTOR.full_name
    if name in WRAPPERS:
        target.value = scalar(target.DESCRIPTOR.fields_by_name["value"], text)
    elif name in _FROM_STRING:
        json.merge(text, target)
    elif name == FIELD_MASK:
        # JSON writes displayName, AIP-161 display_name: both are taken.
        paths = [re.sub(r"[A-Z]", lambda m: "_" + m[0].lower(), path) for path in text.split(",") if path]
        if not all(map(_MASK_PATH.match, paths)):
            raise FieldError(f"{text[:64]!r} is not a list of field paths")
        target.paths.extend(paths)
    elif name == _EMPTY:
        if text not in ("", "{}"):
            raise FieldError(f"{text[:64]!r} is not empty, as it must be")
    elif name in _FROM_JSON:
        json.merge(codec.loads(text.encode()), target)
    elif name == _ANY:
        raise FieldError("an Any cannot be given as text")
    else:
        raise FieldError("a message cannot be given as one value; name a field of it")


def _refuse_second_of_oneof(message: Message, field: FieldDescriptor) -> None:
    oneof = field.containing_oneof
    if oneof is not None:
        other = message.WhichOneof(oneof.name)
        if other is not None and other != field.name:
            raise FieldError(f"only one of {oneof.name} may be set, and {other} is")


def _bytes(text: str) -> bytes:
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error as error:
        raise FieldError("not base64") from error

"""proto3 JSON of the well-known types that have a form of their own, but for Any, which is any type."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from gateway.codec.text import JsonError

MAX_DEPTH = 100
MAX_MEMBERS = 100_000
"""Of an object of any JSON: protobuf copies it in time that grows with the square of their number."""

Read = Callable[[Any, int, Any], Any]
"""(JSON value, depth of the message, its class) → the message, or what its constructor takes."""
Write = Callable[[Any], Any]

_EPOCH = datetime(1970, 1, 1)
_UTC = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?Z")
_OFFSET = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]{1,9})?[+-][0-9]{2}:[0-9]{2}")
_SECONDS = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,9}))?s")
_MOST_SECONDS = 315_576_000_000


def check_depth(depth: int) -> None:
    """Raises JsonError for a message too many levels below the root."""
    if depth >= MAX_DEPTH:
        raise JsonError("", f"is nested more than {MAX_DEPTH} deep")


def _read_value(value: Any, depth: int, of: Any) -> Any:
    message = of()
    _fill_value(value, message, depth)
    return message


def _read_struct(value: Any, depth: int, of: Any) -> Any:
    message = of()
    _fill_struct(value, message, depth)
    return message


def _read_list(value: Any, depth: int, of: Any) -> Any:
    message = of()
    _fill_list(value, message, depth)
    return message


def _fill_value(value: Any, message: Any, depth: int) -> None:
    kind = type(value)
    if kind is str:
        message.string_value = value
    elif kind is bool:
        message.bool_value = value
    elif kind is float or kind is int:
        message.number_value = _finite(value)
    elif value is None:
        message.null_value = 0
    elif kind is dict:
        _fill_struct(value, message.struct_value, depth + 1)
    else:
        _fill_list(value, message.list_value, depth + 1)


def _fill_struct(value: Any, message: Any, depth: int) -> None:
    if type(value) is not dict:
        raise JsonError("", "must be an object")
    check_depth(depth)
    if len(value) > MAX_MEMBERS:
        raise JsonError("", f"has more than {MAX_MEMBERS} members")
    message.SetInParent()
    fields = message.fields
    for key, inner in value.items():
        try:
            _fill_value(inner, fields[key], depth)
        except JsonError as error:
            error.below(key)
            raise


def _fill_list(value: Any, message: Any, depth: int) -> None:
    if type(value) is not list:
        raise JsonError("", "must be an array")
    check_depth(depth)
    message.SetInParent()
    add = message.values.add
    for index, inner in enumerate(value):
        try:
            _fill_value(inner, add(), depth)
        except JsonError as error:
            error.below(f"[{index}]")
            raise


def _finite(number: float) -> float:
    try:
        number = float(number)
    except OverflowError:
        number = float("inf")
    if number - number != 0:
        raise JsonError("", "must be a number of 64 bits")
    return number


def _write_value(message: Any) -> Any:
    match message.WhichOneof("kind"):
        case "string_value":
            return message.string_value
        case "number_value":
            return _finite(message.number_value)
        case "bool_value":
            return message.bool_value
        case "struct_value":
            return _write_struct(message.struct_value)
        case "list_value":
            return _write_list(message.list_value)
    return None  # null, or nothing


def _write_struct(message: Any) -> dict[str, Any]:
    return {key: _write_value(value) for key, value in message.fields.items()}


def _write_list(message: Any) -> list[Any]:
    return [_write_value(value) for value in message.values]


def _read_timestamp(value: Any, depth: int, of: Any) -> Any:
    found = _UTC.fullmatch(value) if type(value) is str else None
    if found is None:
        if type(value) is str and not _OFFSET.fullmatch(value):
            raise JsonError("", "must be a time such as 2020-01-02T03:04:05Z")
        return _from_string(value, of, "must be a time such as 2020-01-02T03:04:05Z")
    try:
        passed = datetime.fromisoformat(found[1]) - _EPOCH
    except ValueError as error:
        raise JsonError("", "must be a time such as 2020-01-02T03:04:05Z") from error
    return {"seconds": passed.days * 86400 + passed.seconds, "nanos": _nanos(found[2])}


def _write_timestamp(message: Any) -> str:
    seconds, nanos = message.seconds, message.nanos
    try:
        moment = _EPOCH + timedelta(0, seconds)
    except OverflowError:
        moment = None
    if moment is None or not 0 <= nanos < 10**9:
        raise ValueError(f"no time has {seconds} seconds and {nanos} nanoseconds")
    return f"{moment.isoformat()}{_fraction(nanos)}Z"


def _read_duration(value: Any, depth: int, of: Any) -> Any:
    found = _SECONDS.fullmatch(value) if type(value) is str else None
    if found is None or int(found[2]) > _MOST_SECONDS:
        raise JsonError("", "must be a number of seconds such as 1.5s, as a string")
    sign = -1 if found[1] else 1
    return {"seconds": sign * int(found[2]), "nanos": sign * _nanos(found[3])}


def _write_duration(message: Any) -> str:
    seconds, nanos = message.seconds, message.nanos
    if abs(seconds) > _MOST_SECONDS or abs(nanos) >= 10**9 or seconds * nanos < 0:
        raise ValueError(f"no duration has {seconds} seconds and {nanos} nanoseconds")
    return f"{'-' if seconds < 0 or nanos < 0 else ''}{abs(seconds)}{_fraction(abs(nanos))}s"


def _read_mask(value: Any, depth: int, of: Any) -> Any:
    return _from_string(value, of, "must be field paths in lowerCamelCase, comma-separated, in one string")


def _write_mask(message: Any) -> str:
    return str(message.ToJsonString())


def _from_string(value: Any, of: Any, why: str) -> Any:
    message = of()
    try:
        if type(value) is str:
            message.FromJsonString(value)
            return message
    except Exception as error:  # each type has its own
        raise JsonError("", why) from error
    raise JsonError("", why)


def _nanos(digits: str | None) -> int:
    return int(digits.ljust(9, "0")) if digits else 0


def _fraction(nanos: int) -> str:
    """Nanoseconds as 0, 3, 6 or 9 digits after a point."""
    if not nanos:
        return ""
    digits = f".{nanos:09d}"
    return digits[:4] if digits.endswith("000000") else digits[:7] if digits.endswith("000") else digits


KNOWN: dict[str, tuple[Read, Write]] = {
    "google.protobuf.Value": (_read_value, _write_value),
    "google.protobuf.Struct": (_read_struct, _write_struct),
    "google.protobuf.ListValue": (_read_list, _write_list),
    "google.protobuf.Timestamp": (_read_timestamp, _write_timestamp),
    "google.protobuf.Duration": (_read_duration, _write_duration),
    "google.protobuf.FieldMask": (_read_mask, _write_mask),
}

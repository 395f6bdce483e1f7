"""proto3 JSON, in both directions: equal in meaning to protobuf's json_format, stricter where that is lax.

A message's descriptor is compiled once, into functions that read and write its messages.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Sequence
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from numpy import empty, float32, fromiter

from gateway.codec.reader import Reader
from gateway.codec.text import JsonError, dumps, loads
from gateway.codec.writer import Write, Writer, is_object

__all__ = ["Codec", "JsonError", "dumps", "loads"]


_FLOAT = FieldDescriptor.TYPE_FLOAT


class Codec:
    """Reads and writes the messages of one descriptor pool; `Any` is resolved in that pool."""

    def __init__(self, pool: DescriptorPool) -> None:
        self._reader = Reader(pool)
        self._values = Writer(pool)
        # orjson prints float32s at their shortest, and what is not finite as null.
        self._texts = Writer(pool, {_FLOAT: _single_writer()}, {_FLOAT: _write_singles})
        self._thread = threading.get_ident()

    def merge(self, value: Any, message: Message) -> None:
        """Merges a JSON value, as `loads` gives it, into a message.

        Raises JsonError with the path of what is wrong: unknown fields and enum values, values of the wrong
        type, a field under both of its names, two members of a oneof.
        """
        self._reader.merge(value, message)

    def to_value(self, message: Message) -> Any:
        """The JSON value of a message: camelCase, fields without presence printed even when empty.

        Raises ValueError, TypeError or DecodeError for a message that has no JSON form, such as one with a
        time out of range or an Any of a type that is not known.
        """
        return self._values.of(_type(message))(message)

    def dumps(self, message: Message) -> bytes:
        """The JSON text of a message, UTF-8, on one line. Raises as `to_value` does."""
        if threading.get_ident() == self._thread:
            text = dumps(self._texts.of(_type(message))(message))
            if b"null" not in text:
                return text
        return dumps(self.to_value(message))

    def any_to_value(self, type_url: str, data: bytes) -> Any:
        """The JSON value of a packed `Any`; of a type that is not known here, its bytes as base64."""
        try:
            descriptor = self._values.find(type_url)
            value = self.to_value(GetMessageClass(descriptor).FromString(data))
        except (DecodeError, TypeError, ValueError):
            return {"@type": type_url, "value": base64.b64encode(data).decode()}
        return {"@type": type_url, **(value if is_object(descriptor) else {"value": value})}


def _type(message: Message) -> Descriptor:
    return cast(Descriptor, message.DESCRIPTOR)  # the stubs have it as one of two classes


def _single_writer() -> Write:
    """What makes float32s, for one thread: an array's item is one in half the time of float32(value)."""
    cell = empty(1, float32)

    def write(value: float) -> Any:
        cell[0] = value
        return cell[0]

    return write


def _write_singles(values: Sequence[float]) -> Any:
    return fromiter(values, float32, len(values))

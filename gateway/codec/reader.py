"""Compiles descriptors into functions that read JSON values into what the constructors of messages take.

A constructor sets all fields of a message and of those below it in one step, in C.
"""

from __future__ import annotations

import threading
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from gateway.codec import scalars
from gateway.codec.known import KNOWN, MAX_DEPTH, check_depth
from gateway.codec.scalars import Read
from gateway.codec.text import JsonError, not_unicode
from gateway.codec.writer import ANY, VALUE, WRAPPERS, is_object

_AS_IT_IS = {FieldDescriptor.TYPE_STRING: str, FieldDescriptor.TYPE_BOOL: bool}


class Reader:
    """Reads the messages of one pool."""

    def __init__(self, pool: DescriptorPool) -> None:
        self._pool = pool
        self._ready: dict[str, Read] = {}
        self._compiling = threading.RLock()
        self._made: dict[str, Read] = {}  # with those whose fields are still being compiled

    def merge(self, value: Any, message: Message) -> None:
        """Merges a JSON value into a message. Raises JsonError with the path of what is wrong."""
        descriptor: Any = message.DESCRIPTOR
        made = _make(type(message), self.of(descriptor)(value, 0), value)
        if not is_object(descriptor):
            message.Clear()
        # Not by MergeFrom: it takes the entries of a map in the order of their hashes, and then a larger map
        # is filled in time that grows with the square of their number.
        try:
            message.MergeFromString(made.SerializePartialToString(deterministic=True))
        except DecodeError as error:
            raise JsonError("", "is nested too deep") from error

    def of(self, descriptor: Descriptor) -> Read:
        """What reads a message of this type; compiled at its first use.

        It raises JsonError with the path from the message down.
        """
        read = self._ready.get(descriptor.full_name)
        if read is None:
            with self._compiling:
                read = self._ready[descriptor.full_name] = self._of(descriptor)
        return read

    def _of(self, descriptor: Descriptor) -> Read:
        made = self._made.get(descriptor.full_name)
        return made or self._made.setdefault(descriptor.full_name, self._compile(descriptor))

    def _compile(self, descriptor: Descriptor) -> Read:
        if descriptor.full_name in KNOWN:
            of, read_known = GetMessageClass(descriptor), KNOWN[descriptor.full_name][0]
            return lambda value, depth: read_known(value, depth, of)
        if descriptor.full_name == ANY:
            return self._any
        if descriptor.file.name == WRAPPERS:
            read = scalars.reader(descriptor.fields_by_name["value"])
            return lambda value, depth: {"value": read(value, depth)}
        if descriptor.is_extendable:
            return self._extendable(descriptor)
        return self._message(descriptor)

    def _message(self, descriptor: Descriptor) -> Read:
        fields: dict[str, tuple[str, type | None, Read]] = {}
        nullable = frozenset(field.name for field in descriptor.fields if _takes_null(field))
        groups = [
            {name for field in oneof.fields for name in (field.name, field.json_name)}
            for oneof in descriptor.oneofs
            if len(oneof.fields) > 1
        ]

        def read(value: Any, depth: int) -> dict[str, Any]:
            if type(value) is not dict:
                raise JsonError("", "must be an object")
            if depth >= MAX_DEPTH:
                check_depth(depth)
            out: dict[str, Any] = {}
            below, key = depth + 1, ""
            try:
                for key, inner in value.items():
                    entry = fields.get(key)
                    if entry is None:
                        raise JsonError("", "there is no such field")
                    name, as_it_is, read_field = entry
                    if type(inner) is as_it_is:
                        out[name] = inner
                    elif inner is not None or name in nullable:
                        out[name] = read_field(inner, below)
            except JsonError as error:
                error.below(key)
                raise
            if len(out) != len(value):
                _refuse_twins(value, descriptor)
            for group in groups:
                if len(group & value.keys()) > 1:
                    _refuse_second(value, group)
            return out

        self._made[descriptor.full_name] = read  # before its fields: it may hold itself
        made = [
            (
                field,
                (field.name, None if field.is_repeated else _AS_IT_IS.get(field.type), self._field(field)),
            )
            for field in descriptor.fields
        ]
        fields.update({field.name: entry for field, entry in made})
        fields.update({field.json_name: entry for field, entry in made})
        return read

    def _field(self, field: FieldDescriptor) -> Read:
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            key, value = kind.fields_by_name["key"], kind.fields_by_name["value"]
            return _map(scalars.key_reader(key), self._one(value), _takes_null(value))
        one = self._one(field)
        return _list(one, _takes_null(field, item=True)) if field.is_repeated else one

    def _one(self, field: FieldDescriptor) -> Read:
        return scalars.reader(field) if field.message_type is None else self._of(field.message_type)

    def _any(self, value: Any, depth: int) -> dict[str, Any]:
        if type(value) is not dict:
            raise JsonError("", "must be an object")
        check_depth(depth)
        if not value:
            return {}
        url = value.get("@type")
        if type(url) is not str:
            raise JsonError("", 'must be an object with a string "@type"')
        try:
            descriptor = self._pool.FindMessageTypeByName(url.rpartition("/")[2])
        except (KeyError, ValueError):
            raise JsonError("@type", "no such type is known here") from None
        rest = {key: inner for key, inner in value.items() if key != "@type"}
        if is_object(descriptor):
            content = self.of(descriptor)(rest, depth + 1)
        else:
            rest = _only_value(rest)
            try:
                content = self.of(descriptor)(rest, depth + 1)
            except JsonError as error:
                error.below("value")
                raise
        made = _make(GetMessageClass(descriptor), content, rest)
        return {"type_url": url, "value": made.SerializeToString()}

    def _extendable(self, descriptor: Descriptor) -> Read:
        """What reads a message that may hold extensions, which only proto2 knows."""
        of = GetMessageClass(descriptor)

        def read(value: Any, depth: int) -> Message:
            try:
                return json_format.ParseDict(
                    value, of(), descriptor_pool=self._pool, max_recursion_depth=MAX_DEPTH - depth
                )
            except (json_format.ParseError, TypeError, ValueError, AttributeError, RecursionError) as error:
                raise JsonError("", f"is no {descriptor.full_name}") from error

        return read


def _make(of: type[Message], read: Any, value: Any) -> Message:
    """The message of what was read from a JSON value."""
    try:
        return of(**read) if type(read) is dict else read
    except UnicodeEncodeError as error:
        raise JsonError(not_unicode(value) or "", "must be Unicode text") from error
    except (
        DecodeError
    ) as error:  # protobuf copies what it reads, and counts three levels for each of a Struct's
        raise JsonError("", "is nested too deep") from error


def _takes_null(field: FieldDescriptor, *, item: bool = False) -> bool:
    """Whether null is a value of the field, and not its absence; `item`: of each of its items."""
    if field.is_repeated and not item:
        return False
    kind = field.message_type or field.enum_type
    return kind is not None and kind.full_name in (VALUE, scalars.NULL_VALUE)


def _list(read: Read, takes_null: bool) -> Read:
    def read_list(value: Any, depth: int) -> list[Any]:
        if type(value) is not list:
            raise JsonError("", "must be an array")
        out: list[Any] = []
        try:
            for item in value:
                out.append(read(item, depth))
        except JsonError as error:
            _place(error, value[len(out)], f"[{len(out)}]", takes_null)
            raise
        return out

    return read_list


def _map(read_key: Read, read: Read, takes_null: bool) -> Read:
    def read_map(value: Any, depth: int) -> dict[Any, Any]:
        if type(value) is not dict:
            raise JsonError("", "must be an object")
        out = {}
        for key, inner in value.items():
            try:
                read_as = read_key(key, depth)
            except JsonError as error:
                raise JsonError(f"[{key}]", f"the key {error.why}") from None
            try:
                out[read_as] = read(inner, depth)
            except JsonError as error:
                _place(error, inner, f"[{key}]", takes_null)
                raise
        return out

    return read_map


def _place(error: JsonError, value: Any, step: str, takes_null: bool) -> None:
    error.below(step)
    if value is None and not takes_null:
        error.why = "must not be null"


def _only_value(rest: dict[str, Any]) -> Any:
    """What an Any holds of a type that is not written as an object."""
    for key in rest:
        if key != "value":
            raise JsonError(key, "there is no such field")
    if not rest:
        raise JsonError("value", "must be set")
    return rest["value"]


def _refuse_twins(value: dict[str, Any], descriptor: Descriptor) -> None:
    for field in descriptor.fields:
        if field.name != field.json_name and field.name in value and field.json_name in value:
            raise JsonError(field.name, f"the field comes twice: {field.json_name} is it too")


def _refuse_second(value: dict[str, Any], group: set[str]) -> None:
    """Refuses a second member of a oneof; one that is null is not set."""
    given = [name for name in value if name in group and value[name] is not None]
    if len(given) > 1:
        raise JsonError(given[1], f"only one of a oneof may be set, and {given[0]} is")

"""Compiles descriptors into functions that write messages as JSON values.

Each is made of generated source, as dataclasses make theirs: that is twice as fast as a loop over fields.
"""

from __future__ import annotations

import keyword
import threading
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from gateway.codec import scalars
from gateway.codec.known import KNOWN

ANY = "google.protobuf.Any"
VALUE = "google.protobuf.Value"
WRAPPERS = "google/protobuf/wrappers.proto"

Write = Callable[[Any], Any]


def is_object(descriptor: Descriptor) -> bool:
    """Whether the type is written as an object with its fields in it: beside its @type in an Any."""
    name = descriptor.full_name
    return name not in KNOWN and name != ANY and descriptor.file.name != WRAPPERS


class Writer:
    """Writes the messages of one pool.

    `floats` holds what writes a float of 32 and of 64 bits, `lists` what writes all of a repeated one.
    """

    def __init__(
        self,
        pool: DescriptorPool,
        floats: Mapping[int, Write] = scalars.FLOATS,
        lists: Mapping[int, Write] | None = None,
    ) -> None:
        self._pool = pool
        self._floats = floats
        self._lists = lists or {}
        self._ready: dict[str, Write] = {}
        self._compiling = threading.RLock()
        self._names: dict[str, str] = {}
        self._scope: dict[str, Any] = {}  # what the generated functions see: each other, and what they call

    def of(self, descriptor: Descriptor) -> Write:
        """The function that makes the JSON value of a message of this type; compiled at its first use.

        It raises ValueError for a well-known type out of its range, and TypeError and DecodeError for an Any
        that is not known or broken.
        """
        write = self._ready.get(descriptor.full_name)
        if write is None:
            with self._compiling:
                write = self._ready[descriptor.full_name] = self._scope[self._message(descriptor)]
        return write

    def find(self, type_url: str) -> Descriptor:
        """The type of an Any's content. Raises TypeError for one that the pool does not know."""
        try:
            return self._pool.FindMessageTypeByName(type_url.rpartition("/")[2])
        except KeyError as error:
            raise TypeError(f"no type {type_url!r} is known here") from error

    def _message(self, descriptor: Descriptor) -> str:
        """The name, in the scope, of what writes messages of this type."""
        name = self._names.get(descriptor.full_name)
        if name is None:  # it is known before it is compiled: a message may hold itself
            name = self._names[descriptor.full_name] = f"write_{len(self._names)}"
            self._scope[name] = self._compile(descriptor)
        return name

    def _compile(self, descriptor: Descriptor) -> Write:
        if descriptor.full_name in KNOWN:
            return KNOWN[descriptor.full_name][1]
        if descriptor.full_name == ANY:
            return self._any
        if descriptor.is_extendable:
            return self._extendable
        if descriptor.file.name == WRAPPERS:
            return self._function(f"return {self._one(descriptor.fields_by_name['value'], 'message.value')}")
        always, present = [], []
        for field in descriptor.fields:
            value = f"message.{field.name}"
            if keyword.iskeyword(field.name) or not field.name.isidentifier():
                value = f"getattr(message, {field.name!r})"
            key, written = repr(field.json_name), self._field(field, value)
            if field.has_presence:
                present.append(f"if message.HasField({field.name!r}): out[{key}] = {written}")
            else:
                always.append(f"{key}: {written}")
        return self._function(f"out = {{{', '.join(always)}}}", *present, "return out")

    def _function(self, *lines: str) -> Write:
        """Compiles a function's body. All that comes from descriptors stands in it as a literal or a name."""
        source = "\n ".join(("def write(message):", *lines))
        made: dict[str, Any] = {}
        exec(source, self._scope, made)  # noqa: S102
        return made["write"]  # type: ignore[no-any-return]

    def _field(self, field: FieldDescriptor, value: str) -> str:
        """The expression that writes a field whose value is another expression."""
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            key = self._call(scalars.key_writer(kind.fields_by_name["key"]), "key")
            entry = f"{key}: {self._one(kind.fields_by_name['value'], 'item')}"
            return f"{{{entry} for key, item in {value}.items()}}"
        if not field.is_repeated:
            return self._one(field, value)
        if field.type in self._lists:
            return self._call(self._lists[field.type], value)
        item = self._one(field, "item")
        return f"list({value})" if item == "item" else f"[{item} for item in {value}]"

    def _one(self, field: FieldDescriptor, value: str) -> str:
        if field.message_type is not None:
            return f"{self._message(field.message_type)}({value})"
        return self._call(scalars.writer(field, self._floats), value)

    def _call(self, write: Write | None, value: str) -> str:
        if write is None:
            return value
        name = f"scalar_{len(self._scope)}"
        self._scope[name] = write
        return f"{name}({value})"

    def _any(self, message: Any) -> dict[str, Any]:
        if not message.type_url and not message.value:
            return {}
        descriptor = self.find(message.type_url)
        value = self.of(descriptor)(GetMessageClass(descriptor).FromString(message.value))
        return {"@type": message.type_url, **(value if is_object(descriptor) else {"value": value})}

    def _extendable(self, message: Any) -> Any:
        """A message that may hold extensions, which only proto2 knows."""
        return json_format.MessageToDict(
            message, always_print_fields_with_no_presence=True, descriptor_pool=self._pool
        )

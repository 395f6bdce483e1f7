"""Messages and enums as JSON Schema 2020-12, as proto3 JSON writes them: the components of OpenAPI 3.1."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from gateway import fields
from gateway.bounds import add_bounds
from gateway.choices import MESSAGE, add_choices, choices, message_words
from gateway.codec import JsonError, loads
from gateway.examples import DURATION
from gateway.schema import Schema

Json = dict[str, Any]

_BEHAVIOUR = "google.api.field_behavior"
_BOUNDS = "buf.validate.field"
_REQUIRED, _OUTPUT_ONLY, _INPUT_ONLY = 2, 3, 4  # google/api/field_behavior.proto

_SCALARS: dict[int, Json] = {
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_FLOAT: {"type": "number", "format": "float"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
}
_INT32: Json = {"type": "integer", "format": "int32"}
_UINT32: Json = {"type": "integer", "format": "int64", "minimum": 0}
_INT64: Json = {"type": "string", "format": "int64"}
_UINT64: Json = {"type": "string", "format": "uint64"}
_SCALARS |= {
    kind: schema
    for schema, kinds in (
        (_INT32, (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_SINT32, FieldDescriptor.TYPE_SFIXED32)),
        (_UINT32, (FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_FIXED32)),
        (_INT64, (FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_SINT64, FieldDescriptor.TYPE_SFIXED64)),
        (_UINT64, (FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_FIXED64)),
    )
    for kind in kinds
}
_WELL_KNOWN: dict[str, Json] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {
        "type": "string",
        "pattern": DURATION,
        "examples": ["1.5s"],
    },
    "google.protobuf.FieldMask": {"type": "string"},
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.Value": {},
    "google.protobuf.ListValue": {"type": "array", "items": {}},
    "google.protobuf.Empty": {"type": "object"},
    "google.protobuf.Any": {
        "type": "object",
        "properties": {"@type": {"type": "string", "description": "The type's URL."}},
        "additionalProperties": True,
    },
}
_EXAMPLE = re.compile(r"\bExamples?: (?:`([^`]+)`|\"([^\"]+)\")")


class Components:
    """Collects the component schemas that a document refers to."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.schemas: dict[str, Json] = {}
        self._names: dict[str, str] = {}

    def reserve(self, full_name: str, name: str, schema: Json) -> None:
        """Gives a type a name and a schema of the caller's own."""
        self._names[full_name] = name
        self.schemas[name] = schema

    def message(self, message: Descriptor) -> Json:
        """The schema of a message: a reference, or the well-known type's own."""
        if message.full_name in _WELL_KNOWN:
            return dict(_WELL_KNOWN[message.full_name])
        if message.full_name in fields.WRAPPERS:
            inner = self.value(message.fields_by_name["value"])
            return {**inner, "type": [inner["type"], "null"]}
        name = self._name(message.full_name, message.file.package)
        if name not in self.schemas:
            self.schemas[name] = {}  # first, for messages that hold themselves
            self.schemas[name] = self.object(message)
        return {"$ref": f"#/components/schemas/{name}"}

    def object(self, message: Descriptor, without: Container[str] = (), *, partial: bool = False) -> Json:
        """The schema of a message, written out, without the fields named; `partial`: none is required."""
        out: Json = {"type": "object"}
        self._describe(out, message.full_name)
        kept = [field for field in message.fields if field.name not in without]
        if kept:
            out["properties"] = {field.json_name: self.field(field) for field in kept}
        required = [field.json_name for field in kept if self.is_required(field)]
        if required and not partial:
            out["required"] = required
        add_choices(out, choices(message, self._schema.options, {field.name for field in kept}))
        _append(out, message_words(self._schema.options(message).get(MESSAGE)))
        return out

    def field(self, field: FieldDescriptor) -> Json:
        """The schema of a field, with its comment, behaviour and bounds."""
        options = self._schema.options(field)
        if fields.is_map(field):
            entry: Any = field.message_type
            out: Json = {
                "type": "object",
                "additionalProperties": self.value(entry.fields_by_name["value"]),
            }
        elif field.is_repeated:
            out = {"type": "array", "items": self.value(field)}
        else:
            out = self.value(field)
        words = add_bounds(out, options[_BOUNDS], field) if _BOUNDS in options else []
        self._describe(out, field.full_name)
        _append(out, words)
        behaviour = options.get(_BEHAVIOUR, ())
        if _OUTPUT_ONLY in behaviour:
            out["readOnly"] = True
        if _INPUT_ONLY in behaviour:
            out["writeOnly"] = True
        if field.GetOptions().deprecated:
            out["deprecated"] = True
        return out

    def value(self, field: FieldDescriptor) -> Json:
        """The schema of one value of a field."""
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            return self.enum(field.enum_type)
        return dict(_SCALARS[field.type])

    def enum(self, enum: EnumDescriptor) -> Json:
        """The schema of an enum: its names."""
        if enum.full_name == "google.protobuf.NullValue":
            return {"type": "null"}
        name = self._name(enum.full_name, enum.file.package)
        if name not in self.schemas:
            out: Json = {"type": "string", "enum": [value.name for value in enum.values]}
            self._describe(out, enum.full_name)
            lines = [
                f"- `{value.name}`: {' '.join(comment.split())}"
                for value in enum.values
                if (comment := self._schema.comments.get(f"{enum.full_name}.{value.name}"))
            ]
            if lines:
                out["description"] = "\n\n".join(filter(None, [out.get("description"), "\n".join(lines)]))
            self.schemas[name] = out
        return {"$ref": f"#/components/schemas/{name}"}

    def is_required(self, field: FieldDescriptor) -> bool:
        """Whether a request must set the field."""
        options = self._schema.options(field)
        bounds = options.get(_BOUNDS)
        return _REQUIRED in options.get(_BEHAVIOUR, ()) or bool(
            bounds is not None and "required" in bounds.DESCRIPTOR.fields_by_name and bounds.required
        )

    def _describe(self, out: Json, full_name: str) -> None:
        comment = self._schema.comments.get(full_name)
        if not comment:
            return
        out["description"] = comment
        example = _EXAMPLE.search(comment)
        if example:
            out.setdefault("examples", [_example(example[1] or example[2], out.get("type"))])

    def _name(self, full_name: str, package: str) -> str:
        """The name without its package, where no other type has it."""
        if full_name not in self._names:
            short = full_name.removeprefix(package + ".")
            taken = Counter(self._names.values())
            self._names[full_name] = full_name if taken[short] else short
        return self._names[full_name]


def _append(out: Json, words: list[str]) -> None:
    """Adds to a description what no keyword says."""
    if words:
        said = "Constraints: " + "; ".join(words) + "."
        out["description"] = "\n\n".join(filter(None, [out.get("description"), said]))


def _example(text: str, kind: Any) -> Any:
    if kind == "string":
        return text
    try:
        return loads(text.encode())
    except JsonError:
        return text

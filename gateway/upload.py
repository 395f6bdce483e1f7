"""Uploads by the method option `gateway.v1.upload`: raw bodies and forms into request messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message

from gateway import fields
from gateway.codec import Codec, JsonError, loads
from gateway.errors import invalid
from gateway.fields import FieldError, FieldPath
from gateway.multipart import Part, base_name

FORM = "multipart/form-data"
OPTION = "gateway.v1.upload"
CHUNK = 64 << 10
MAX_CHUNK = 1 << 20


class UploadOptionError(ValueError):
    """An upload option that does not fit its method."""


@dataclass(frozen=True, slots=True)
class PartTarget:
    """Where a part of a form goes. The empty path of a JSON part is the whole request."""

    kind: Literal["bytes", "json", "text"]
    path: FieldPath


@dataclass(frozen=True, slots=True)
class ManyPlan:
    """The streaming method that takes a form with several files, and where an item goes in its request."""

    method: str
    request_path: FieldPath
    index_path: FieldPath


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """How a client-streaming method takes a file: `size` is the most bytes of a message's piece of it."""

    start: FieldPath
    finish: FieldPath
    size: int


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """An upload option, with its paths resolved."""

    raw: FieldPath
    raw_content_types: tuple[str, ...]
    content_type: FieldPath
    filename: FieldPath
    parts: dict[str, PartTarget]
    many: ManyPlan | None
    chunks: ChunkPlan | None

    def takes_raw(self, media_type: str) -> bool:
        """Whether a bare body of the media type is taken."""
        return any(
            wanted in ("*/*", media_type) or (wanted.endswith("/*") and media_type.startswith(wanted[:-1]))
            for wanted in self.raw_content_types
        )

    def accepted(self) -> list[str]:
        """The media types and ranges that are taken beside JSON."""
        return [*([FORM] if self.parts else []), *self.raw_content_types]

    def fill_raw(self, message: Message, body: bytes, media_type: str, filename: str) -> None:
        """Sets the fields of a request from a bare body. Raises RequestError."""
        try:
            fields.set_value(message, self.raw, body)
            self.describe(message, media_type, filename)
        except FieldError as error:
            raise invalid(dotted(self.raw), str(error)) from error

    def target(self, name: str) -> PartTarget:
        """Where a part goes. Raises RequestError (400) for a name that the option does not list."""
        if name not in self.parts:
            raise invalid(name, f"no such part; the form takes {', '.join(self.parts)}")
        return self.parts[name]

    def ranks(self, parts: Sequence[Part]) -> int:
        """How many requests the parts of a form make. Raises RequestError for forms that make no sense."""
        counts = Counter(part.name for part in parts)
        ranks = max((n for name, n in counts.items() if self.target(name).kind == "bytes"), default=1)
        for name, count in counts.items():
            if count not in (1, ranks):
                raise invalid(
                    name, f"comes {count} times, beside {ranks} files: send it once, or once a file"
                )
            if count == 1 and ranks > 1 and self.parts[name].kind == "bytes":
                raise invalid(name, f"comes once, where another file part comes {ranks} times")
        if ranks > 1 and self.many is None:
            raise invalid("", "this method takes one file a request")
        return ranks

    def fill(self, message: Message, parts: Sequence[Part], rank: int, codec: Codec) -> None:
        """Sets the fields of the request of one rank from the parts of a form. Raises RequestError.

        The content of a file part is let go of once it is in its request.
        """
        by_name: dict[str, list[Part]] = {}
        for part in parts:
            by_name.setdefault(part.name, []).append(part)
        files = []
        for name, same in by_name.items():
            part = same[rank] if len(same) > 1 else same[0]
            target = self.parts[name]
            try:
                if target.kind == "bytes":
                    files.append((part, target))
                elif target.kind == "json":
                    self._merge(message, target.path, loads(part.content), codec)
                else:
                    fields.set_text(message, target.path, part.content.decode("utf-8"), codec)
            except UnicodeDecodeError as error:
                raise invalid(name, "is not UTF-8") from error
            except FieldError as error:
                raise invalid(name, str(error)) from error
            except JsonError as error:
                inside = error.field.removeprefix(".".join(step.json_name for step in target.path)).strip(".")
                raise invalid(f"{name}.{inside}" if inside else name, error.why) from error
        for part, target in files:  # last, so that JSON neither replaces a file nor loses to its name
            try:
                fields.set_value(message, target.path, bytes(part.content))
                self.describe(message, part.content_type, base_name(part.filename or ""))
            except FieldError as error:
                raise invalid(part.name, str(error)) from error
            part.content = bytearray()

    def _merge(self, message: Message, path: FieldPath, value: Any, codec: Codec) -> None:
        if path:
            # Through the JSON of the whole: lists, maps and well-known types merge as they do anywhere.
            for field in reversed(path):
                value = {field.json_name: value}
        codec.merge(value, message)

    def describe(self, message: Message, media_type: str, filename: str) -> None:
        """Sets a file's media type and name, where the request does not say them. Raises FieldError."""
        for path, text in ((self.content_type, media_type), (self.filename, filename)):
            if path and text:
                holder = fields.parent_of(message, path)
                if not getattr(holder, path[-1].name):  # what the caller says outright stands
                    setattr(holder, path[-1].name, text)


def plan(option: Any, method: MethodDescriptor) -> UploadPlan:
    """Resolves the upload option of a method.

    Raises UploadOptionError where a path or method is not there, or of the wrong type.
    """
    request: Any = method.input_type
    siblings: Any = method.containing_service.methods_by_name
    if method.client_streaming != option.HasField("chunks"):
        raise UploadOptionError("client-streaming methods need chunks, and no others take them")
    if method.client_streaming and option.HasField("many"):
        raise UploadOptionError("many: a client-streaming method takes one file")
    string, bytes_ = FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES
    parts = {}
    for part in option.parts:
        match part.WhichOneof("target"):
            case "bytes_field":
                parts[part.name] = PartTarget("bytes", _resolve(request, part.bytes_field, bytes_))
            case "text_field":
                parts[part.name] = PartTarget("text", _resolve(request, part.text_field, None))
            case "json_field" if part.json_field == "*":
                parts[part.name] = PartTarget("json", ())
            case "json_field":
                parts[part.name] = PartTarget("json", _resolve(request, part.json_field, None))
            case _:
                raise UploadOptionError(f"part {part.name!r} has no target")
    if option.raw_field and not option.raw_content_types:
        raise UploadOptionError("raw_field needs raw_content_types")
    raw_types = [kind.lower() for kind in option.raw_content_types] if option.raw_field else []
    return UploadPlan(
        raw=_resolve(request, option.raw_field, bytes_),
        raw_content_types=tuple(raw_types),
        content_type=_resolve(request, option.content_type_field, string),
        filename=_resolve(request, option.filename_field, string),
        parts=parts,
        many=_many(option.many, request, siblings) if option.HasField("many") else None,
        chunks=_chunks(option.chunks, request) if option.HasField("chunks") else None,
    )


def _chunks(option: Any, request: Descriptor) -> ChunkPlan:
    start, finish = (_resolve(request, path, None) for path in (option.start_field, option.finish_field))
    for path in (start, finish):
        if path and (path[-1].message_type is None or path[-1].is_repeated):
            raise UploadOptionError(f"chunks: {dotted(path)!r} is not a message field")
    if not 0 <= option.max_bytes <= MAX_CHUNK:
        raise UploadOptionError(f"chunks: max_bytes is not within 0 and {MAX_CHUNK}")
    return ChunkPlan(start, finish, option.max_bytes or CHUNK)


def _many(option: Any, request: Descriptor, service_methods: Any) -> ManyPlan:
    method = service_methods.get(option.method)
    if method is None or not method.client_streaming:
        raise UploadOptionError(f"many: {option.method!r} is no client-streaming method of the service")
    item = method.input_type
    path = _resolve(item, option.request_field, None)
    taken = path[-1].message_type if path else item
    if taken is None or taken.full_name != request.full_name or (path and path[-1].is_repeated):
        raise UploadOptionError(f"many: {option.method!r} does not take {request.full_name} there")
    index = _resolve(item, option.index_field, None)
    if index and index[-1].cpp_type not in (
        FieldDescriptor.CPPTYPE_INT32,
        FieldDescriptor.CPPTYPE_INT64,
        FieldDescriptor.CPPTYPE_UINT32,
        FieldDescriptor.CPPTYPE_UINT64,
    ):
        raise UploadOptionError(f"many: {option.index_field!r} is not an integer")
    return ManyPlan(method.name, path, index)


def _resolve(descriptor: Descriptor, path: str, kind: int | None) -> FieldPath:
    if not path:
        return ()
    try:
        found = fields.resolve(descriptor, path.split("."))
    except FieldError as error:
        raise UploadOptionError(f"{path!r}: {error}") from error
    if kind is not None and (found[-1].type != kind or found[-1].is_repeated):
        raise UploadOptionError(f"{path!r} is not of the type that the option needs")
    return found


def dotted(path: FieldPath) -> str:
    """A field path as the option writes it."""
    return ".".join(field.name for field in path)


def wrap(plan: ManyPlan, envelope: Message, request: Message, rank: int) -> Message:
    """Puts one item into the streaming method's request."""
    if plan.request_path:
        holder = fields.parent_of(envelope, plan.request_path)
        getattr(holder, plan.request_path[-1].name).MergeFrom(request)
    else:
        envelope = request
    if plan.index_path:
        fields.set_value(envelope, plan.index_path, rank)
    return envelope

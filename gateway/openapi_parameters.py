"""Query parameters and request headers of an operation, as OpenAPI parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway import fields
from gateway.json_schema import Components, Json
from gateway.routes import Route

_MAX_QUERY_DEPTH = 4

TIMEOUT, RANGE, NONE_MATCH = "GrpcTimeout", "Range", "IfNoneMatch"
HEADERS: Json = {
    TIMEOUT: {
        "name": "Grpc-Timeout",
        "in": "header",
        "description": "How long the call may take: up to eight digits, and H, M, S, m, u or n.",
        "schema": {"type": "string", "pattern": "^[0-9]{1,8}[HMSmun]$", "examples": ["10S", "250m"]},
    },
    RANGE: {
        "name": "Range",
        "in": "header",
        "description": "Which bytes to send.",
        "schema": {"type": "string", "examples": ["bytes=0-1023"]},
    },
    NONE_MATCH: {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of what the client has: 304 where it is still so.",
        "schema": {"type": "string"},
    },
}


def query_parameters(components: Components, route: Route) -> list[Json]:
    """The fields of a route's request that its path and its body leave to the query.

    An upload has no JSON body: there the query says what its first message says beside the file.
    """
    plan, in_body = route.upload, route.has_body
    if in_body and route.body is None and plan is None:
        return []
    bound = {_names(path) for path in route.bound}
    start: tuple[str, ...] = ()
    if plan is not None:
        bound |= {
            _names(plan.raw),
            *(_names(part.path) for part in plan.parts.values() if part.kind == "bytes"),
        }
        start = _names(plan.chunks.start) if plan.chunks is not None else ()

    def walk(message: Descriptor, at: tuple[FieldDescriptor, ...]) -> Iterator[Json]:
        for field in message.fields:
            path = (*at, field)
            if _names(path) in bound or (plan is None and not at and field is route.body):
                continue
            if start[: len(path)] != _names(path)[: len(start)]:  # no part of the first message
                continue
            if _is_given(field):
                yield _parameter(components, path, upload=in_body and route.body in (None, path[0]))
            elif (
                not field.is_repeated
                and field.message_type is not None
                and not fields.is_whole(field)
                and len(path) < _MAX_QUERY_DEPTH
                and all(field.message_type is not step.message_type for step in at)
            ):
                yield from walk(field.message_type, path)

    return list(walk(route.method.descriptor.input_type, ()))


def _names(path: Sequence[FieldDescriptor]) -> tuple[str, ...]:
    return tuple(field.name for field in path)


def _is_given(field: FieldDescriptor) -> bool:
    if not fields.is_map(field):
        return fields.takes_text(field)
    entry = field.message_type
    return entry is not None and fields.takes_text(entry.fields_by_name["value"])


def _parameter(components: Components, path: tuple[FieldDescriptor, ...], *, upload: bool) -> Json:
    field = path[-1]
    schema = components.field(field)
    out: Json = {"name": ".".join(step.json_name for step in path), "in": "query"}
    if "description" in schema:
        out["description"] = schema.pop("description")
    if upload:
        out["description"] = f"{out.get('description', '')} Beside an uploaded file alone.".strip()
    schema.pop("readOnly", None)
    if len(path) == 1 and not upload and components.is_required(field):
        out["required"] = True
    if schema.pop("deprecated", False):
        out["deprecated"] = True
    if fields.is_map(field):  # name[key]=value
        return out | {"style": "deepObject", "explode": True, "schema": schema}
    if field.message_type is not None and fields.takes_json(field) and not field.is_repeated:
        return out | {"content": {"application/json": {"schema": schema}}}
    return out | {"schema": schema}

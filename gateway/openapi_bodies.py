"""Request bodies and answers of an operation, as OpenAPI says them."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor

from gateway import upload
from gateway.json_schema import Components, Json
from gateway.openapi_errors import STATUS
from gateway.request import MERGE_PATCH
from gateway.routes import Route
from gateway.shown import may_be_null

_BYTES: Json = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}


def request_body(components: Components, route: Route) -> Json:
    """What a route takes: JSON, JSON lines, a form, bare bytes."""
    request = route.method.descriptor.input_type
    if route.raw_request:
        return {"content": {"*/*": {"schema": {}}}, "required": True}
    streams = route.method.descriptor.client_streaming
    kind = "application/x-ndjson" if streams else "application/json"
    content: dict[str, Json] = {kind: {"schema": _json(components, route)}}
    if route.http_method == "PATCH":
        content[MERGE_PATCH] = content[kind]
    plan = route.upload
    if plan is not None and plan.parts:
        content[upload.FORM] = _form(components, request, plan)
    if plan is not None:
        for media_type in plan.raw_content_types:
            content[media_type] = {"schema": {"type": "string", "contentMediaType": media_type}}
    out: Json = {"content": content, "required": True}
    if not streams:
        return out
    file = " Or a file of any size, which is passed on as it comes." if plan is not None else ""
    return {"description": f"One JSON message a line.{file}", **out}


def answers(components: Components, route: Route) -> Json:
    """What a route answers when all goes well, by status."""
    answer = _answer(components, route)
    if not has_ranges(route):
        return {"200": answer}
    tag = {"ETag": _header("What the content is known by.")}
    return {
        "200": {**answer, "headers": {**tag, "Accept-Ranges": _header("bytes, where ranges are served.")}},
        "206": {
            "description": "The bytes that Range asks for.",
            "headers": {**tag, "Content-Range": _header("Which they are, of how many.")},
            "content": answer["content"],
        },
        "304": {"description": "The content that the client has is still this one.", "headers": tag},
    }


def has_ranges(route: Route) -> bool:
    """Whether the answer is a file that can be had in parts, and need not be sent again."""
    return route.raw_response and route.http_method == "GET"


def _header(text: str) -> Json:
    return {"description": text, "schema": {"type": "string"}}


def _answer(components: Components, route: Route) -> Json:
    method = route.method.descriptor
    field = route.response_body
    schema = components.field(field) if field is not None else components.message(method.output_type)
    if field is not None and may_be_null(field):
        schema = {"anyOf": [schema, {"type": "null"}]}
    content: dict[str, Json]
    if route.raw_response:
        content = {"*/*": _BYTES}
    elif method.server_streaming:
        return _stream(schema)
    elif route.many is not None:
        item = components.message(route.many.descriptor.output_type)
        listed: Json = {"type": "array", "items": item} if route.many.descriptor.server_streaming else item
        content = {"application/json": {"schema": {"anyOf": [schema, listed]}}}
    else:
        content = {"application/json": {"schema": schema}}
    return {"description": "OK", "content": content}


def _stream(message: Json) -> Json:
    error = {"$ref": f"#/components/schemas/{STATUS}"}
    line: Json = {
        "type": "object",
        "oneOf": [
            {"title": "a message", "properties": {"result": message}, "required": ["result"]},
            {"title": "why it broke off", "properties": {"error": error}, "required": ["error"]},
        ],
    }
    return {
        "description": "OK: one JSON object a line, a message each; an error comes last. As events: `message`"
        " with a message as its data, and `end` or `error` as the last.",
        "content": {
            "application/x-ndjson": {"schema": line},
            "text/event-stream": {"schema": {"type": "string"}},
        },
    }


def _json(components: Components, route: Route) -> Json:
    request = route.method.descriptor.input_type
    # What the path says is no part of the body, and a change names what it changes alone.
    depth, message = (0, request) if route.body is None else (1, route.body.message_type)
    bound = {path[depth].name for path in route.bound if len(path) == depth + 1 and _within(route, path)}
    partial = route.update_mask is not None
    if message is None or (route.body is not None and route.body.is_repeated) or not (bound or partial):
        return components.message(request) if route.body is None else components.field(route.body)
    return components.object(message, bound, partial=partial)


def _within(route: Route, path: tuple[object, ...]) -> bool:
    return route.body is None or path[0] == route.body


def _form(components: Components, request: Descriptor, plan: upload.UploadPlan) -> Json:
    properties: dict[str, Json] = {}
    encoding: dict[str, Json] = {}
    for name, target in plan.parts.items():
        if target.kind == "bytes":
            file: Json = {"type": "string", "contentMediaType": "application/octet-stream"}
            properties[name] = {"type": "array", "items": file} if plan.many else file
        elif target.kind == "json":
            properties[name] = (
                components.field(target.path[-1]) if target.path else components.message(request)
            )
            encoding[name] = {"contentType": "application/json"}
        else:
            properties[name] = components.field(target.path[-1])
    out: Json = {"schema": {"type": "object", "properties": properties}}
    return {**out, "encoding": encoding} if encoding else out

"""The OpenAPI 3.1 document of a target's routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import grpc
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway import fields, upload
from gateway.errors import HTTP_STATUS
from gateway.json_schema import Components, Json
from gateway.openapi_paths import PathTable
from gateway.routes import Route
from gateway.schema import Schema

_VERBS = frozenset({"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"})
_CODES = {code.name: status for code, status in HTTP_STATUS.items() if code is not grpc.StatusCode.OK}
_CODE = re.compile(r"\b(" + "|".join(_CODES) + r")\b")
_MAX_QUERY_DEPTH = 4
_ERROR = "Status"


def document(schema: Schema, routes: Iterable[Route], title: str = "") -> Json:
    """The document. `title` defaults to the first service's package."""
    components = Components(schema)
    components.reserve("google.rpc.Status", _ERROR, _STATUS)
    table = PathTable(schema)
    paths: dict[str, Json] = {}
    seen: set[str] = set()
    tags: dict[str, str] = {}
    for route in routes:
        if route.http_method not in _VERBS:
            continue  # OpenAPI 3.1 has no word for it
        path, parameters = table.add(route)
        item = paths.setdefault(path, {})
        if route.http_method.lower() in item:
            continue
        service = route.method.descriptor.containing_service
        tags.setdefault(service.name, schema.comments.get(service.full_name, ""))
        operation = _operation(schema, components, route, parameters)
        base, number = operation["operationId"], 2
        while operation["operationId"] in seen:
            operation["operationId"] = f"{base}_{number}"
            number += 1
        seen.add(operation["operationId"])
        item[route.http_method.lower()] = operation
    package = schema.services[0].file.package if schema.services else ""
    return {
        "openapi": "3.1.0",
        "info": {"title": title or package or "API", "version": _version(package)},
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "tags": [{"name": name, **({"description": text} if text else {})} for name, text in tags.items()],
        "paths": paths,
        "components": {"schemas": components.schemas},
    }


def _operation(schema: Schema, components: Components, route: Route, parameters: list[Json]) -> Json:
    method = route.method.descriptor
    comment = schema.comments.get(method.full_name, "")
    out: Json = {
        "operationId": f"{method.containing_service.name}_{method.name}",
        "tags": [method.containing_service.name],
    }
    if comment:
        first, _, _ = " ".join(comment.split("\n\n")[0].split()).partition(". ")
        out |= {"summary": first.rstrip("."), "description": comment}
    if method.GetOptions().deprecated:
        out["deprecated"] = True
    parameters = [*parameters, *_query_parameters(components, route)]
    if parameters:
        out["parameters"] = parameters
    if route.has_body:
        out["requestBody"] = _request_body(components, route)
    out["responses"] = _responses(components, route, comment)
    return out


def _query_parameters(components: Components, route: Route) -> list[Json]:
    request = route.method.descriptor.input_type
    if route.has_body and route.body is None:
        return []
    bound = {tuple(field.name for field in path) for path in route.bound}

    def walk(message: Descriptor, at: tuple[FieldDescriptor, ...]) -> Iterator[Json]:
        for field in message.fields:
            path = (*at, field)
            if tuple(step.name for step in path) in bound or (not at and field is route.body):
                continue
            if fields.is_map(field):
                continue
            if fields.takes_text(field):
                parameter: Json = {"name": ".".join(step.json_name for step in path), "in": "query"}
                of_field = components.field(field)
                if "description" in of_field:
                    parameter["description"] = of_field.pop("description")
                of_field.pop("readOnly", None)
                if components.is_required(field) and not at:
                    parameter["required"] = True
                if of_field.pop("deprecated", False):
                    parameter["deprecated"] = True
                yield {**parameter, "schema": of_field}
            elif (
                not field.is_repeated
                and field.message_type is not None
                and len(path) < _MAX_QUERY_DEPTH
                and all(field.message_type is not step.message_type for step in at)
            ):
                yield from walk(field.message_type, path)

    return list(walk(request, ()))


def _request_body(components: Components, route: Route) -> Json:
    content: dict[str, Json] = {}
    request = route.method.descriptor.input_type
    if route.raw_request:
        return {"content": {"*/*": {"schema": {}}}, "required": True}
    if route.body is None:
        bound = {path[0].name for path in route.bound if len(path) == 1}
        schema = components.object(request, bound) if bound else components.message(request)
    else:
        schema = components.field(route.body)
    if route.method.descriptor.client_streaming:
        content["application/x-ndjson"] = {"schema": schema}
    else:
        content["application/json"] = {"schema": schema}
    plan = route.upload
    if plan is not None and plan.parts:
        content[upload.FORM] = _form(components, request, plan)
    if plan is not None:
        for kind in plan.raw_content_types:
            content[kind] = {"schema": {"type": "string", "contentMediaType": kind}}
    return {"content": content, "required": True}


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


def _responses(components: Components, route: Route, comment: str) -> Json:
    method = route.method.descriptor
    field = route.response_body
    schema = components.field(field) if field is not None else components.message(method.output_type)
    error = {"$ref": f"#/components/schemas/{_ERROR}"}
    content: dict[str, Json]
    if route.raw_response:
        content = {"*/*": {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}}
    elif method.server_streaming:
        line = {"type": "object", "properties": {"result": schema, "error": error}}
        content = {"application/x-ndjson": {"schema": line}}
    elif route.many is not None:
        item = components.message(route.many.descriptor.output_type)
        listed = {"type": "array", "items": item} if route.many.descriptor.server_streaming else item
        content = {"application/json": {"schema": {"anyOf": [schema, listed]}}}
    else:
        content = {"application/json": {"schema": schema}}
    out: Json = {"200": {"description": "OK", "content": content}}
    for status, codes in sorted(_errors(comment).items()):
        out[str(status)] = {
            "description": ", ".join(codes),
            "content": {"application/json": {"schema": error}},
        }
    out["default"] = {"description": "An error.", "content": {"application/json": {"schema": error}}}
    return out


def _errors(comment: str) -> dict[int, list[str]]:
    """HTTP statuses with the gRPC codes that an RPC's comment names."""
    out: dict[int, list[str]] = {}
    for name in dict.fromkeys(_CODE.findall(comment)):
        out.setdefault(_CODES[name], []).append(name)
    return out


def _version(package: str) -> str:
    last = package.rpartition(".")[2]
    return last if re.match(r"v\d", last) else "1"


_STATUS: Json = {
    "type": "object",
    "description": "What went wrong: a gRPC code, a message, and details.",
    "properties": {
        "code": {"type": "integer", "format": "int32", "description": "The gRPC code."},
        "message": {"type": "string"},
        "details": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"@type": {"type": "string"}},
                "additionalProperties": True,
            },
        },
    },
    "examples": [{"code": 5, "message": "not found", "details": []}],
}

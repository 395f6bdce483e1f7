"""The OpenAPI 3.1 document of a target's routes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.examples import add_examples
from gateway.json_schema import Components, Json
from gateway.openapi_bodies import answers, has_ranges, request_body
from gateway.openapi_errors import add_components, error_responses
from gateway.openapi_parameters import HEADERS, NONE_MATCH, RANGE, TIMEOUT, query_parameters
from gateway.openapi_paths import PathTable
from gateway.routes import Route
from gateway.schema import Schema
from gateway.security import security

_VERBS = frozenset({"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"})


def document(schema: Schema, routes: Iterable[Route], title: str = "", security_setting: str = "") -> Json:
    """The document. `title` defaults to the first service's package."""
    components = Components(schema)
    responses = add_components(components, schema)
    schemes, required = security(security_setting)
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
        operation = _operation(schema, components, route, parameters, secured=bool(schemes))
        base, number = operation["operationId"], 2
        while operation["operationId"] in seen:
            operation["operationId"] = f"{base}_{number}"
            number += 1
        seen.add(operation["operationId"])
        item[route.http_method.lower()] = operation
    add_examples(components.schemas)
    package = schema.services[0].file.package if schema.services else ""
    shared = {"schemas": components.schemas, "responses": responses, "parameters": HEADERS}
    return {
        "openapi": "3.1.0",
        "info": {"title": title or package or "API", "version": _version(package)},
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "servers": [{"url": "."}],  # where the document is: behind a proxy, below its prefix
        "tags": [{"name": name, **({"description": text} if text else {})} for name, text in tags.items()],
        "paths": paths,
        "components": {**shared, **({"securitySchemes": schemes} if schemes else {})},
        **({"security": required} if required else {}),
    }


def _operation(
    schema: Schema, components: Components, route: Route, parameters: list[Json], *, secured: bool
) -> Json:
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
    timeout = {"$ref": f"#/components/parameters/{TIMEOUT}"}
    out["parameters"] = [*parameters, *query_parameters(components, route), timeout]
    if has_ranges(route):
        out["parameters"] += [{"$ref": f"#/components/parameters/{name}"} for name in (RANGE, NONE_MATCH)]
    if route.has_body:
        out["requestBody"] = request_body(components, route)
    errors = error_responses(comment, body=route.has_body, ranges=has_ranges(route), secured=secured)
    out["responses"] = {**answers(components, route), **errors}
    return out


def _version(package: str) -> str:
    last = package.rpartition(".")[2]
    return last if re.match(r"v\d", last) else "1"

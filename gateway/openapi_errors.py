"""What an operation answers when it fails, by the service or by the gateway, as OpenAPI responses."""

from __future__ import annotations

import re
from typing import Any

import grpc

from gateway.errors import HTTP_STATUS
from gateway.json_schema import Components, Json
from gateway.schema import Schema

STATUS, PROBLEM = "Status", "Problem"
_CODES = {code.name: status for code, status in HTTP_STATUS.items() if code is not grpc.StatusCode.OK}
# The gRPC code that has a status first: INVALID_ARGUMENT has 400.
_FIRST = {status: code.value[0] for code, status in reversed([*HTTP_STATUS.items()])}
_CODE = re.compile(r"\b(" + "|".join(_CODES) + r")\b([^.;]*)")

# Status → (component, what it means, headers).
_RESPONSES: dict[int, tuple[str, str, dict[str, str]]] = {
    400: ("BadRequest", "The path, a parameter or the body is wrong; the details name the field.", {}),
    401: ("Unauthorized", "Nobody has said, or proved, who calls.", {"WWW-Authenticate": "How to."}),
    403: ("Forbidden", "The caller may not, or a web page of another site has sent this.", {}),
    404: ("NotFound", "There is no such thing, or no such path.", {}),
    408: ("RequestTimeout", "The body stopped coming.", {}),
    412: ("PreconditionFailed", "The content is not what If-Match or If-Unmodified-Since names.", {}),
    413: ("ContentTooLarge", "The body is larger than is taken here.", {}),
    415: ("UnsupportedMediaType", "The body's type or encoding is not taken.", {"Accept-Post": "What is."}),
    416: ("RangeNotSatisfiable", "The content has no such bytes.", {"Content-Range": "Its length."}),
    429: ("TooManyRequests", "Too much at once.", {"Retry-After": "Seconds to wait."}),
    431: ("HeaderFieldsTooLarge", "The request's head is larger than is taken here.", {}),
    500: ("InternalError", "The service has failed.", {}),
    501: ("Unimplemented", "The service does not do this.", {}),
    503: ("Unavailable", "The service cannot be reached at present.", {"Retry-After": "Seconds to wait."}),
    504: ("DeadlineExceeded", "The call took longer than it had.", {}),
}
_ALWAYS = (400, 404, 429, 431, 500, 501, 503, 504)
_WITH_BODY = (408, 413, 415)
_WITH_RANGES = (412, 416)
_WITH_SECURITY = (401, 403)
# The details that clients act on; a service may send others.
_DETAILS = ("BadRequest", "ErrorInfo", "RetryInfo", "PreconditionFailure", "QuotaFailure", "LocalizedMessage")


def add_components(components: Components, schema: Schema) -> Json:
    """Adds the schemas of errors, and gives the document's `components.responses`."""
    details = {"details": _details(components, schema)}
    for type_name, name, error in (("google.rpc.Status", STATUS, _STATUS), ("RFC 9457", PROBLEM, _PROBLEM)):
        components.reserve(type_name, name, {**error, "properties": error["properties"] | details})
    return {
        name: _response(text, headers, _FIRST.get(status))
        for status, (name, text, headers) in _RESPONSES.items()
    }


def error_responses(comment: str, *, body: bool, ranges: bool, secured: bool) -> Json:
    """The error responses of an operation by status, with what its RPC's comment says of gRPC codes."""
    statuses = set(_ALWAYS)
    for holds, more in ((body, _WITH_BODY), (ranges, _WITH_RANGES), (secured, _WITH_SECURITY)):
        statuses.update(more if holds else ())
    out: dict[int, Json] = {
        status: {"$ref": f"#/components/responses/{_RESPONSES[status][0]}"} for status in statuses
    }
    for status, texts in _said(comment).items():
        text = "; ".join(texts)
        out[status] = {**out[status], "description": text} if status in out else _response(text, {})
    return {str(status): out[status] for status in sorted(out)} | {"default": _response("An error.", {})}


def _said(comment: str) -> dict[int, list[str]]:
    """HTTP statuses with the gRPC codes that an RPC's comment names, and what it says of each."""
    out: dict[int, list[str]] = {}
    for name, rest in dict.fromkeys(_CODE.findall(comment)):
        out.setdefault(_CODES[name], []).append(" ".join(f"{name}{rest}".split()))
    return out


def _response(text: str, headers: dict[str, str], code: int | None = None) -> Json:
    out: Json = {"description": text}
    if headers:
        out["headers"] = {
            name: {"description": why, "schema": {"type": "string"}} for name, why in headers.items()
        }
    example = {} if code is None else {"example": {"code": code, "message": text, "details": []}}
    out["content"] = {
        "application/json": {"schema": {"$ref": f"#/components/schemas/{STATUS}"}, **example},
        "application/problem+json": {"schema": {"$ref": f"#/components/schemas/{PROBLEM}"}},
    }
    return out


def _details(components: Components, schema: Schema) -> Json:
    kinds: list[Json] = []
    for name in _DETAILS:
        try:
            reference = components.message(schema.pool.FindMessageTypeByName(f"google.rpc.{name}"))
        except KeyError:  # the target has other types of these names
            continue
        url = {"const": f"type.googleapis.com/google.rpc.{name}"}
        kinds.append({"title": name, "allOf": [reference, {"properties": {"@type": url}}]})
    any_type: Json = {"@type": {"type": "string", "description": "The type's URL."}}
    kinds.append({"title": "any other", "type": "object", "properties": any_type})
    return {
        "type": "array",
        "items": {"type": "object", "required": ["@type"], "anyOf": kinds},
        "description": "What a program can act on.",
    }


_STATUS: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong: a gRPC code, a message, and details.",
    "properties": {
        "code": {"type": "integer", "format": "int32", "description": "The gRPC code."},
        "message": {"type": "string", "description": "What went wrong, in English."},
    },
    "required": ["code", "message"],
}
_PROBLEM: Json = {
    "type": "object",
    "description": "What went wrong, as RFC 9457 says it, for clients that accept application/problem+json.",
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "What kind of problem it is."},
        "title": {"type": "string", "description": "The kind in words."},
        "status": {"type": "integer", "minimum": 100, "maximum": 599, "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What went wrong this time."},
        "instance": {"type": "string", "format": "uri-reference", "description": "The path that was called."},
        "code": {"type": "integer", "format": "int32", "description": "The gRPC code."},
    },
}

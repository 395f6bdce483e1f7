"""Compiles the HTTP rules of a schema into routes, once, so that a request does no descriptor work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway import fields, pattern, upload
from gateway.codec import Codec
from gateway.fields import FieldError, FieldPath
from gateway.http_rules import Rules
from gateway.pattern import Template
from gateway.query import QueryBinder
from gateway.schema import Schema
from gateway.upload import UploadPlan

HTTP_OPTION = "google.api.http"
HTTP_BODY = "google.api.HttpBody"
WHOLE = "*"


class RuleError(ValueError):
    """An HTTP rule that does not fit its method."""


@dataclass(frozen=True, slots=True)
class Method:
    """An RPC, ready to be called."""

    descriptor: MethodDescriptor
    request_class: Callable[[], Message]
    response_class: type[Message]
    stub: Callable[..., Any]

    @property
    def path(self) -> str:
        """The name under which gRPC calls it."""
        return path_of(self.descriptor)


@dataclass(frozen=True, slots=True)
class Route:
    """One binding of an RPC to an HTTP method and a path template.

    `body` and `response_body` are None where the whole message is meant; `has_body`: a body is read.
    """

    http_method: str
    template: Template
    method: Method
    has_body: bool
    body: FieldDescriptor | None
    response_body: FieldDescriptor | None
    bound: tuple[FieldPath, ...]
    query: QueryBinder
    update_mask: FieldDescriptor | None
    upload: UploadPlan | None
    many: Method | None
    raw_request: bool = field(default=False)  # the body is a google.api.HttpBody
    raw_response: bool = field(default=False)


def path_of(method: MethodDescriptor) -> str:
    """The name under which gRPC calls a method."""
    return f"/{method.containing_service.full_name}/{method.name}"


def compile_routes(
    schema: Schema, codec: Codec, channel: grpc.aio.Channel, given: Rules | None = None
) -> tuple[list[Route], list[str]]:
    """The routes of a schema, and what is wrong with the rules that were left out.

    The rules `given` for a method, by its full name, take the place of those that it bears.
    """
    given = given or {}
    routes, problems = [], []
    for method in schema.methods():
        options = schema.options(method)
        rules = list(_rules(method, options, given))
        if not rules:
            continue
        compiled = _method(method, channel)
        many: Method | None = None
        plan: UploadPlan | None = None
        if upload.OPTION in options:
            try:
                plan = upload.plan(options[upload.OPTION], method)
            except upload.UploadOptionError as error:
                problems.append(f"{method.full_name}: {upload.OPTION}: {error}")
            if plan is not None and plan.many is not None:
                many = _method(method.containing_service.methods_by_name[plan.many.method], channel)
        for where, rule in rules:
            try:
                routes.append(_route(rule, compiled, plan, many, codec))
            except (RuleError, FieldError, pattern.TemplateError) as error:
                problems.append(f"{where}: {error}")
    known = {method.full_name for method in schema.methods()}
    problems += [
        f"{rule.where}: the target has no such method"
        for name in given
        if name not in known
        for rule in given[name]
    ]
    return routes, problems


def _rules(method: MethodDescriptor, options: dict[str, Any], given: Rules) -> Iterator[tuple[str, Any]]:
    """The rules of a method, each with the place to name where it is wrong."""
    if method.full_name in given:
        listed = [(rule.where, rule.rule) for rule in given[method.full_name]]
    else:
        listed = [(method.full_name, options[HTTP_OPTION])] if HTTP_OPTION in options else []
    for where, rule in listed:
        yield where, rule
        for binding in rule.additional_bindings:
            yield where, binding


def _method(method: MethodDescriptor, channel: grpc.aio.Channel) -> Method:
    request_class = GetMessageClass(method.input_type)
    response_class = GetMessageClass(method.output_type)
    make: Any = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }[method.client_streaming, method.server_streaming]
    stub = make(
        path_of(method),
        request_serializer=request_class.SerializeToString,
        response_deserializer=response_class.FromString,
    )
    return Method(method, request_class, response_class, stub)


def _route(rule: Any, method: Method, plan: UploadPlan | None, many: Method | None, codec: Codec) -> Route:
    kind = rule.WhichOneof("pattern")
    if kind is None:
        raise RuleError("the rule has no path")
    verb, text = (
        (rule.custom.kind, rule.custom.path) if kind == "custom" else (kind.upper(), getattr(rule, kind))
    )
    request, response = method.descriptor.input_type, method.descriptor.output_type
    template = pattern.parse(text)
    bound = tuple(_bound(request, variable.field_path) for variable in template.variables)
    body = _field(request, rule.body, "body") if rule.body not in ("", WHOLE) else None
    response_body = _field(response, rule.response_body, "response_body") if rule.response_body else None
    body_type = body.message_type if body else request
    response_type = response_body.message_type if response_body else response
    mask = request.fields_by_name.get("update_mask")
    infers = verb == "PATCH" and body is not None and mask is not None and body.message_type is not None
    return Route(
        http_method=verb,
        template=template,
        method=method,
        has_body=bool(rule.body),
        body=body,
        response_body=response_body,
        bound=bound,
        query=QueryBinder(request, bound, rule.body, codec),
        update_mask=mask if infers and _is(mask, fields.FIELD_MASK) else None,
        upload=plan if rule.body else None,
        many=many if rule.body else None,
        raw_request=bool(rule.body) and body_type is not None and body_type.full_name == HTTP_BODY,
        raw_response=response_type is not None and response_type.full_name == HTTP_BODY,
    )


def _bound(request: Any, path: tuple[str, ...]) -> FieldPath:
    found = fields.resolve(request, path)
    if found[-1].is_repeated or not fields.takes_text(found[-1]):
        raise RuleError(f"{'.'.join(path)!r} cannot be bound by a path: it is no single value")
    return found


def _field(message: Any, name: str, what: str) -> FieldDescriptor:
    found: FieldDescriptor | None = message.fields_by_name.get(name)
    if found is None:
        raise RuleError(f"{what}: {message.full_name} has no field {name!r}")
    return found


def _is(field: FieldDescriptor | None, full_name: str) -> bool:
    return field is not None and field.message_type is not None and field.message_type.full_name == full_name

"""Every RPC of a schema by the path under which gRPC calls it, with an HTTP rule or without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway.routes import path_of
from gateway.schema import Schema


@dataclass(frozen=True, slots=True)
class RpcMethod:
    """An RPC that takes and gives messages as bytes: what is binary on both sides passes untouched.

    `stub` takes its requests by `write` where either side streams, and the one otherwise.
    `streams`: either side may send more than one message. `reads_only`: the method says that it has no side
    effects (`idempotency_level`).
    """

    path: str
    descriptor: MethodDescriptor
    request_class: type[Message]
    response_class: type[Message]
    stub: Callable[..., Any]
    streams: bool
    reads_only: bool


def compile_methods(schema: Schema, channel: grpc.aio.Channel) -> dict[str, RpcMethod]:
    """The methods of a schema by path: `/package.Service/Method`."""
    return {path_of(method): _method(method, channel) for method in schema.methods()}


def _method(method: MethodDescriptor, channel: grpc.aio.Channel) -> RpcMethod:
    make: Any
    if method.server_streaming:
        # For a single request too: grpc.aio asks for the leading metadata before it sends one, and so never
        # loses it to a status that comes at once.
        make = channel.stream_stream
    else:
        make = channel.stream_unary if method.client_streaming else channel.unary_unary
    path = path_of(method)
    options: Any = method.GetOptions()
    return RpcMethod(
        path=path,
        descriptor=method,
        request_class=GetMessageClass(method.input_type),
        response_class=GetMessageClass(method.output_type),
        stub=make(path),
        streams=bool(method.client_streaming or method.server_streaming),
        reads_only=options.idempotency_level == MethodOptions.NO_SIDE_EFFECTS,
    )

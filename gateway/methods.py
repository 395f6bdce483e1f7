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
    """An RPC that takes and gives messages as bytes: what is binary on both sides passes untouched."""

    path: str
    descriptor: MethodDescriptor
    request_class: type[Message]
    response_class: type[Message]
    stub: Callable[..., Any]

    @property
    def streams(self) -> bool:
        """Whether either side may send more than one message."""
        return bool(self.descriptor.client_streaming or self.descriptor.server_streaming)

    @property
    def reads_only(self) -> bool:
        """Whether the method says that it has no side effects (`idempotency_level`): GET may call it."""
        options: Any = self.descriptor.GetOptions()
        return bool(options.idempotency_level == MethodOptions.NO_SIDE_EFFECTS)


def compile_methods(schema: Schema, channel: grpc.aio.Channel) -> dict[str, RpcMethod]:
    """The methods of a schema by path: `/package.Service/Method`."""
    return {path_of(method): _method(method, channel) for method in schema.methods()}


def _method(method: MethodDescriptor, channel: grpc.aio.Channel) -> RpcMethod:
    make: Any = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }[method.client_streaming, method.server_streaming]
    path = path_of(method)
    return RpcMethod(
        path, method, GetMessageClass(method.input_type), GetMessageClass(method.output_type), make(path)
    )

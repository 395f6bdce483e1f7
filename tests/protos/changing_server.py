"""A real gRPC server whose services, written as proto text, can be exchanged while it runs."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import google.api
import grpc
import grpc_tools
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha._async import ReflectionServicer
from grpc_tools import protoc

PICTURES = """
syntax = "proto3";
package museum.v1;
import "google/api/annotations.proto";
service Museum {
  // Gets a thing.
  rpc Get(Thing) returns (Thing) { option (google.api.http) = {get: "/v1/{name=pictures/*}"}; }
}
message Thing { string name = 1; string painter = 2; }
"""
ROOT = Path(__file__).parents[2]
# The same service with other messages and another path.
STATUES = PICTURES.replace("pictures", "statues").replace("painter", "sculptor")
# Methods without rules: google.longrunning's own, and one beside it.
OPERATIONS = """
syntax = "proto3";
package google.longrunning;
service Operations { rpc WaitOperation(WaitOperationRequest) returns (Operation) {} }
message WaitOperationRequest { string name = 1; string timeout = 2; }
message Operation { string name = 1; bool done = 2; }
"""


@dataclass
class Served:
    """Compiled proto text: its files, as `protoc` describes them, in a pool of their own."""

    files: descriptor_pb2.FileDescriptorSet
    pool: descriptor_pool.DescriptorPool = field(default_factory=descriptor_pool.DescriptorPool)

    def __post_init__(self) -> None:
        for file in self.files.file:
            self.pool.Add(file)

    @property
    def services(self) -> list[str]:
        return [f"{file.package}.{service.name}" for file in self.files.file for service in file.service]


def compile_proto(text: str) -> Served:
    googleapis = Path(next(iter(google.api.__path__))).parent.parent
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "served.proto").write_text(text)
        status = protoc.main(
            [
                "protoc",
                f"-I{folder}",
                f"-I{ROOT / 'protos' / 'third_party'}",
                f"-I{googleapis}",
                f"-I{Path(grpc_tools.__file__).parent / '_proto'}",
                "--include_imports",
                f"--descriptor_set_out={folder / 'served.binpb'}",
                "served.proto",
            ]
        )
        assert status == 0
        data = (folder / "served.binpb").read_bytes()
    return Served(descriptor_pb2.FileDescriptorSet.FromString(data))


class ChangingServer(grpc.GenericRpcHandler):
    """Answers each unary method with its request's fields; `serve` exchanges what is served."""

    def __init__(self, served: Served, *, reflect: bool = True) -> None:
        self.port = 0
        self.reflections = 0
        self.refusal: grpc.StatusCode | None = None  # what reflection is refused with
        self.reflect = reflect
        self.serve(served)

    def serve(self, served: Served) -> None:
        self._served = served
        self._reflection = ReflectionServicer(served.services, served.pool)

    async def _refuse(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        await context.abort(self.refusal, "a token, please")
        yield

    def service(self, details: Any) -> Any:
        _, service, name = details.method.split("/")
        if "ServerReflection" in service:
            self.reflections += 1
            if not self.reflect:
                return None
            if self.refusal is not None:
                return grpc.stream_stream_rpc_method_handler(self._refuse)
            return grpc.stream_stream_rpc_method_handler(
                self._reflection.ServerReflectionInfo,
                request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
                response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
            )
        if service not in self._served.services:
            return None
        method = self._served.pool.FindServiceByName(service).methods_by_name[name]

        async def answer(request: Any, context: Any) -> Any:
            out: Any = GetMessageClass(method.output_type)()
            out.name = request.name
            return out

        return grpc.unary_unary_rpc_method_handler(
            answer,
            request_deserializer=GetMessageClass(method.input_type).FromString,
            response_serializer=GetMessageClass(method.output_type).SerializeToString,
        )


@asynccontextmanager
async def changing(served: Served, port: int = 0, *, reflect: bool = True) -> AsyncIterator[ChangingServer]:
    """Serves in this process; `port` of what it gives says where."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    handler = ChangingServer(served, reflect=reflect)
    server.add_generic_rpc_handlers((handler,))
    handler.port = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield handler
    finally:
        await server.stop(0)

"""Where descriptors come from: a server's reflection, or a FileDescriptorSet file."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError
from grpc_reflection.v1alpha import reflection_pb2

# v1 and v1alpha are the same messages under two names.
_METHODS = (
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
)
_REFLECTION = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")
_MAX_FILES = 10_000


class DescriptorError(Exception):
    """Descriptors that cannot be read or do not fit together."""


class NoReflection(DescriptorError):
    """The server is there and does not serve reflection."""


@dataclass(frozen=True, slots=True)
class Files:
    """Proto files by name, and the full names of the services to serve."""

    files: Mapping[str, descriptor_pb2.FileDescriptorProto]
    services: tuple[str, ...]

    def fingerprint(self) -> tuple[Any, ...]:
        """Equal for equal descriptors."""
        return self.services, tuple(
            (name, self.files[name].SerializeToString(deterministic=True)) for name in sorted(self.files)
        )


def read_file(path: Path) -> Files:
    """Reads a FileDescriptorSet, as `protoc --include_imports --include_source_info -o FILE` writes it.

    Raises DescriptorError.
    """
    try:
        found = descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes())
    except OSError as error:
        raise DescriptorError(f"{path} cannot be read: {error.strerror}") from error
    except DecodeError as error:
        raise DescriptorError(f"{path} is not a FileDescriptorSet") from error
    files = {file.name: file for file in found.file}
    for file in found.file:
        for dependency in file.dependency:
            if dependency not in files:
                raise DescriptorError(f"{path} lacks {dependency}: build it with --include_imports")
    names = [f"{file.package}.{service.name}".lstrip(".") for file in found.file for service in file.service]
    return Files(files, tuple(names))


async def reflect(channel: grpc.aio.Channel, timeout: float) -> Files:
    """Asks a server for all its services and the files they need.

    Raises NoReflection where it serves none, DescriptorError for answers that make no sense, and
    grpc.aio.AioRpcError where it cannot be reached.
    """
    for method in _METHODS:
        try:
            return await _reflect(channel, method, timeout)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                raise
    raise NoReflection("the server does not serve reflection: give --descriptors FILE")


async def _reflect(channel: grpc.aio.Channel, method: str, timeout: float) -> Files:
    ask = _Questions(channel, method, timeout)
    answer = await ask(reflection_pb2.ServerReflectionRequest(list_services=""))
    services = [service.name for service in answer.list_services_response.service]
    files: dict[str, descriptor_pb2.FileDescriptorProto] = {}
    served = []
    for service in services:
        if service in _REFLECTION:
            continue
        answer = await ask(reflection_pb2.ServerReflectionRequest(file_containing_symbol=service))
        if answer.HasField("error_response"):  # a service registered without its descriptor
            continue
        _add(files, answer)
        served.append(service)
    async for name in _missing(files):
        answer = await ask(reflection_pb2.ServerReflectionRequest(file_by_filename=name))
        _add(files, answer)
        if name not in files:
            raise DescriptorError(f"the server's reflection lacks {name}")
    return Files(files, tuple(sorted(served)))


class _Questions:
    """Asks a server's reflection, within some seconds for all questions.

    Each is a call of its own, sent whole: a write to a stream that the server has refused meanwhile fails as
    INTERNAL, and hides why it was refused.
    """

    def __init__(self, channel: grpc.aio.Channel, method: str, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._stub: Any = channel.unary_stream(
            method,
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )

    async def __call__(self, request: reflection_pb2.ServerReflectionRequest) -> Any:
        call = self._stub(request, timeout=max(0.0, self._deadline - time.monotonic()))
        try:
            answer = await call.read()
        finally:
            call.cancel()
        if answer is grpc.aio.EOF:
            raise DescriptorError("the server ended the reflection stream early")
        return answer


def _add(
    files: dict[str, descriptor_pb2.FileDescriptorProto], answer: reflection_pb2.ServerReflectionResponse
) -> None:
    for data in answer.file_descriptor_response.file_descriptor_proto:
        try:
            file = descriptor_pb2.FileDescriptorProto.FromString(data)
        except DecodeError as error:
            raise DescriptorError("the server's reflection sent a file that cannot be read") from error
        files[file.name] = file
    if len(files) > _MAX_FILES:
        raise DescriptorError(f"the server's reflection sent more than {_MAX_FILES} files")


async def _missing(files: Mapping[str, descriptor_pb2.FileDescriptorProto]) -> AsyncIterator[str]:
    """The names of files that others depend on and that are not there, until none is left."""
    while True:
        name = next((d for file in list(files.values()) for d in file.dependency if d not in files), None)
        if name is None:
            return
        yield name

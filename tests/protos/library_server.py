"""A real gRPC server of library.proto, with reflection and health, and the fixtures that start it."""

from __future__ import annotations

import asyncio
import functools
import importlib
import socket
import sys
import tempfile
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import google.api
import grpc
import grpc_tools
import httpx
from google.protobuf import any_pb2
from google.rpc import status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_tools import protoc

from gateway.app import Gateway
from gateway.settings import Settings

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SERVICE = "library.v1.Library"


@functools.cache
def build() -> Path:
    """Generates stubs and a descriptor set with comments in a temporary folder, and puts it on the path."""
    out = Path(tempfile.mkdtemp(prefix="library-protos-"))
    googleapis = Path(next(iter(google.api.__path__))).parent.parent
    status = protoc.main(
        [
            "protoc",
            f"-I{HERE}",
            f"-I{ROOT / 'protos'}",
            f"-I{ROOT / 'protos' / 'third_party'}",
            f"-I{googleapis}",
            f"-I{Path(grpc_tools.__file__).parent / '_proto'}",
            f"--python_out={out}",
            f"--grpc_python_out={out}",
            "--include_imports",
            "--include_source_info",
            f"--descriptor_set_out={out / 'library.binpb'}",
            "library/v1/library.proto",
        ]
    )
    assert status == 0
    sys.path.insert(0, str(out))
    return out


def stubs() -> tuple[Any, Any]:
    """The generated modules: messages, services."""
    build()
    return importlib.import_module("library.v1.library_pb2"), importlib.import_module(
        "library.v1.library_pb2_grpc"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def counting(start: int, stop: int) -> bytes:
    """The bytes from `start` to `stop` of 0, 1, … 250, 0, 1, …"""
    turns = bytes(range(251)) * ((stop - start) // 251 + 2)
    return turns[start % 251 : start % 251 + stop - start]


@dataclass
class Seen:
    """What the server saw."""

    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    uploading: asyncio.Event = field(default_factory=asyncio.Event)
    may_read: asyncio.Event = field(default_factory=asyncio.Event)
    created: list[Any] = field(default_factory=list)
    bulk: int = 0
    searched: list[Any] = field(default_factory=list)
    pieces: int = 0

    def __post_init__(self) -> None:
        self.may_read.set()


def servicer(seen: Seen) -> Any:
    pb, pb_grpc = stubs()
    from google.api import httpbody_pb2
    from google.protobuf import empty_pb2

    class Library(pb_grpc.LibraryServicer):  # type: ignore[misc, name-defined]
        async def GetBook(self, request: Any, context: Any) -> Any:
            if request.name.endswith("/missing"):
                await context.abort(grpc.StatusCode.NOT_FOUND, f"no book {request.name}")
            return pb.Book(name=request.name, title="T", size=2**53 + 1)

        async def ListBooks(self, request: Any, context: Any) -> Any:
            shelf = quote(request.parent)
            await context.send_initial_metadata((("x-shelf", shelf), ("x-raw-bin", b"\x00\xff")))
            context.set_trailing_metadata((("x-total", "3"),))
            books = [pb.Book(name=f"{request.parent}/books/{n}") for n in range(min(request.page_size, 1000))]
            return pb.ListBooksResponse(books=books, titles=[request.filter])

        async def ListTitles(self, request: Any, context: Any) -> Any:
            return pb.ListBooksResponse(titles=["a", "b"])

        async def CreateBook(self, request: Any, context: Any) -> Any:
            seen.created.append(request)
            book = pb.Book()
            book.CopyFrom(request.book)
            book.name = f"{request.parent}/books/{request.book_id or 'new'}"
            book.size = len(request.content)
            book.note = request.note
            return book

        async def BulkCreateBooks(self, requests: Any, context: Any) -> Any:
            async for item in requests:
                seen.bulk += 1
                inner = item.request
                if inner.content == b"abort":
                    await context.abort(grpc.StatusCode.ABORTED, "told to")
                if inner.content == b"wait":
                    seen.hanging.set()
                    try:
                        await asyncio.sleep(3600)
                    except asyncio.CancelledError:
                        seen.cancelled.set()
                        raise
                if inner.content == b"bad":
                    yield pb.BulkCreateBooksResponse(
                        index=item.index, status=status_pb2.Status(code=3, message="bad")
                    )
                    continue
                book = pb.Book(name=inner.parent, title=inner.book.title, size=len(inner.content))
                book.filename = inner.book.filename
                yield pb.BulkCreateBooksResponse(index=item.index, book=book)

        async def CountBooks(self, requests: Any, context: Any) -> Any:
            count = size = 0
            async for item in requests:
                count += 1
                size += len(item.request.content)
            return pb.CountBooksResponse(count=count, size=size)

        async def UploadBook(self, requests: Any, context: Any) -> Any:
            out = pb.UploadBookResponse()
            async for request in requests:
                match request.WhichOneof("part"):
                    case "start":
                        out.start.CopyFrom(request.start)
                        if out.start.note == "refuse":
                            await context.abort(grpc.StatusCode.ALREADY_EXISTS, "there is such a book")
                        seen.uploading.set()
                    case "chunk":
                        await seen.may_read.wait()
                        out.pieces += 1
                        out.size += len(request.chunk)
                        out.largest = max(out.largest, len(request.chunk))
                        out.crc32 = zlib.crc32(request.chunk, out.crc32)
                    case "finish":
                        out.finish_size = request.finish.size
                        return out
            seen.cancelled.set()  # what a handler sees of a stream that was cancelled: it ends early
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no finish")

        async def UpdateBook(self, request: Any, context: Any) -> Any:
            book = pb.Book()
            book.CopyFrom(request.book)
            book.mask.CopyFrom(request.update_mask)
            return book

        async def DeleteBook(self, request: Any, context: Any) -> Any:
            return empty_pb2.Empty()

        async def ReadBook(self, request: Any, context: Any) -> Any:
            return httpbody_pb2.HttpBody(content_type="text/plain; charset=utf-8", data="Straße".encode())

        async def StreamBook(self, request: Any, context: Any) -> Any:
            for page in (b"one ", b"two"):
                yield httpbody_pb2.HttpBody(content_type="text/plain", data=page)

        async def Download(self, request: Any, context: Any) -> Any:
            await context.send_initial_metadata(tuple(request.metadata.items()))
            return httpbody_pb2.HttpBody(content_type=request.content_type, data=counting(0, request.size))

        async def StreamDownload(self, request: Any, context: Any) -> Any:
            await context.send_initial_metadata(tuple(request.metadata.items()))
            seen.pieces = 0
            for start in range(0, request.size, 65536):
                if request.fail_after and start >= request.fail_after:
                    await context.abort(grpc.StatusCode.UNAVAILABLE, "broke off")
                seen.pieces += 1
                piece = counting(start, min(request.size, start + 65536))
                yield httpbody_pb2.HttpBody(content_type=request.content_type, data=piece)

        async def Print(self, request: Any, context: Any) -> Any:
            return httpbody_pb2.HttpBody(content_type=request.content_type, data=request.data[::-1])

        async def Search(self, request: Any, context: Any) -> Any:
            seen.searched.append(dict(context.invocation_metadata()))
            for n in range(min(request.count, 100_000)):
                if request.fail_after and n == request.fail_after:
                    await context.abort(grpc.StatusCode.DATA_LOSS, "lost")
                yield pb.Book(title=f"{request.text} {n}")
                try:
                    await asyncio.sleep(request.pause.ToTimedelta().total_seconds())
                except asyncio.CancelledError:
                    seen.cancelled.set()
                    raise
            if request.fail_after and request.count == 0:
                await context.abort(grpc.StatusCode.NOT_FOUND, "none")
            context.set_trailing_metadata((("x-hits", f"{request.count}"), ("x-hits-bin", b"\x02")))

        async def Echo(self, request: Any, context: Any) -> Any:
            return request

        async def Fail(self, request: Any, context: Any) -> Any:
            code = next(code for code in grpc.StatusCode if code.value[0] == request.code)
            if request.HasField("detail"):
                status = status_pb2.Status(
                    code=request.code, message=request.message, details=[request.detail]
                )
                context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            await context.abort(code, request.message)

        async def Inspect(self, request: Any, context: Any) -> Any:
            given: dict[str, list[str]] = {}
            for key, value in context.invocation_metadata():
                given.setdefault(key, []).append(value.hex() if isinstance(value, bytes) else value)
            left = context.time_remaining()
            return pb.InspectResponse(
                metadata={key: "|".join(given[key]) for key in request.keys if key in given},
                seconds_left=-1 if left is None else left,
            )

        async def Hang(self, request: Any, context: Any) -> Any:
            seen.hanging.set()
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                seen.cancelled.set()
                raise

    return Library()


@dataclass
class Running:
    """A server, and what it saw."""

    port: int
    seen: Seen
    health: Any
    server: Any

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@asynccontextmanager
async def library(port: int = 0, *, reflect: bool = True, healthy: bool = True) -> AsyncIterator[Running]:
    """Serves library.proto in this process."""
    _, pb_grpc = stubs()
    options = [("grpc.max_receive_message_length", 64 << 20), ("grpc.so_reuseport", 0)]
    server = grpc.aio.server(options=options)
    seen = Seen()
    pb_grpc.add_LibraryServicer_to_server(servicer(seen), server)
    checks = health.aio.HealthServicer()
    if healthy:
        health_pb2_grpc.add_HealthServicer_to_server(checks, server)
        await checks.set("", health_pb2.HealthCheckResponse.SERVING)
    if reflect:
        reflection.enable_server_reflection((SERVICE, reflection.SERVICE_NAME), server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield Running(bound, seen, checks, server)
    finally:
        await server.stop(0)


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


@asynccontextmanager
async def gateway(target: str, *, wait: bool = True, **given: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway in front of a target, in this process, with a client to it: `client.gateway` is it."""
    async with Gateway(settings(target=target, **given)) as app:
        if wait:
            await until(lambda: app.target.services is not None)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
            client.gateway = app  # type: ignore[attr-defined]
            yield client


async def until(condition: Any, seconds: float = 20.0) -> None:
    """Waits for a condition to hold."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def packed(message: Any) -> Any:
    out = any_pb2.Any()
    out.Pack(message)
    return out

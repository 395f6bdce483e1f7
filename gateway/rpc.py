"""Calls an RPC for a client that speaks an RPC protocol over HTTP: what Connect and gRPC-Web share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import grpc
import structlog
from google.protobuf.message import DecodeError

from gateway.body import BodyReader, Disconnected
from gateway.codec import Codec
from gateway.envelope import COMPRESSED, frames, unpack
from gateway.errors import RequestError, invalid, status_of
from gateway.metadata import Metadata
from gateway.methods import RpcMethod
from gateway.request import LARGE_JSON, read_json
from gateway.watch import Watch

_log = structlog.get_logger("gateway")


class Wire(Protocol):
    """How one protocol carries one call. Messages come and go as binary protobuf."""

    def timeout(self) -> float | None:
        """Seconds that the client gives, None where it says nothing. Raises RequestError."""
        ...

    def requests(self) -> AsyncIterator[bytes]:
        """The request messages as they come. Raises RequestError, and Disconnected."""
        ...

    async def start(self, initial: Any) -> None:
        """Starts the answer, with the server's initial metadata."""
        ...

    async def message(self, data: bytes) -> None:
        """Sends a message; waits while the client is slow to read."""
        ...

    async def end(self, trailing: Any) -> None:
        """Ends the answer well, with the server's trailing metadata."""
        ...

    async def fail(self, status: Any, initial: Any, trailing: Any, headers: Any = ()) -> None:
        """Ends the answer, started or not, with a `google.rpc.Status` that is not OK.

        `headers` are the gateway's own, for where nothing has been sent.
        """
        ...


class Payloads:
    """The messages of one method as its client writes and reads them: binary, or proto3 JSON.

    `limit` is the most bytes of one.
    """

    def __init__(self, method: RpcMethod, codec: Codec, body: BodyReader, limit: int, *, json: bool) -> None:
        self._method = method
        self._codec = codec
        self._body = body
        self._json = json
        self._streams = method.descriptor.client_streaming
        self._limit = limit

    def chunks(self) -> AsyncIterator[bytes]:
        """The body of the request: what is one message counts as held, a stream passes by."""
        return self._body.chunks() if self._streams else self._body.bounded()

    async def framed(self, chunks: AsyncIterator[bytes], coding: str) -> AsyncIterator[bytes]:
        """The binary messages of a body of frames, each counted as held until the next is asked for.

        Raises RequestError.
        """
        # Of a request that is no stream, `chunks` counts and times the whole.
        charge, pace = (self._body.charge, self._body.pace) if self._streams else (None, None)
        async for flags, payload in frames(chunks, self._limit, charge, pace):
            if flags & ~COMPRESSED or (flags & COMPRESSED and not coding):
                raise RequestError(grpc.StatusCode.INTERNAL, f"no message has the flags {flags:#04x} here")
            held = self._body.held
            yield await self.read(payload, coding if flags & COMPRESSED else "")
            if self._streams:
                self._body.charge(held - self._body.held)

    async def read(self, payload: bytes, coding: str = "") -> bytes:
        """The binary message of a request's payload, which a coding has packed. Raises RequestError."""
        if coding:
            payload = await unpack(
                payload, coding, self._limit, self._body.charge if self._streams else self._body.hold
            )
        if self._json and len(payload) >= LARGE_JSON:
            return await asyncio.to_thread(self._parse, payload)
        return self._parse(payload)

    def _parse(self, payload: bytes) -> bytes:
        if self._json:
            message = self._method.request_class()
            read_json(payload, message, self._codec)
            return message.SerializeToString()
        try:
            self._method.request_class.FromString(payload)
        except DecodeError as error:
            raise invalid("", f"the message is no {self._method.descriptor.input_type.full_name}") from error
        return payload

    def write(self, data: bytes) -> bytes:
        """The payload of a binary response message."""
        return self._codec.dumps(self._method.response_class.FromString(data)) if self._json else data


async def call(
    method: RpcMethod,
    wire: Wire,
    metadata: Callable[[], Metadata],
    timeout: float | None,
    receive: Callable[[], Awaitable[Any]],
) -> grpc.StatusCode:
    """Calls a method and answers over a wire; every failure too. Returns the code of the outcome.

    `timeout` is for unary calls whose client gives none. Raises Disconnected alone.
    """
    begun, seconds = time.monotonic(), None
    try:
        seconds = wire.timeout()
        if seconds is None and not method.streams:
            seconds = timeout
        await _call(method, wire, metadata(), seconds, receive)
    except grpc.aio.AioRpcError as error:
        status, code = status_of(error), error.code()
        late = seconds is not None and time.monotonic() >= begun + seconds
        if late and code is grpc.StatusCode.CANCELLED:
            # A server whose clock is the quicker resets the stream: to gRPC's core, a cancellation.
            code = grpc.StatusCode.DEADLINE_EXCEEDED
            status.code, status.message = code.value[0], "Deadline Exceeded"
        await wire.fail(status, error.initial_metadata(), error.trailing_metadata())
        return code
    except RequestError as error:
        await wire.fail(status_of(error), (), (), error.headers)
        return error.code
    except Disconnected:
        raise
    except Exception:
        _log.exception("request failed", rpc=method.path)
        await wire.fail(status_of(RequestError(grpc.StatusCode.INTERNAL, "internal error")), (), ())
        return grpc.StatusCode.INTERNAL
    return grpc.StatusCode.OK


async def _call(
    method: RpcMethod, wire: Wire, metadata: Metadata, seconds: float | None, receive: Any
) -> None:
    requests = wire.requests()
    if method.streams:
        if not method.descriptor.client_streaming:
            requests = _one(await _only(requests))
        call = method.stub(metadata=metadata, timeout=seconds)
        watch = Watch(receive, call, _feeding(requests))
    else:
        call = method.stub(await _only(requests), metadata=metadata, timeout=seconds)
        watch = Watch(receive, call)
    try:
        if method.descriptor.server_streaming:
            # Before the first message: a client of a quiet stream learns that it has begun.
            await wire.start(await call.initial_metadata())
            while (message := await call.read()) is not grpc.aio.EOF:
                await wire.message(message)
        else:
            message = await call
            await wire.start(await call.initial_metadata())
            await wire.message(message)
        await wire.end(await call.trailing_metadata())
    except grpc.aio.AioRpcError as error:
        if watch.failure is not None:
            raise watch.failure from error
        raise
    except asyncio.CancelledError:
        if watch.failure is not None:
            raise watch.failure from None
        raise
    finally:
        watch.stop()
        call.cancel()


def _feeding(requests: AsyncIterator[bytes]) -> Callable[[Any], Awaitable[None]]:
    async def feed(call: Any) -> None:
        async for request in requests:
            await call.write(request)
        await call.done_writing()

    return feed


async def _one(request: bytes) -> AsyncIterator[bytes]:
    yield request


async def _only(requests: AsyncIterator[bytes]) -> bytes:
    """The one message of a request that is no stream."""
    found: bytes | None = None
    async for request in requests:
        if found is not None:
            raise RequestError(grpc.StatusCode.UNIMPLEMENTED, "the method takes one message, and got more")
        found = request
    if found is None:
        raise RequestError(grpc.StatusCode.UNIMPLEMENTED, "the method takes one message, and got none")
    return found

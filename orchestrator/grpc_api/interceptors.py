"""What happens around every call: validation, errors become statuses, one line in the access log."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NoReturn, TypeAlias
from uuid import uuid4

import grpc
import structlog
from google.protobuf.message import Message

from orchestrator.application.consistency import encode_tokens, noting
from orchestrator.domain.errors import DeadlineExceeded, ResourceExhausted
from orchestrator.grpc_api.status import SERVER_FAULTS, code_of, to_status
from orchestrator.grpc_api.validation import validate

PACKAGES = ("/sightline.v1.", "/google.longrunning.")
"""Calls of other services (health, reflection, channelz) pass untouched."""

REQUEST_ID = "x-request-id"
CONSISTENCY_TOKEN = "sightline-consistency-token"  # noqa: S105 - a header
_PLAIN = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")

# Texts: only gRPC's type stubs know them as generic.
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

_log = structlog.get_logger("access")


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Only it aborts calls. `max_rpcs` calls are served at once; more are refused with RESOURCE_EXHAUSTED."""

    def __init__(self, max_rpcs: int) -> None:
        self._max_rpcs = max_rpcs
        self._active = 0
        self._wrapped: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Wraps a method's handler, once a method."""
        method = handler_call_details.method
        if not method.startswith(PACKAGES):
            return await continuation(handler_call_details)
        if method not in self._wrapped:
            handler = await continuation(handler_call_details)
            if handler is None:  # gRPC's word for a method that does not exist
                return None
            self._wrapped[method] = self._wrap(handler, _shown(method))
        return self._wrapped[method]

    def _wrap(self, handler: Handler, method: str) -> Handler:
        if handler.response_streaming:
            stream: Callable[[Any, Context], AsyncIterator[Message]] = (
                handler.stream_stream if handler.request_streaming else handler.unary_stream  # type: ignore[assignment]
            )

            async def serve_stream(request: Any, context: Context) -> AsyncIterator[Message]:
                call = self._begin(method, context)
                try:
                    call.check(request)
                    async for response in stream(request, context):
                        yield response
                except (Exception, asyncio.CancelledError, GeneratorExit) as error:
                    await call.fail(error)
                finally:
                    self._end(call)

            return _handler_like(handler, serve_stream)
        unary: Callable[[Any, Context], Awaitable[Message]] = (
            handler.stream_unary if handler.request_streaming else handler.unary_unary  # type: ignore[assignment]
        )

        async def serve(request: Any, context: Context) -> Message:
            call = self._begin(method, context)
            try:
                call.check(request)
                with noting() as tokens:
                    answer = await unary(request, context)
                if tokens:
                    await context.send_initial_metadata(((CONSISTENCY_TOKEN, encode_tokens(tokens)),))
                return answer
            except (Exception, asyncio.CancelledError) as error:
                await call.fail(error)
            finally:
                self._end(call)

        return _handler_like(handler, serve)

    def _begin(self, method: str, context: Context) -> _Call:
        self._active += 1
        return _Call(method, context, crowded=self._active > self._max_rpcs)

    def _end(self, call: _Call) -> None:
        self._active -= 1
        asyncio.get_running_loop().call_soon(call.log)  # once the answer is on its way


class _Call:
    """One call, from its first message to its line in the log."""

    def __init__(self, method: str, context: Context, *, crowded: bool) -> None:
        self._method = method
        self._context = context
        self._crowded = crowded
        self._started = time.perf_counter()
        self._code = grpc.StatusCode.OK
        self._error: BaseException | None = None
        self._trace = ""
        self._id = ""
        for key, value in context.invocation_metadata() or ():
            if key == REQUEST_ID and isinstance(value, str) and _PLAIN.fullmatch(value):
                self._id = value
            elif key == "traceparent" and isinstance(value, str) and (found := _TRACEPARENT.match(value)):
                self._trace = found[1]
        self._id = self._id or uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=self._id)

    def check(self, request: object) -> None:
        """Refuses a call before any work is done on it."""
        if self._crowded:
            raise ResourceExhausted("too many calls are under way; try again", retry_after=1.0)
        remaining = self._context.time_remaining()
        if remaining is not None and remaining <= 0:
            raise DeadlineExceeded("the deadline passed before the call was begun")
        if isinstance(request, Message):  # a stream's messages are validated by who reads them
            validate(request)

    async def fail(self, error: BaseException) -> NoReturn:
        """Ends the call with the error's status."""
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            remaining = self._context.time_remaining()
            late = remaining is not None and remaining <= 0
            self._code = grpc.StatusCode.DEADLINE_EXCEEDED if late else grpc.StatusCode.CANCELLED
            raise error
        self._error = error
        self._code = code_of(error)
        status = to_status(error, self._id)
        await self._context.abort(
            self._code,
            status.message,
            ((REQUEST_ID, self._id), ("grpc-status-details-bin", status.SerializeToString())),
        )
        raise AssertionError  # abort raises

    def log(self) -> None:
        """Writes the call's line."""
        fields: dict[str, Any] = {
            "method": self._method,
            "code": self._code.name,
            "ms": round((time.perf_counter() - self._started) * 1e3, 2),
        }
        if self._trace:
            fields["trace_id"] = self._trace
        error = self._error
        if error is None:
            _log.info("call", **fields)
        elif self._code in SERVER_FAULTS:
            _log.error("call", **fields, exc_info=error)
        elif self._code is grpc.StatusCode.UNAVAILABLE:
            _log.warning("call", **fields, error=str(error), cause=repr(error.__cause__))
        else:
            _log.info("call", **fields, error=str(error))


def _shown(method: str) -> str:
    for package in PACKAGES:
        method = method.removeprefix(package)
    return method


def _handler_like(handler: Handler, behaviour: Callable[..., Any]) -> Handler:
    kinds = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    make: Callable[..., Handler] = kinds[handler.request_streaming, handler.response_streaming]
    return make(
        behaviour,
        request_deserializer=handler.request_deserializer,
        response_serializer=handler.response_serializer,
    )

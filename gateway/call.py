"""Runs the RPC of a route and answers with what it says: one message, or a stream of lines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import Message

from gateway import metadata as headers
from gateway.chunks import feed_file
from gateway.codec import Codec, dumps
from gateway.errors import CODES, HTTP_STATUS, RequestError, rpc_error_body, status_body, status_of
from gateway.events import END, Events, wanted
from gateway.http_body import HttpBodyAnswer
from gateway.metadata import Metadata
from gateway.multipart import media_type
from gateway.reply import JSON, NDJSON, Reply
from gateway.request import LARGE_JSON, Form, HttpRequest, bind_url, merge_json, read_request, unsupported
from gateway.routes import Method, Route
from gateway.settings import Settings
from gateway.shown import shown
from gateway.stream import Feed, feed_items, feed_lines
from gateway.watch import Watch

_LINES = frozenset(
    {"", "application/json", "application/x-ndjson", "application/ndjson", "application/jsonl"}
)


class Caller:
    """Calls the routes of one schema."""

    def __init__(self, codec: Codec, settings: Settings) -> None:
        self._codec = codec
        self._settings = settings

    async def serve(
        self, route: Route, values: list[str], request: HttpRequest, metadata: Metadata, reply: Reply,
        receive: Callable[[], Awaitable[Any]],
    ) -> None:  # fmt: skip
        """Answers one request. Raises RequestError before anything is sent, and Disconnected."""
        descriptor = route.method.descriptor
        over = descriptor.server_streaming and request.header("last-event-id") == END
        if over and wanted(request.header("accept") or ""):
            await reply.empty(204)  # the stream is over: a browser that gets this comes back no more
            return
        streams = descriptor.server_streaming or descriptor.client_streaming
        seconds = headers.timeout(
            request.header("grpc-timeout"), None if streams else self._settings.timeout or None
        )
        if descriptor.client_streaming:
            feed = self._feed(route, values, request)
            call = route.method.stub(metadata=metadata, timeout=seconds)
            watch = Watch(receive, call, feed)
            await self._answer(route, route.method, call, watch, request, reply)
            return
        made = await read_request(route, values, request, self._codec, self._settings.max_parts)
        if isinstance(made, Form):
            await self._serve_form(route, made, request, metadata, reply, receive)
            return
        if made.ByteSize() > self._settings.max_message_bytes:
            raise RequestError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                f"the request is larger than the limit of {self._settings.max_message_bytes} bytes",
                status=413,
            )
        call = route.method.stub(made, metadata=metadata, timeout=seconds)
        await self._answer(route, route.method, call, Watch(receive, call), request, reply)

    async def _serve_form(
        self, route: Route, form: Form, request: HttpRequest, metadata: Metadata, reply: Reply,
        receive: Callable[[], Awaitable[Any]],
    ) -> None:  # fmt: skip
        many, plan = route.many, form.plan.many
        if many is None or plan is None:  # `ranks` has refused such a form
            raise RequestError(grpc.StatusCode.INTERNAL, "internal error")
        seconds = headers.timeout(request.header("grpc-timeout"), None)
        call = many.stub(metadata=metadata, timeout=seconds)
        watch = Watch(receive, call, feed_items(form, plan, many))
        as_list = "application/x-ndjson" not in (request.header("accept") or "")
        await self._answer(route, many, call, watch, request, reply, as_list=as_list)

    async def _answer(
        self, route: Route, method: Method, call: Any, watch: Watch, request: HttpRequest, reply: Reply, *,
        as_list: bool = False,
    ) -> None:  # fmt: skip
        raw = route.raw_response and method is route.method
        events: Events | None = None
        try:
            if raw and method.descriptor.server_streaming:
                await HttpBodyAnswer(request, reply).stream(call, route.response_body)
            elif raw:
                await HttpBodyAnswer(request, reply).whole(call, route.response_body)
            elif not method.descriptor.server_streaming:
                await self._one(route, method, await call, call, reply)
            elif wanted(request.header("accept") or ""):
                events = Events(reply, self._settings.heartbeat)
                await events.stream(call, lambda response: self._text(route, method, response))
            elif as_list:
                items = [self._codec.to_value(message) async for message in call]
                await reply.json(200, items, await self._headers(call))
            else:
                await self._lines(route, method, call, reply)
        except (grpc.aio.AioRpcError, asyncio.CancelledError) as error:
            failure = watch.failure or error
            try:
                # Too late for a status: the error is what comes last. Raw bytes end short instead.
                if reply.started and not raw and isinstance(failure, (RequestError, grpc.aio.AioRpcError)):
                    await self._break_off(failure, reply, events)
                elif isinstance(failure, grpc.aio.AioRpcError):
                    await self._failed(failure, reply)
                else:
                    raise failure from None
            finally:
                del failure  # it holds this frame, and the frame what was uploaded
        finally:
            watch.stop()
            call.cancel()

    async def _one(self, route: Route, method: Method, response: Message, call: Any, reply: Reply) -> None:
        out = await self._headers(call)
        out += headers.outgoing(await call.trailing_metadata(), "grpc-trailer-")
        if response.ByteSize() < LARGE_JSON:
            text = self._text(route, method, response)
        else:  # the loop has its turns between those of the thread
            text = await asyncio.to_thread(self._text, route, method, response)
        await reply.whole(200, JSON, text, out)

    async def _lines(self, route: Route, method: Method, call: Any, reply: Reply) -> None:
        """A stream, as JSON lines."""
        response = await call.read()
        await reply.start(NDJSON, await self._headers(call))
        while response is not grpc.aio.EOF and reply.wants_body:
            await reply.chunk(b'{"result":%b}\n' % self._text(route, method, response))
            response = await call.read()
        await reply.end()

    def _text(self, route: Route, method: Method, response: Message) -> bytes:
        """What the route shows of a response, as JSON."""
        return shown(response, route.response_body if method is route.method else None, self._codec)

    async def _headers(self, call: Any) -> list[tuple[bytes, bytes]]:
        return headers.outgoing(await call.initial_metadata())

    async def _break_off(
        self, error: RequestError | grpc.aio.AioRpcError, reply: Reply, events: Events | None
    ) -> None:
        status = status_of(error)
        reply.code = CODES[status.code].name
        body = status_body(status, self._codec)
        if events is not None:
            await events.fail(body)
            return
        await reply.chunk(dumps({"error": body}) + b"\n")
        await reply.end()

    async def _failed(self, error: grpc.aio.AioRpcError, reply: Reply) -> None:
        body = rpc_error_body(error, self._codec)
        reply.code = error.code().name
        out = headers.outgoing(error.initial_metadata())
        out += headers.outgoing(error.trailing_metadata(), "grpc-trailer-")
        if error.code() is grpc.StatusCode.UNAUTHENTICATED:
            out.append((b"www-authenticate", b"Bearer"))
        await reply.error(HTTP_STATUS[error.code()], body, out)

    def _feed(self, route: Route, values: list[str], request: HttpRequest) -> Feed:
        """What feeds the body of a request into a client-streaming RPC. Raises RequestError (415)."""
        request.body.unpack(request.header("content-encoding"))
        kind = media_type(request.header("content-type") or "")
        if kind in _LINES:
            read = self._line_reader(route, values, request)
            return feed_lines(request.body, self._settings.max_message_bytes, read)
        file = feed_file(route, values, request, self._codec, self._settings.max_parts)
        if file is None:
            taken = route.upload.accepted() if route.upload else []
            raise unsupported(kind, ["application/x-ndjson", *taken])
        return file

    def _line_reader(
        self, route: Route, values: list[str], request: HttpRequest
    ) -> Callable[[bytes, bool], Message]:
        """Makes a request message of a line; what the URL says goes into the first."""

        def read(line: bytes, first: bool) -> Message:
            message = route.method.request_class()
            merge_json(route, message, line, self._codec)
            if first:
                bind_url(route, message, values, request.query, self._codec)
            return message

        return read

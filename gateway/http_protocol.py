"""The edge of the HTTP server: how large a head may be, how slow a client, and what answers what is no HTTP.

uvicorn's protocol bounds none of this, and words its own refusals as plain text.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from functools import partial
from typing import Any, cast

import grpc
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from gateway import codec
from gateway.cork import Cork
from gateway.errors import RequestError
from gateway.http_1_0 import unchunked
from gateway.reply import JSON, raw_headers
from gateway.settings import Settings
from gateway.timers import Timers

# How long what a refused client still sends is thrown away: a reset would take the answer from it.
_LINGER = 3.0
# The same for who was answered before the end of his body, as many clients send it whole before they read.
_DRAIN = 10.0
# A peer that went without a word is found out after some two minutes.
_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))
# 16 bytes in base64.
_SOCKET_KEY = re.compile(rb"[0-9A-Za-z+/]{22}==")


_CROWDED = RequestError(
    grpc.StatusCode.UNAVAILABLE,
    "too many connections at once; try again later",
    headers=[("retry-after", "1")],
)


def protocol(settings: Settings) -> Any:
    """The class of a server's connections, as uvicorn's `http` takes it."""
    return partial(EdgeProtocol, settings)


class EdgeProtocol(HttpToolsProtocol):
    """One connection, within the limits of the settings. Its refusals are the gateway's JSON errors."""

    def __init__(self, settings: Settings, **given: Any) -> None:
        super().__init__(**given)
        self._settings = settings
        self._timers = Timers(self.loop)
        self._in_head = self._in_body = self._heard = self._refused = False
        self._crowded = False  # there were too many connections when it was made
        self._upgraded = False  # the connection is a WebSocket's
        self._head_size = self._header_count = 0
        self._events = 0  # of the parser
        self._unseen = 0  # bytes since the last of them
        self._unread = 0  # bytes of answers that the client had not read when its timer was set
        self._fault: RequestError | None = None  # what a callback of the parser found
        self._later: RequestError | None = None  # a refusal behind an answer that is on its way

    # The transport's calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins a connection: a head is due."""
        super().connection_made(cast(asyncio.Transport, Cork(transport, self.loop)))
        _keep_alive(transport.get_extra_info("socket"), self._settings.write_timeout)
        self._crowded = len(self.connections) > self._settings.max_connections
        self._timers.set("head", self._settings.head_timeout, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends it."""
        self._timers.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes bytes from the client."""
        if self._refused:
            return
        before = self._events
        super().data_received(data)
        if self._refused or self._upgraded or self.transport.is_closing():
            return
        # A header that never ends is no event: the parser gathers it in silence.
        self._unseen = self._unseen + len(data) if self._events == before else 0
        if self._unseen > self._settings.max_header_bytes:
            self._refuse(_too_large("head", self._settings.max_header_bytes))
        elif self._in_head or not (self._in_body or self._answering):
            self._heard = True
            if "head" not in self._timers:
                self._timers.set("head", self._settings.head_timeout, self._head_is_late)

    def pause_writing(self) -> None:
        """The client reads more slowly than the answer comes."""
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._timers.unset("reader")
        super().resume_writing()

    def handle_websocket_upgrade(self) -> None:
        """Hands the connection over, for good."""
        self._upgraded = True
        self._timers.clear()
        super().handle_websocket_upgrade()

    # The parser's calls

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._events += 1
        self._in_head = True
        self._head_size = self._header_count = 0

    def on_url(self, url: bytes) -> None:
        """A part of the request's target. Raises RequestError, which the parser wraps (414)."""
        super().on_url(url)
        self._head_size += len(url)
        if self._head_size > self._settings.max_header_bytes:
            raise self._found(_too_large("path", self._settings.max_header_bytes, 414))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header. Raises RequestError (431). Trailers are counted, and left out."""
        self._head_size += len(name) + len(value) + 4
        self._header_count += 1
        if self._head_size > self._settings.max_header_bytes:
            raise self._found(_too_large("head", self._settings.max_header_bytes))
        if self._header_count > self._settings.max_headers:
            error = f"the request has more than {self._settings.max_headers} headers"
            raise self._found(RequestError(grpc.StatusCode.RESOURCE_EXHAUSTED, error, status=431))
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The end of a head. Raises RequestError (400)."""
        self._events += 1
        self._in_head = self._heard = False
        self._in_body = True
        self._timers.unset("head")
        if self._crowded:
            raise self._found(_CROWDED)
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            error = "HTTP/1.1 asks for one Host header"
            raise self._found(RequestError(grpc.StatusCode.INVALID_ARGUMENT, error))
        if self.parser.should_upgrade() and self._should_upgrade() and not self._is_handshake():
            error = "a WebSocket begins with a GET without a body and with a Sec-WebSocket-Key"
            raise self._found(RequestError(grpc.StatusCode.INVALID_ARGUMENT, error))
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        self._events += 1
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The end of a request."""
        self._events += 1
        self._in_body = False
        self._timers.unset("drain")
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The end of an answer."""
        if self._later is not None and not self.transport.is_closing():
            self._write_refusal(self._later)
            return
        super().on_response_complete()
        if self._in_body:  # an early answer: who goes on sending is not listened to for long
            self._timers.set("drain", _DRAIN, self.transport.close)
        if "reader" not in self._timers and self.transport.get_write_buffer_size():
            self._await_reader()

    def _is_handshake(self) -> bool:
        """Whether a WebSocket may begin with the head (RFC 6455, section 4.1): no answer is due before it."""
        headers = dict(self.headers)
        has_body = b"transfer-encoding" in headers or headers.get(b"content-length", b"0").strip(b"0 ") != b""
        keyed = _SOCKET_KEY.fullmatch(headers.get(b"sec-websocket-key", b"").strip())
        return self.parser.get_method() == b"GET" and not (has_body or self._answering) and keyed is not None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        old = cycle.scope["http_version"] == "1.0"
        super()._start_asgi_task(cycle, unchunked(app, cycle) if old else app)

    # Refusals

    def send_400_response(self, msg: str) -> None:
        """Answers what is not HTTP, or what a callback has found."""
        malformed = RequestError(grpc.StatusCode.INVALID_ARGUMENT, "this is not a well-formed HTTP request")
        self._refuse(self._fault or malformed)

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _found(self, error: RequestError) -> RequestError:
        self._fault = error
        return error

    def _head_is_late(self) -> None:
        if self._heard:
            error = "the request's head did not come in time"
            self._refuse(RequestError(grpc.StatusCode.DEADLINE_EXCEEDED, error, status=408))
        else:
            self.transport.close()

    def _refuse(self, error: RequestError) -> None:
        self._refused = True
        if not self._answering:
            self._write_refusal(error)
        elif self.pipeline:
            self.transport.close()
        elif self.cycle.more_body:  # its own body is at fault
            started = self.cycle.response_started
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if started:
                self.transport.close()
            else:
                self._write_refusal(error)
        else:
            self._later = error

    def _write_refusal(self, error: RequestError) -> None:
        self._timers.clear()
        body = codec.dumps(error.body())
        headers = [
            (b"content-type", JSON),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        headers += raw_headers(error.headers)
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[error.status] + head + b"\r\n" + body)
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._timers.set("drain", _LINGER, self.transport.abort)
        else:
            self.transport.close()

    # Slow readers

    def _await_reader(self) -> None:
        self._unread = self.transport.get_write_buffer_size()
        self._timers.set("reader", self._settings.write_timeout, self._reader_is_late)

    def _reader_is_late(self) -> None:
        left = self.transport.get_write_buffer_size()
        least = max(1, int(self._settings.min_rate * self._settings.write_timeout))
        if left and self._unread - left < least:
            self.transport.abort()
        elif left:
            self._await_reader()


def _too_large(what: str, limit: int, status: int = 431) -> RequestError:
    return RequestError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        f"the request's {what} is larger than the limit of {limit} bytes",
        status=status,
    )


def _keep_alive(connection: Any, seconds: float) -> None:
    """Lets TCP ask whether the peer is still there, and give up what it does not acknowledge for so long."""
    if connection is None or connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (*_KEEPALIVE, ("TCP_USER_TIMEOUT", int(seconds * 1000))):
        with contextlib.suppress(AttributeError, OSError):  # not every system has every one
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

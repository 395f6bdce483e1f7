"""Writes HTTP answers over ASGI, and keeps what the log line wants to know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from gateway import codec
from gateway.problem import PROBLEM, prefers, problem

Send = Callable[[Any], Awaitable[None]]
RawHeaders = Sequence[tuple[bytes, bytes]]

JSON = b"application/json"
NDJSON = b"application/x-ndjson"


def raw_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI takes them; what Latin-1 cannot say is a question mark."""
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]


class Reply:
    """The answer to one request. `extra` headers go on every answer.

    `accept` is the client's Accept header, and `path` what it asked for: errors go by the one and name the
    other.
    """

    def __init__(self, send: Send, *, head: bool = False, accept: str = "", path: str = "") -> None:
        self._send = send
        self._head = head
        self._accept = accept
        self._path = path
        self.extra: list[tuple[bytes, bytes]] = []
        self.status = 0
        self.size = 0
        self.code: str | None = None
        self.ended = False

    @property
    def wants_body(self) -> bool:
        """Whether the client reads a body: not after HEAD."""
        return not self._head

    @property
    def started(self) -> bool:
        """Whether the status line is out."""
        return self.status != 0

    async def whole(self, status: int, content_type: bytes, body: bytes, headers: RawHeaders = ()) -> None:
        """Sends a whole answer. To HEAD it sends the same headers and no body."""
        length = (b"content-length", str(len(body)).encode())
        await self._start(status, [(b"content-type", content_type), length, *headers])
        self.size = 0 if self._head else len(body)
        await self._end(b"" if self._head else body)

    async def error(
        self,
        status: int,
        body: dict[str, Any],
        headers: RawHeaders = (),
        linger: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Sends an error: as grpc-gateway words it, or as RFC 9457 does where the client prefers that."""
        vary = (b"vary", b"accept")
        if prefers(self._accept):
            described = problem(status, body, self._path)
            await self.json(status, described, [vary, *headers], linger, content_type=PROBLEM.encode())
        else:
            await self.json(status, body, [vary, *headers], linger)

    async def json(
        self,
        status: int,
        value: Any,
        headers: RawHeaders = (),
        linger: Callable[[], Awaitable[None]] | None = None,
        *,
        content_type: bytes = JSON,
    ) -> None:
        """Sends a JSON value; `linger` runs between its last byte and the end of the answer."""
        body = codec.dumps(value)
        if linger is None:
            await self.whole(status, content_type, body, headers)
            return
        length = (b"content-length", str(len(body)).encode())
        await self._start(status, [(b"content-type", content_type), length, *headers])
        await self.chunk(body)
        await linger()
        await self.end()

    async def empty(self, status: int, headers: RawHeaders = ()) -> None:
        """Sends an answer without a body."""
        await self._start(status, list(headers))
        await self._end()

    async def start(self, content_type: bytes, headers: RawHeaders = (), status: int = 200) -> None:
        """Starts a streamed answer; `chunk` and `end` follow."""
        await self._start(status, [(b"content-type", content_type), (b"x-accel-buffering", b"no"), *headers])

    async def chunk(self, data: bytes) -> None:
        """Sends a piece of a streamed answer; waits while the client is slow to read."""
        if data and not self._head:
            self.size += len(data)
            await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self) -> None:
        """Ends a streamed answer."""
        await self._end()

    async def _end(self, body: bytes = b"") -> None:
        self.ended = True
        await self._send({"type": "http.response.body", "body": body})

    async def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.status = status
        await self._send(
            {"type": "http.response.start", "status": status, "headers": [*headers, *self.extra]}
        )

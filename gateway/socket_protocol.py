"""The edge of WebSockets: messages that have not been done with share the memory of all, and come in time.

uvicorn's protocol gathers the pieces of a message, and queues whole ones, out of the application's sight.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

import grpc
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import Frame

from gateway import codec
from gateway.body import Budget
from gateway.errors import RequestError
from gateway.settings import Settings
from gateway.timers import Timers
from gateway.websocket import ERROR_CODES


def protocol(settings: Settings, budget: Budget) -> Any:
    """The class of a server's WebSockets, as uvicorn's `ws` takes it."""
    return partial(EdgeSocket, settings, budget)


class EdgeSocket(WebSocketsSansIOProtocol):
    """One WebSocket. What it holds counts in the budget, until the application asks for more.

    A message keeps up the least rate, counted from `idle_timeout` on, or the WebSocket ends.
    """

    def __init__(self, settings: Settings, budget: Budget, **given: Any) -> None:
        super().__init__(**given)
        self._settings = settings
        self._budget = budget
        self._timers = Timers(self.loop)
        self._held = 0  # bytes counted in the budget
        self._pieces = 0  # bytes of the message that is being gathered
        self._whole = 0  # bytes of messages that are queued, or in the application's hands

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends it, and gives back what it held."""
        self._timers.clear()
        self.frames, self._pieces, self._whole = [], 0, 0
        self._hold(0)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes bytes from the client."""
        super().data_received(data)
        unfinished = self._unfinished
        if unfinished and "message" not in self._timers:
            self._began = self.loop.time()
            self._timers.set("message", self._settings.idle_timeout, self._message_is_late)
        elif not unfinished:
            self._timers.unset("message")
        before = self._held
        self._hold(unfinished + self._whole)
        if self._held > before and self._budget.used > self._budget.limit:
            self._fail(
                RequestError(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many uploads at once; try again later")
            )

    def handle_text(self, event: Frame) -> None:
        """The first piece of a message."""
        self._pieces += len(event.data)
        super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        """The first piece of a message."""
        self._pieces += len(event.data)
        super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        """Another piece of it."""
        self._pieces += len(event.data)
        super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """The message is whole."""
        self._whole, self._pieces = self._whole + self._pieces, 0
        self._timers.unset("message")
        super().send_receive_event_to_app()

    async def receive(self) -> Any:
        """The next message. Those before it have been done with."""
        if self.queue.empty():
            self._whole = 0
            self._hold(self._unfinished)
        return await super().receive()

    @property
    def _unfinished(self) -> int:
        """Bytes of a message, and of a frame, that have come in part."""
        return self._pieces + len(self.conn.reader.buffer)

    def _hold(self, size: int) -> None:
        self._budget.used += size - self._held
        self._held = size

    def _message_is_late(self) -> None:
        late = self.loop.time() - self._began
        rate, patience = self._settings.min_rate, self._settings.idle_timeout
        left = patience + self._unfinished / rate - late if rate else patience
        if left > 0:
            self._timers.set("message", left, self._message_is_late)
        else:
            self._fail(RequestError(grpc.StatusCode.DEADLINE_EXCEEDED, "a message did not come in time"))

    def _fail(self, error: RequestError) -> None:
        """Says what is wrong as the application would, which is told that the client left."""
        with contextlib.suppress(InvalidState):  # it is being closed as it is
            self.conn.send_text(codec.dumps({"error": error.body()}))
            self.conn.send_close(ERROR_CODES + error.code.value[0], error.code.name)
            self.handle_parser_exception()

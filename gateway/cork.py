"""A transport that sends the head of an answer with the first piece of its body, in one system call."""

from __future__ import annotations

import asyncio
from typing import Any

# A larger piece is not copied for the sake of the head.
_LARGE = 64 << 10


class Cork:
    """Stands before a connection's transport. A head waits for the next write, or the loop's next turn."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""
        self.is_closing = transport.is_closing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Sends bytes, a head with what follows it. What comes after the connection was closed is dropped."""
        if self.is_closing():
            return
        if self._head and len(data) < _LARGE:
            data, self._head = self._head + data, b""
        elif self._head:
            self._pull()
        elif data.startswith(b"HTTP/1.1 "):
            self._head = data
            self._loop.call_soon(self._pull)
            return
        self._transport.write(data)

    def write_eof(self) -> None:
        """Ends what is sent."""
        self._pull()
        self._transport.write_eof()

    def close(self) -> None:
        """Closes the connection once everything is sent."""
        self._pull()
        self._transport.close()

    def _pull(self) -> None:
        head, self._head = self._head, b""
        if head and not self.is_closing():
            self._transport.write(head)

"""The head of an answer waits for the first piece of its body, and never longer than a turn of the loop."""

from __future__ import annotations

import asyncio
from typing import Any

from gateway.cork import Cork

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class Transport:
    """Keeps what was asked of it."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.closed = False

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.calls.append(data)

    def write_eof(self) -> None:
        self.calls.append("eof")

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, name: str) -> str:
        return name


async def test_a_head_leaves_with_its_body() -> None:
    cork, transport = corked()
    cork.write(HEAD)
    assert transport.calls == []
    cork.write(b"body")
    cork.write(b"more")
    assert transport.calls == [HEAD + b"body", b"more"]


async def test_a_large_body_is_not_copied() -> None:
    cork, transport = corked()
    body = bytes(1 << 20)
    cork.write(HEAD)
    cork.write(body)
    assert transport.calls[0] == HEAD
    assert transport.calls[1] is body


async def test_a_head_without_a_body_leaves_at_the_next_turn() -> None:
    cork, transport = corked()
    cork.write(HEAD)
    await asyncio.sleep(0)
    assert transport.calls == [HEAD]
    cork.write(b"later")
    assert transport.calls == [HEAD, b"later"]


async def test_an_end_comes_after_the_head() -> None:
    cork, transport = corked()
    cork.write(HEAD)
    cork.write_eof()
    assert transport.calls == [HEAD, "eof"]
    cork.write(HEAD)
    cork.close()
    assert transport.calls == [HEAD, "eof", HEAD]
    assert transport.closed


async def test_what_comes_after_the_end_is_dropped() -> None:
    cork, transport = corked()
    cork.write(HEAD)
    transport.closed = True
    cork.write(b"body")
    await asyncio.sleep(0)
    assert transport.calls == []
    assert cork.get_extra_info("peername") == "peername"


def corked() -> tuple[Cork, Transport]:
    transport: Any = Transport()
    return Cork(transport, asyncio.get_running_loop()), transport

"""Answers to HTTP/1.0, which knows no chunks: what has no length ends with the connection (RFC 9112, 6.3)."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


def unchunked(app: Any, cycle: RequestResponseCycle) -> Any:
    """The application, with answers on this cycle that are not chunked. uvicorn closes after each of them."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        open_ended = False

        async def framed(message: Any) -> None:
            nonlocal open_ended
            if message["type"] == "http.response.start":
                open_ended = all(name.lower() != b"content-length" for name, _ in message["headers"])
                cycle.chunked_encoding = False if open_ended else None
            elif open_ended:
                cycle.expected_content_length = len(
                    message.get("body", b"")
                )  # each piece is as long as it is
            await send(message)

        await app(scope, receive, framed)

    return serve

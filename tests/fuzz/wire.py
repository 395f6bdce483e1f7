"""Sends bytes to an HTTP server as they are, and reads what comes back."""

from __future__ import annotations

import contextlib
import json
import socket
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

SECONDS = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes
    coding: str = ""


def send(url: str, request: bytes) -> Answer | None:
    """The answer to a request; None where the connection was closed without one. Raises TimeoutError."""
    at = urlsplit(url)
    with socket.create_connection((at.hostname, at.port), timeout=SECONDS) as connection:
        # Answered, or refused, before it was all read.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        response = HTTPResponse(connection, method=request.split(b" ", 1)[0].decode("latin-1"))
        try:
            response.begin()
            body = response.read()
        except (ConnectionResetError, HTTPException):
            return None
        headers = response.headers
        return Answer(
            response.status, headers.get("content-type", ""), body, headers.get("content-encoding", "")
        )


def head(
    method: str, target: bytes, headers: dict[str, str] | None = None, body: bytes | None = None
) -> bytes:
    """A whole request of HTTP/1.1, after which the connection is closed."""
    lines = [
        method.encode("latin-1") + b" " + target + b" HTTP/1.1",
        b"Host: localhost",
        b"Connection: close",
    ]
    lines += [f"{name}: {value}".encode("latin-1") for name, value in (headers or {}).items()]
    if body is not None:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", body or b""])


def check(answer: Answer | None, *, must_answer: bool = True) -> None:
    """Holds what is true of every answer: no fault of the gateway's, and JSON where it says so."""
    if answer is None:
        assert not must_answer, "the connection was closed without an answer"
        return
    assert 200 <= answer.status < 500 or answer.status in (501, 504), answer
    if answer.status >= 400 and answer.body:
        # The RPC protocols are told by the status: a line of text is for who reads along.
        kinds = ("application/json", "application/problem+json", "text/plain")
        assert answer.content_type.startswith(kinds), answer
    if answer.content_type == "application/json" and answer.body and not answer.coding:
        json.loads(answer.body)

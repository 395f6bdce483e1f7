"""Answers WebSocket handshakes: finds the call, accepts or refuses, and runs it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import grpc
import structlog

from gateway import metadata, rpc, websocket
from gateway.body import Disconnected
from gateway.errors import UNREACHABLE, RequestError
from gateway.pattern import DecodeError
from gateway.reply import Reply, raw_headers
from gateway.router import Unrouted
from gateway.settings import Settings
from gateway.target import Services
from gateway.websocket import WebSocketWire

_log = structlog.get_logger("gateway")


class Sockets:
    """The WebSockets of one process, counted."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open = 0

    async def serve(
        self,
        scope: MutableMapping[str, Any],
        path: str,
        services: Services | None,
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Serves one WebSocket, from its handshake to its end."""
        started = time.perf_counter()
        request_id = metadata.request_id(scope["headers"])
        await receive()  # websocket.connect
        called, code, wire = "", "", None
        offered: list[str] = scope.get("subprotocols", [])
        self._open += 1
        try:
            callee, carried = self._prepare(scope, path, services, request_id)
            called = callee.method.path
            await send(
                {
                    "type": "websocket.accept",
                    "subprotocol": websocket.subprotocol(offered),
                    "headers": [(metadata.REQUEST_ID.encode(), request_id.encode())],
                }
            )
            settings = self._settings
            wire = WebSocketWire(
                callee, services.codec, receive, send,  # type: ignore[union-attr]
                limit=settings.websocket_limit, patience=settings.idle_timeout,
                tells=websocket.METADATA in offered,
            )  # fmt: skip
            code = (
                await rpc.call(callee.method, wire, lambda: carried, settings.timeout or None, wire.watch)
            ).name
        except (Disconnected, OSError):
            code = "CANCELLED"
        except RequestError as error:
            code = error.code.name
            await refuse(scope, send, error, request_id)
        finally:
            self._open -= 1
            _log.info(
                "websocket",
                path=path[:512],
                rpc=called,
                code=code,
                ms=round((time.perf_counter() - started) * 1000, 2),
                bytes=wire.sent if wire else 0,
                request_id=request_id,
            )

    def _prepare(
        self, scope: MutableMapping[str, Any], path: str, services: Services | None, request_id: str
    ) -> tuple[websocket.Callee, metadata.Metadata]:
        if services is None:
            raise RequestError(grpc.StatusCode.UNAVAILABLE, UNREACHABLE, headers=[("retry-after", "1")])
        if self._open > self._settings.max_websockets:
            raise RequestError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                "too many WebSockets at once; try again later",
                status=503,
                headers=[("retry-after", "1")],
            )
        query: bytes = scope["query_string"]
        try:
            callee = websocket.find(services.methods, services.router, path, query, rpc=self._settings.rpc)
        except Unrouted as error:
            raise RequestError(grpc.StatusCode.NOT_FOUND, "no route has this path") from error
        except DecodeError as error:
            raise RequestError(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
        client = scope["client"][0] if scope.get("client") else None
        scheme = "https" if scope.get("scheme") == "wss" else "http"
        carried = metadata.incoming(scope["headers"], request_id, client, scheme)
        token = websocket.bearer(scope.get("subprotocols", []))
        if token and not any(key == "authorization" for key, _ in carried):
            carried.append(("authorization", f"Bearer {token}"))
        metadata.check_size(carried, self._settings.max_metadata_bytes)
        return callee, carried


async def refuse(
    scope: MutableMapping[str, Any],
    send: Callable[[Any], Awaitable[None]],
    error: RequestError,
    request_id: str = "",
) -> None:
    """Refuses a handshake: with an HTTP answer where the server can give one, else by closing."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": error.message[:120]})
        return
    reply = Reply(websocket.denial(send))
    if request_id:
        reply.extra.append((metadata.REQUEST_ID.encode(), request_id.encode()))
    await reply.error(error.status, error.body(), raw_headers(error.headers))

"""The gateway's own pages: health, readiness, the OpenAPI document, Swagger UI and ReDoc."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import grpc

from gateway import codec, docs, openapi
from gateway.errors import UNREACHABLE, RequestError
from gateway.reply import JSON, Reply
from gateway.router import MethodNotAllowed
from gateway.settings import Settings
from gateway.target import Target

_PAGES = frozenset({"/healthz", "/readyz"})
_DOCS = frozenset({"/", "/openapi.json", "/docs", "/redoc"})


class OwnPages:
    """Pages that come before every route of the target."""

    def __init__(self, settings: Settings, target: Target) -> None:
        self._settings = settings
        self._target = target
        self._assets = docs.assets()
        self._openapi: bytes | None = None

    def forget(self) -> None:
        """Drops what was made of the target's services."""
        self._openapi = None

    def serves(self, path: str) -> bool:
        """Whether the path is one of these."""
        return path in _PAGES or (self._settings.docs and (path in _DOCS or path.startswith("/docs/")))

    async def serve(
        self,
        path: str,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
        reply: Reply,
    ) -> None:
        """Answers a request for one of them. Raises RequestError and MethodNotAllowed."""
        if scope["method"] == "OPTIONS":
            await reply.empty(204, [(b"allow", b"GET, HEAD, OPTIONS")])
            return
        if scope["method"] not in ("GET", "HEAD"):
            raise MethodNotAllowed(["GET", "HEAD"])
        match path:
            case "/healthz":
                await reply.json(200, {"status": "SERVING"})
            case "/readyz":
                await self._ready(scope["query_string"], reply)
            case "/":  # relative: the gateway may be served below a path
                await reply.empty(307, [(b"location", b"docs"), (b"content-length", b"0")])
            case "/openapi.json":
                await reply.whole(200, JSON, self._document())
            case "/docs" | "/redoc":
                page = docs.swagger_page if path == "/docs" else docs.redoc_page
                await reply.whole(
                    200,
                    b"text/html; charset=utf-8",
                    page(self._settings.title or "API"),
                    [(b"content-security-policy", docs.CSP.encode())],
                )
            case "/docs/":  # the page's links are relative
                await reply.empty(307, [(b"location", b"../docs"), (b"content-length", b"0")])
            case _ if path in docs.INITIALIZERS:
                script = docs.INITIALIZERS[path].encode()
                await reply.whole(200, b"text/javascript; charset=utf-8", script)
            case _:
                await self._asset(path.removeprefix("/docs"), scope, receive, send, reply)

    async def _ready(self, query: bytes, reply: Reply) -> None:
        service = parse_qs(query.decode("latin-1")).get("service", [""])[0]
        serving, status = await self._target.health(service)
        if serving and self._target.services is None:
            serving, status = False, "NO_ROUTES"
        await reply.json(200 if serving else 503, {"status": status})

    def _document(self) -> bytes:
        services = self._target.services
        if services is None:
            raise RequestError(grpc.StatusCode.UNAVAILABLE, UNREACHABLE, headers=[("retry-after", "1")])
        if self._openapi is None:
            self._openapi = codec.dumps(
                openapi.document(
                    services.schema, services.routes, self._settings.title, self._settings.security
                )
            )
        return self._openapi

    async def _asset(self, name: str, scope: Any, receive: Any, send: Any, reply: Reply) -> None:
        async def noting(message: Any) -> None:
            if message["type"] == "http.response.start":
                reply.status = message["status"]
            else:
                reply.size += len(message.get("body", b""))
            await send(message)

        try:
            response = await self._assets.get_response(name.lstrip("/"), scope)
        except Exception as error:  # starlette's HTTPException: whatever went wrong, there is no such asset
            raise RequestError(grpc.StatusCode.NOT_FOUND, "no such page") from error
        await response(scope, receive, noting)

"""The ASGI application: routes a request, calls, answers, logs one line."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any
from urllib.parse import quote

import grpc
import structlog
from starlette.middleware.cors import CORSMiddleware

from gateway import metadata
from gateway.body import BodyReader, Budget, Disconnected
from gateway.call import Caller
from gateway.compression import Compression
from gateway.errors import UNREACHABLE, RequestError
from gateway.faces import RpcFaces, speaks_rpc
from gateway.guard import Guard
from gateway.own import OwnPages
from gateway.pattern import DecodeError
from gateway.reply import Reply, raw_headers
from gateway.request import HttpRequest
from gateway.router import MethodNotAllowed, Unrouted
from gateway.settings import Settings
from gateway.sockets import Sockets
from gateway.target import Services, Target

_log = structlog.get_logger("gateway")

# The longest that a worker waits for its services before it takes requests, in seconds.
_PATIENCE = 10.0

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]
Linger = Callable[[], Awaitable[None]] | None

TEXT = b"text/plain; charset=utf-8"


class Gateway:
    """The gateway as an ASGI application.

    It opens its channel with ASGI's lifespan, or as an async context manager where there is none.
    """

    def __init__(self, settings: Settings, budget: Budget | None = None) -> None:
        self._settings = settings
        self._budget = budget or Budget(settings.max_buffered_bytes)
        self._caller: Caller | None = None
        self._faces: RpcFaces | None = None
        self._sockets = Sockets(settings)
        self.target = Target(settings, self._services_changed)
        self._own = OwnPages(settings, self.target)
        self._known = asyncio.Event()
        self._alone = False  # the process serves nothing else

    async def __aenter__(self) -> Gateway:
        await self.target.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.target.__aexit__(*error)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection event of ASGI."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._sockets.serve(scope, _raw_path(scope), self.target.services, receive, send)

    def _services_changed(self, services: Services) -> None:
        self._known.set()
        self._caller = Caller(services.codec, self._settings)
        self._faces = RpcFaces(services.codec, self._settings) if self._settings.rpc else None
        self._own.forget()
        if self._alone:
            _settle()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._alone = True
        try:
            await self.__aenter__()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not in the main thread
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.target.reread)
        if self._settings.workers > 1:
            await self._until_services_are_known()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.__aexit__(None, None, None)
        await send({"type": "lifespan.shutdown.complete"})

    async def _until_services_are_known(self) -> None:
        """Leaves requests to the other workers until this one can serve them, but not for ever."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self._known.wait()

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        method: str = scope["method"]
        path = _raw_path(scope)
        rpc, scheme = "", scope.get("scheme", "http")
        request = self._request(scope, method, path, receive)
        reply = Reply(send, head=method == "HEAD", accept=request.header("accept") or "", path=path)
        request_id = metadata.request_id(request.headers)
        reply.extra.append((metadata.REQUEST_ID.encode(), request_id.encode()))

        async def refuse(error: RequestError, headers: Headers = (), linger: Linger = None) -> None:
            reply.code = error.code.name
            if reply.started:  # a stream that broke: nothing better than ending it short
                return
            out = [*raw_headers(error.headers), *headers]
            if rpc == path or speaks_rpc(request):  # whose client goes by the status, and misreads our JSON
                await reply.whole(error.status, TEXT, error.message.encode(), out)
            else:
                await reply.error(error.status, error.body(), out, linger)

        try:
            if self._own.serves(path):
                await self._own.serve(path, scope, receive, send, reply)
                return
            services = self.target.services
            if services is None or self._caller is None:
                raise RequestError(grpc.StatusCode.UNAVAILABLE, UNREACHABLE, headers=[("retry-after", "1")])
            if self._faces is not None and (called := services.methods.get(path)) is not None:
                rpc = path
                await self._faces.serve(called, request, request_id, scheme, reply, receive)
                return
            if path == "*":  # the server as a whole: RFC 9110, section 9.3.7
                if method != "OPTIONS":
                    raise RequestError(grpc.StatusCode.INVALID_ARGUMENT, "only OPTIONS has the target *")
                await reply.empty(204, [_allow([*services.router.methods, "GET", "HEAD", "OPTIONS"])])
                return
            if method == "OPTIONS" and (allow := services.router.allowed(path)):
                await reply.empty(204, [_allow([*allow, "OPTIONS"])])
                return
            route, values = services.router.find(method, path)
            rpc = route.method.path
            meta = metadata.incoming(request.headers, request_id, request.client, scheme)
            metadata.check_size(meta, self._settings.max_metadata_bytes)
            await self._caller.serve(route, values, request, meta, reply, receive)
        except Disconnected:
            reply.code = "CANCELLED"
        except MethodNotAllowed as error:
            refusal = RequestError(grpc.StatusCode.UNIMPLEMENTED, f"{method} is not served here", status=405)
            await refuse(refusal, [_allow([*error.allow, "OPTIONS"])])
        except Unrouted:
            await refuse(RequestError(grpc.StatusCode.NOT_FOUND, "no route has this path"))
        except DecodeError as error:
            await refuse(RequestError(grpc.StatusCode.INVALID_ARGUMENT, str(error)))
        except RequestError as error:
            await refuse(error, linger=request.body.drain if error.closes else None)
        except asyncio.CancelledError:
            raise
        except Exception:
            _log.exception("request failed", rpc=rpc, request_id=request_id)
            await refuse(RequestError(grpc.StatusCode.INTERNAL, "internal error"))
        finally:
            request.body.release()
            _log.info(
                "request",
                method=method,
                path=path[:512],
                rpc=rpc,
                status=reply.status or 499,
                code=reply.code or ("OK" if 0 < reply.status < 400 else None),
                ms=round((time.perf_counter() - started) * 1000, 2),
                bytes=reply.size,
                request_id=request_id,
            )

    def _request(self, scope: Scope, method: str, path: str, receive: Receive) -> HttpRequest:
        headers = scope["headers"]
        length = next((value.decode("latin-1") for name, value in headers if name == b"content-length"), None)
        settings = self._settings
        return HttpRequest(
            method=method,
            path=path,
            query=scope["query_string"],
            headers=headers,
            body=BodyReader(
                receive,
                length,
                settings.max_body_bytes,
                self._budget,
                settings.idle_timeout,
                settings.min_rate,
            ),
            client=scope["client"][0] if scope.get("client") else None,
        )


def create_app(settings: Settings, budget: Budget | None = None) -> Any:
    """The application that servers run: the gateway behind its guard, compressed, with CORS where set.

    `budget` is what its requests share with whoever else holds their bytes.
    """
    app: Any = Gateway(settings, budget)
    if settings.origins:
        app = CORSMiddleware(
            app,
            allow_origins=settings.origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["*"],
            max_age=600,
        )
    if settings.compress:
        app = Compression(app)
    return Guard(app, settings)


def _settle() -> None:
    """Takes what was made of the services out of the garbage collector's rounds, which it would prolong."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _allow(methods: list[str]) -> tuple[bytes, bytes]:
    return b"allow", ", ".join(sorted(set(methods))).encode("latin-1")


def _raw_path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    if raw is None:
        return quote(scope["path"], safe="/:@!$&'()*+,;=~-._")
    return str(raw.partition(b"?")[0].decode("latin-1"))

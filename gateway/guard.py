"""Keeps web pages of elsewhere out: what a browser says of a request is checked before it is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote

import grpc
import structlog

from gateway.errors import RequestError
from gateway.reply import Reply
from gateway.settings import Settings
from gateway.sockets import refuse

_log = structlog.get_logger("gateway")

# RFC 9110, section 9.2.1: a page can send these across sites anyhow, and cannot read the answer.
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class Guard:
    """ASGI middleware that refuses foreign hosts (421), and writes and WebSockets of foreign web pages (403).

    A page whose name its owner points at this address (DNS rebinding) is known by the Host header; any other
    page by Origin and Sec-Fetch-Site, which no page can forge and clients other than browsers do not send.
    """

    def __init__(self, app: Any, settings: Settings) -> None:
        self.app = app
        self._hosts = Hosts(settings.host, settings.hosts)
        self._origins = frozenset(settings.origins)

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Serves one connection event of ASGI."""
        if scope["type"] in ("http", "websocket") and (refusal := self._refusal(scope)) is not None:
            if scope["type"] == "websocket":
                await receive()
                await refuse(scope, send, refusal)
            else:
                await _answer(scope, send, refusal)
            _log.info(
                "refused",
                method=scope.get("method", "WebSocket"),
                path=quote(scope["path"])[:512],
                status=refusal.status,
                why=refusal.message,
            )
            return
        await self.app(scope, receive, send)

    def _refusal(self, scope: MutableMapping[str, Any]) -> RequestError | None:
        headers = scope["headers"]
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        for host in hosts:
            if not self._hosts.serve(host):
                return RequestError(
                    grpc.StatusCode.PERMISSION_DENIED,
                    f"the host {host[:253]!r} is not served here (setting: allowed_hosts)",
                    status=421,
                )
        # A page may open a WebSocket to any site, and read it: a handshake is no safe request, though a GET.
        if scope.get("method") in SAFE or "*" in self._origins:
            return None
        by_name = dict(headers)
        origin, site = (
            value and value.decode("latin-1") for value in map(by_name.get, (b"origin", b"sec-fetch-site"))
        )
        if origin in self._origins or not _foreign(origin, site, hosts):
            return None
        return RequestError(
            grpc.StatusCode.PERMISSION_DENIED,
            f"pages of {(origin or 'other sites')[:253]} may only read here, and open no WebSocket"
            " (setting: cors_origins)",
        )


async def _answer(
    scope: MutableMapping[str, Any], send: Callable[[Any], Awaitable[None]], refusal: RequestError
) -> None:
    accept = b", ".join(value for name, value in scope["headers"] if name == b"accept").decode("latin-1")
    reply = Reply(send, head=scope["method"] == "HEAD", accept=accept, path=quote(scope["path"]))
    await reply.error(refusal.status, refusal.body())


class Hosts:
    """The host names that requests may ask for.

    Always: localhost, loopback addresses, the host that is listened on, and the names given, of which `*` is
    any. Other IP addresses too, which rebinding cannot use, unless only loopback is listened on.
    """

    def __init__(self, bound: str, given: tuple[str, ...]) -> None:
        self._names = frozenset({"localhost", *(name_of(name) for name in (bound, *given))})
        self._any = "*" in given
        self._addresses = not _loopback(bound)

    def serve(self, host: str) -> bool:
        """Whether a Host header, with its port or without, is one of them."""
        name = name_of(host)
        return self._any or name in self._names or _loopback(name) or (self._addresses and _address(name))


def name_of(host: str) -> str:
    """The name or address in a Host header: without port, brackets and final dot, in lower case."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    name = host.partition(":")[0] if host.count(":") == 1 else host  # more: an IPv6 address without brackets
    return name.removesuffix(".")


@lru_cache(maxsize=256)
def _address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=256)
def _loopback(name: str) -> bool:
    return name == "localhost" or (_address(name) and ip_address(name).is_loopback)


def _foreign(origin: str | None, site: str | None, hosts: list[str]) -> bool:
    """Whether Origin or Sec-Fetch-Site tells of a page that is not this server's own."""
    if site in ("cross-site", "same-site"):
        return True
    if origin is None or site == "same-origin":
        return False
    scheme, _, authority = origin.lower().partition("://")
    port = ":" + _DEFAULT_PORTS.get(scheme, "")
    # "null", of sandboxed pages and files, has no authority.
    return not authority or authority.removesuffix(port) not in {
        host.lower().removesuffix(port) for host in hosts
    }

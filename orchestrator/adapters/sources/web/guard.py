"""The one place where connections begin: the address that was checked is the address that is connected to."""

import asyncio
import socket
from collections.abc import Iterable

import httpcore2

from orchestrator.adapters.sources.web.addresses import PORTS, Allowed, is_public, parse_address
from orchestrator.domain.errors import InvalidArgument, Unavailable


class GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """A network without private corners: a host is resolved once, and none of its addresses may be private.

    Connecting raises InvalidArgument for what must not be reached or does not exist.
    """

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connects to one of the host's addresses, all of which were checked."""
        addresses = await _resolve(host, port)
        for address in addresses:
            self._check(host, port, address)
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._network.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Never."""
        raise refused("leads to a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        """Sleeps."""
        await asyncio.sleep(seconds)

    def _check(self, host: str, port: int, address: str) -> None:
        parsed = parse_address(address)
        if self._allowed.holds_host(host) or self._allowed.holds_address(parsed):
            return
        if not is_public(parsed):
            raise refused("leads to an address that is not public")
        if port not in PORTS:
            raise refused("names a port other than 80 and 443")


def refused(why: str) -> InvalidArgument:
    """The error for a URL that must not be fetched."""
    return InvalidArgument(f"the URL {why}", reason="URL_REFUSED")


async def _resolve(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise Unavailable("the name servers do not answer", retry_after=5.0) from error
        raise InvalidArgument("the URL's host does not exist", reason="URL_NOT_FOUND") from error
    except (OSError, UnicodeError, ValueError) as error:
        raise InvalidArgument("the URL's host does not exist", reason="URL_NOT_FOUND") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))

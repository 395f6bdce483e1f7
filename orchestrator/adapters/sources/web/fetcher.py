"""Fetches what a URL names: each hop checked, within limits of size and time, politely."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpcore2
import httpx2
import structlog

from orchestrator.adapters.sources.web.addresses import Allowed
from orchestrator.adapters.sources.web.answer import check_head, judge, read_pieces, retry_after, spent_for
from orchestrator.adapters.sources.web.guard import GuardedNetwork, refused
from orchestrator.adapters.sources.web.turns import Turns
from orchestrator.application.permits import Permits
from orchestrator.application.ports.sources import NO_TURN
from orchestrator.domain.errors import InvalidArgument, SightlineError, Unavailable

MAX_REDIRECTS = 5
MAX_URL = 2048

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT_SECONDS = 15.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """How fetching behaves: seconds in all and between two pieces; requests in all, and to a host at once and
    a second; and who it says it is."""

    timeout: float = 30.0
    idle_timeout: float = 10.0
    at_once: int = 32
    per_host: int = 4
    rate: float = 10.0
    user_agent: str = "Sightline/0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a URL answered, after redirects; `body` is unpacked, and can be gone through once."""

    url: str
    status: int
    headers: httpx2.Headers
    body: AsyncIterator[bytes]


class Fetcher:
    """GET requests to the public web, and to what is allowed besides.

    Raises InvalidArgument for URLs that are refused or bring nothing, ResourceExhausted and Unavailable, with
    `retry_after`, for those that may answer later.
    """

    def __init__(self, allowed: Allowed, limits: FetchLimits) -> None:
        self._limits = limits
        self._turns = Turns(limits.per_host, limits.rate)
        self._permits = Permits(
            limits.at_once, waiting=8 * limits.at_once, what="requests to the web", reason=NO_TURN
        )
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(),  # the system's authorities, or SSL_CERT_FILE's
            max_connections=None,  # the permits bound them
            max_keepalive_connections=limits.at_once,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=GuardedNetwork(allowed),
        )

    async def get(
        self,
        url: str,
        *,
        limit: int,
        kinds: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Answer, bytes]:
        """An answer of at most `limit` bytes, of the media types `kinds`, in the time there is for all."""
        content = bytearray()
        async with self.stream(
            url, limit=limit, kinds=kinds, headers=headers, timeout=self._limits.timeout
        ) as answer:
            async for piece in answer.body:
                content += piece
        return answer, bytes(content)

    @asynccontextmanager
    async def stream(
        self,
        url: str,
        *,
        limit: int | None = None,
        kinds: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[Answer]:
        """An answer whose body is read as it comes; without `timeout` it may go on as long as it moves."""
        asked = {
            "user-agent": self._limits.user_agent,
            "accept": "*/*",
            "accept-encoding": "gzip, deflate",
            **(headers or {}),
        }
        left = timeout
        target = to_url(url)
        for _ in range(MAX_REDIRECTS + 1):
            async with AsyncExitStack() as stack:
                # In this order: who waits for a busy host keeps nobody from others.
                await stack.enter_async_context(self._turns.take(target.host))
                await stack.enter_async_context(self._permits.take())
                began = asyncio.get_running_loop().time()
                stack.enter_context(_errors())
                await stack.enter_async_context(asyncio.timeout(left))
                response = await stack.enter_async_context(self._ask(target, asked))
                found = httpx2.Headers(response.headers)
                if response.status not in _REDIRECTS:
                    self._check(target.host, response.status, found)
                    check_head(found, limit, kinds)
                    body = read_pieces(response.aiter_stream(), found, limit)
                    yield Answer(url=str(target), status=response.status, headers=found, body=body)
                    return
                target = _next(target, found)
            if left is not None:
                left -= asyncio.get_running_loop().time() - began
        raise refused(f"redirects more than {MAX_REDIRECTS} times")

    async def close(self) -> None:
        """Ends kept connections."""
        await self._pool.aclose()

    @asynccontextmanager
    async def _ask(self, url: httpx2.URL, headers: Mapping[str, str]) -> AsyncIterator[httpcore2.Response]:
        idle = self._limits.idle_timeout
        asked = [("host", url.netloc.decode("ascii")), *headers.items()]
        target = httpcore2.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path or b"/"
        )
        timeouts = {"connect": idle, "read": idle, "write": idle, "pool": idle}
        async with self._pool.stream("GET", target, headers=asked, extensions={"timeout": timeouts}) as found:
            yield found

    def _check(self, host: str, status: int, headers: httpx2.Headers) -> None:
        if (seconds := spent_for(headers)) is not None:
            self._turns.rest(host, seconds)
        error = judge(status, headers)
        if error is None:
            return
        after = retry_after(headers)
        if status == 429 or (status == 503 and after is not None):
            self._turns.rest(host, error.retry_after or 0.0)
        raise error


def to_url(url: str) -> httpx2.URL:
    """A URL that may be asked for. Raises InvalidArgument for another scheme, a user's name, no host."""
    if len(url) > MAX_URL:
        raise refused(f"has more than {MAX_URL} characters")
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError, TypeError) as error:
        raise refused("is no URL") from error
    if parsed.scheme not in ("http", "https"):
        raise refused("is no http or https URL")
    if not parsed.host or "%" in parsed.host:
        raise refused("names no host")
    if parsed.userinfo:
        raise refused("holds a user's name")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise refused("names no port that there is")
    return parsed


def _next(url: httpx2.URL, headers: httpx2.Headers) -> httpx2.URL:
    try:
        return to_url(str(url.join(headers.get("location", ""))))
    except (httpx2.InvalidURL, ValueError) as error:
        raise refused("redirects to what is no URL") from error


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except SightlineError:
        raise
    except (TimeoutError, httpcore2.TimeoutException) as error:
        raise Unavailable("the host is too slow", reason="HOST_SLOW", retry_after=5.0) from error
    except (httpcore2.LocalProtocolError, httpcore2.UnsupportedProtocol, UnicodeError) as error:
        raise InvalidArgument("the URL cannot be asked for", reason="URL_REFUSED") from error
    except (httpcore2.ProtocolError, httpcore2.NetworkError, httpcore2.ProxyError, OSError) as error:
        _log.info("fetch.failed", kind=type(error).__name__)
        raise Unavailable("the host does not answer", reason="HOST_FAILED", retry_after=5.0) from error

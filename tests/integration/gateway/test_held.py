"""What streams of requests hold counts in the memory that all requests share, and is let go of."""

from __future__ import annotations

import asyncio
import gc
import gzip
import weakref
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.fixtures.frames import framed
from tests.protos.library_server import Running, gateway, stubs, until

LIMIT = 20_000
COUNT = "/library.v1.Library/CountBooks"


@pytest_asyncio.fixture
async def http(server: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway(server.address, max_buffered_bytes=LIMIT) as client:
        yield client


def lines(size: int) -> bytes:
    return b'{"request": {"content": "' + b"QUFB" * (size // 4) + b'"}}\n'


def frames(size: int, *, pack: bool = False) -> bytes:
    pb, _ = stubs()
    message = pb.BulkCreateBooksRequest(request={"content": b"A" * size}).SerializeToString()
    return framed(gzip.compress(message), flags=1) if pack else framed(message)


KINDS = [
    ("/v1/books:count", {"content-type": "application/x-ndjson"}, lines),
    (COUNT, {"content-type": "application/connect+proto"}, frames),
    (COUNT, {"content-type": "application/grpc-web+proto"}, frames),
]


def is_refused(answer: httpx.Response) -> bool:
    return answer.status_code == 429 or b"too many uploads at once" in answer.content


@pytest.mark.parametrize(("path", "headers", "made"), KINDS)
async def test_unfinished_messages_count(
    http: httpx.AsyncClient, path: str, headers: dict[str, str], made: Callable[[int], bytes]
) -> None:
    message, more = made(12_000), asyncio.Event()
    budget = http.gateway._budget  # type: ignore[attr-defined]

    async def body() -> AsyncIterator[bytes]:
        yield message[:-100]
        await more.wait()
        yield message[-100:]

    first = asyncio.create_task(http.post(path, content=body(), headers=headers))
    await until(lambda: budget.used > 10_000)
    assert is_refused(await http.post(path, content=message[:-100], headers=headers))
    more.set()
    assert not is_refused(await first)
    assert not is_refused(await http.post(path, content=message, headers=headers))
    assert budget.used == 0


@pytest.mark.parametrize(("path", "headers", "made"), KINDS)
async def test_what_is_sent_on_counts_no_more(
    http: httpx.AsyncClient, path: str, headers: dict[str, str], made: Callable[[int], bytes]
) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield made(LIMIT // 2)

    answer = await http.post(path, content=body(), headers=headers)
    assert answer.status_code == 200
    assert not is_refused(answer)


async def test_what_a_message_is_unpacked_to_counts(http: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/connect+proto", "connect-content-encoding": "gzip"}

    async def body() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield frames(LIMIT // 2, pack=True)

    assert not is_refused(await http.post(COUNT, content=body(), headers=headers))
    assert is_refused(await http.post(COUNT, content=frames(2 * LIMIT, pack=True), headers=headers))


class Upload:
    """Half a message, and then nobody: what a server receives of a client that hangs up."""

    def __init__(self, sent: bytes, gone: asyncio.Event) -> None:
        self._sent = [sent]
        self._gone = gone

    async def __call__(self) -> dict[str, Any]:
        if self._sent:
            return {"type": "http.request", "body": self._sent.pop(), "more_body": True}
        await self._gone.wait()
        return {"type": "http.disconnect"}


@pytest.mark.parametrize("size", [12_000, 30_000], ids=["hung up", "refused"])
@pytest.mark.parametrize(("path", "headers", "made"), KINDS)
async def test_an_upload_that_breaks_off_leaves_nothing_to_collect(
    http: httpx.AsyncClient, path: str, headers: dict[str, str], made: Callable[[int], bytes], size: int
) -> None:
    gone = asyncio.Event()
    upload = Upload(made(size)[:-100], gone)
    seen = weakref.ref(upload)
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def send(message: Any) -> None:
        pass

    gc.disable()
    try:
        app = http.gateway  # type: ignore[attr-defined]
        serving = asyncio.create_task(app(scope, upload, send))
        del upload
        await asyncio.sleep(0.1)
        gone.set()
        await serving
        del serving
        await until(lambda: seen() is None, 10)
    finally:
        gc.enable()

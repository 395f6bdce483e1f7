"""RPCs over WebSocket, on real sockets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.fixtures.gateway import Process, started
from tests.protos.library_server import Running, library

pytestmark = pytest.mark.asyncio(loop_scope="module")
BULK = "/v1/books:bulk"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Running]:
    async with library() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(server: Running) -> AsyncIterator[Process]:
    flags = ["--max-message-bytes", str(1 << 20), "--idle-timeout", "1", "--max-websockets", "3"]
    flags += ["--cors-origins", "https://friend.example", "--allowed-hosts", "api.example"]
    async with started(server.address, *flags) as process:
        yield process


def opened(gateway: Process, path: str, **options: Any) -> connect:
    return connect(gateway.url.replace("http:", "ws:") + path, open_timeout=60, **options)


async def heard(socket: ClientConnection) -> tuple[list[Any], int, str]:
    """What still comes, and the close code and reason."""
    async with asyncio.timeout(60):
        messages = [json.loads(message) async for message in _until_closed(socket)]
    assert socket.close_code is not None
    return messages, socket.close_code, socket.close_reason or ""


async def _until_closed(socket: ClientConnection) -> AsyncIterator[str | bytes]:
    with contextlib.suppress(ConnectionClosed):
        while True:
            yield await socket.recv()


@pytest.mark.parametrize("path", [BULK, "/library.v1.Library/BulkCreateBooks"])
async def test_both_sides_talk_in_turns(gateway: Process, path: str) -> None:
    async with opened(gateway, path) as socket:
        for index in range(3):
            await socket.send(json.dumps({"index": index, "request": {"parent": f"p{index}"}}))
            answer = json.loads(await socket.recv())  # before the next is sent
            assert (answer["result"]["index"], answer["result"]["book"]["name"]) == (index, f"p{index}")
        await socket.send("")
        assert await heard(socket) == ([], 1000, "")


async def test_a_stream_of_requests_has_one_answer(gateway: Process) -> None:
    async with opened(gateway, "/v1/books:count") as socket:
        for content in (b"abc", b"de"):
            await socket.send(json.dumps({"request": {"content": base64.b64encode(content).decode()}}))
        await socket.send("")
        assert await heard(socket) == ([{"result": {"count": 2, "size": "5"}}], 1000, "")


async def test_a_stream_of_answers_is_told_by_the_url(gateway: Process) -> None:
    async with opened(gateway, "/v1/shelves/1:search?text=x&count=2&method=GET") as socket:
        messages, code, _ = await heard(socket)
        assert ([each["result"]["title"] for each in messages], code) == (["x 0", "x 1"], 1000)


async def test_a_stream_of_answers_is_told_by_a_message(gateway: Process) -> None:
    for path, request in (
        ("/v1/shelves/1:search?method=POST", {"text": "x", "count": 2}),
        ("/library.v1.Library/Search", {"text": "x", "count": 2}),
    ):
        async with opened(gateway, path) as socket:
            await socket.send(json.dumps(request))
            messages, code, _ = await heard(socket)
            assert ([each["result"]["title"] for each in messages], code) == (["x 0", "x 1"], 1000)


async def test_a_unary_call(gateway: Process) -> None:
    async with opened(gateway, "/v1/shelves/1/books/2?method=GET") as socket:
        [answer], code, _ = await heard(socket)
        assert (answer["result"]["name"], code) == ("shelves/1/books/2", 1000)
    async with opened(gateway, "/v1/shelves/1/titles") as socket:  # with a response_body
        assert (await heard(socket))[0] == [{"result": ["a", "b"]}]


async def test_a_failure_is_the_last_message_and_the_close_code(gateway: Process) -> None:
    async with opened(gateway, BULK) as socket:
        await socket.send(json.dumps({"request": {"content": base64.b64encode(b"abort").decode()}}))
        error = {"code": 10, "message": "told to", "details": []}
        assert await heard(socket) == ([{"error": error}], 4010, "ABORTED")
    async with opened(gateway, "/v1/shelves/1:search?text=x&count=3&failAfter=1&method=GET") as socket:
        messages, code, reason = await heard(socket)
        assert [*messages[0], *messages[1]] == ["result", "error"]
        assert (messages[1]["error"]["message"], code, reason) == ("lost", 4015, "DATA_LOSS")


@pytest.mark.parametrize(
    ("message", "code", "said"),
    [
        ("{", 4003, "not JSON"),
        ('{"request": {"nope": 1}}', 4003, "request.nope"),
        (b"\x08\x01", 4003, "text"),
    ],
)
async def test_a_message_that_is_wrong(gateway: Process, message: str | bytes, code: int, said: str) -> None:
    async with opened(gateway, BULK) as socket:
        await socket.send(message)
        [answer], closed, _ = await heard(socket)
        assert closed == code
        assert said in answer["error"]["message"]


async def test_a_message_that_is_too_large_ends_the_call(gateway: Process) -> None:
    async with opened(gateway, BULK) as socket:
        await socket.send(json.dumps({"request": {"note": "x" * (1 << 20)}}))
        assert (await heard(socket))[:2] == ([], 1009)  # RFC 6455's own code: it was not read


async def test_a_request_that_does_not_come_ends_the_wait(gateway: Process) -> None:
    async with opened(gateway, "/library.v1.Library/Search") as socket:
        [answer], code, _ = await heard(socket)
        assert (answer["error"]["code"], code) == (4, 4004)


@pytest.mark.parametrize("path", ["/v1:hang", "/v1/shelves/1:search?count=9&pause=3600s&method=GET", BULK])
async def test_who_hangs_up_cancels(gateway: Process, server: Running, path: str) -> None:
    server.seen.cancelled.clear()
    server.seen.hanging.clear()
    socket = await opened(gateway, path)
    if path == BULK:
        await socket.send(json.dumps({"request": {"content": base64.b64encode(b"wait").decode()}}))
    if path == "/v1:hang" or path == BULK:
        await asyncio.wait_for(server.seen.hanging.wait(), 20)
    else:
        await socket.recv()
    socket.transport.abort()  # no closing handshake: as a laptop that is shut
    await asyncio.wait_for(server.seen.cancelled.wait(), 20)


async def test_handshakes_that_are_refused(gateway: Process) -> None:
    for path, headers, status in (
        ("/v1/nothing", {}, 404),
        ("/v1/books/%ff", {}, 400),
        (BULK, {"Grpc-Metadata-X-Bin": "***"}, 400),
        (BULK, {"Origin": "https://evil.example"}, 403),
        (BULK, {"Origin": "null"}, 403),
        (BULK, {"Sec-Fetch-Site": "cross-site"}, 403),
    ):
        with pytest.raises(InvalidStatus) as refused:
            await opened(gateway, path, additional_headers=headers)
        assert refused.value.response.status_code == status
        assert json.loads(refused.value.response.body or b"{}")["message"]


async def test_hosts_that_are_not_served(gateway: Process) -> None:
    address, port = gateway.address
    for name, status in (("rebound.example", 421), ("api.example", 101)):
        handshake = connect(f"ws://{name}{BULK}", host=address, port=port, open_timeout=60)
        if status == 101:
            async with handshake:
                continue
        with pytest.raises(InvalidStatus) as refused:
            await handshake
        assert refused.value.response.status_code == status


async def test_own_and_allowed_pages_may_open_one(gateway: Process) -> None:
    for origin in (gateway.url, "https://friend.example"):
        async with opened(gateway, BULK, origin=origin):
            pass


async def test_too_many_at_once_are_refused(gateway: Process) -> None:
    sockets = [await opened(gateway, BULK) for _ in range(3)]
    with pytest.raises(InvalidStatus) as refused:
        await opened(gateway, BULK)
    assert refused.value.response.status_code == 503
    for socket in sockets:
        await socket.close()
    async with asyncio.timeout(20):
        while True:
            try:
                async with opened(gateway, BULK):
                    return
            except InvalidStatus:
                await asyncio.sleep(0.05)


async def test_a_token_comes_as_a_subprotocol_and_headers_as_ever(gateway: Process) -> None:
    path = "/v1:inspect?keys=authorization&keys=y&keys=x-forwarded-proto"
    headers = {"Grpc-Metadata-Y": "2", "X-Request-Id": "r7"}
    async with opened(gateway, path, subprotocols=["Bearer", "t0ken"], additional_headers=headers) as socket:
        assert socket.subprotocol == "Bearer"
        assert socket.response is not None
        assert socket.response.headers["x-request-id"] == "r7"
        [answer], _, _ = await heard(socket)
    assert answer["result"]["metadata"] == {
        "authorization": "Bearer t0ken",
        "y": "2",
        "x-forwarded-proto": "http",
    }


@pytest.mark.parametrize("offered", [["grpc-metadata"], ["Bearer", "t0ken", "grpc-metadata"]])
async def test_metadata_comes_to_who_asks_for_it(gateway: Process, offered: list[str]) -> None:
    async with opened(gateway, "/v1/shelves/7/books?method=GET", subprotocols=offered) as socket:
        assert socket.subprotocol == "grpc-metadata"
        first, answer, last = (await heard(socket))[0]
    assert first == {"metadata": {"x-shelf": ["shelves/7"], "x-raw-bin": ["AP8"]}}
    assert "books" in answer["result"]
    assert last == {"trailers": {"x-total": ["3"]}}
    search = "/v1/shelves/1:search?text=x&count=3&failAfter=1&method=GET"
    async with opened(gateway, search, subprotocols=offered) as socket:
        messages, code, _ = await heard(socket)
    assert [next(iter(each)) for each in messages] == ["metadata", "result", "trailers", "error"]
    assert code == 4015
    async with opened(gateway, BULK, subprotocols=offered) as socket:
        await socket.send("{")
        assert [next(iter(each)) for each in (await heard(socket))[0]] == ["metadata", "trailers", "error"]


async def part_of_a_message(socket: ClientConnection, size: int, more: asyncio.Event, rest: str) -> None:
    """Sends a message whose first piece is of so many bytes, and the rest once more may come."""

    async def pieces() -> AsyncIterator[str]:
        yield '{"request": {"note": "' + "x" * size
        await more.wait()
        yield rest

    await socket.send(pieces())


async def test_unfinished_messages_share_the_memory_of_all(server: Running) -> None:
    flags = ("--max-buffered-bytes", "20000")
    async with started(server.address, *flags) as gateway:
        for _ in range(3):  # what was held is given back, whatever becomes of a WebSocket
            more = asyncio.Event()
            first, second = await opened(gateway, BULK), await opened(gateway, BULK)
            sending = asyncio.create_task(part_of_a_message(first, 12_000, more, '"}}'))
            await asyncio.sleep(0.2)
            refused = asyncio.create_task(part_of_a_message(second, 12_000, asyncio.Event(), ""))
            messages, code, reason = await heard(second)
            refused.cancel()
            assert "too many uploads" in messages[0]["error"]["message"]
            assert (code, reason) == (4008, "RESOURCE_EXHAUSTED")
            more.set()
            await asyncio.gather(sending, refused, return_exceptions=True)
            assert "result" in json.loads(await first.recv())
            await first.send(json.dumps({"request": {"note": "x" * 12_000}}))
            assert "result" in json.loads(await first.recv())
            first.transport.abort()


async def test_a_message_keeps_up_a_rate_and_a_quiet_socket_need_not(server: Running) -> None:
    async def drip() -> AsyncIterator[str]:
        while True:
            yield " "
            await asyncio.sleep(0.1)

    flags = ("--idle-timeout", "1", "--min-rate", "1000")
    async with started(server.address, *flags) as gateway, opened(gateway, BULK) as socket:
        await asyncio.sleep(2.5)
        await socket.send("{}")
        assert "result" in json.loads(await socket.recv())
        dripping = asyncio.create_task(socket.send(drip()))
        [error], code, _ = await heard(socket)
        assert (error["error"]["message"], code) == ("a message did not come in time", 4004)
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)


async def test_a_server_that_is_slow_slows_its_client(gateway: Process) -> None:
    item = json.dumps({"request": {"note": "x" * 100_000, "content": base64.b64encode(b"wait").decode()}})
    async with opened(gateway, BULK, write_limit=1 << 16, compression=None) as socket:
        sent = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                for _ in range(1000):  # 100 MB that the server does not read
                    await socket.send(item)
                    sent += 1
        assert 0 < sent < 500
        socket.transport.abort()

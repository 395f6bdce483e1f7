"""How clients are opened and closed: what answers at an address, and that nothing is left behind."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import grpc
import pytest

import sightline
from sightline import NO_SERVER, AsyncSightline, DeadlineExceeded, NewImage, Sightline
from tests.clients.stub_server import Collections, certificate_of_localhost, serving_collections
from tests.fixtures.server import RunningServer
from tests.fixtures.triton import free_ports
from tests.integration.test_sdk import BLUE, RED, picture


async def test_connect_opens_a_client_of_a_server_that_answers(server: RunningServer) -> None:
    async with await AsyncSightline.connect(server.address, timeout=7) as client:
        assert (await client.get_collection()).name == "collections/default"
        assert client.timeout == 7

    def work() -> str:
        with Sightline.connect(server.address) as client:
            return client.get_collection().name

    assert await asyncio.to_thread(work) == "collections/default"


async def test_connect_takes_the_address_from_the_settings(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_ORCHESTRATOR_ADDRESS", server.address)
    async with await AsyncSightline.connect() as client:
        assert client.address == server.address


async def test_connect_says_that_nobody_answers() -> None:
    (port,) = free_ports(1)
    with pytest.raises(sightline.Unavailable, match=f"nobody answers at 127.0.0.1:{port}$") as caught:
        await AsyncSightline.connect(f"127.0.0.1:{port}")
    assert caught.value.reason == NO_SERVER
    with pytest.raises(sightline.Unavailable, match="nobody answers"):
        await asyncio.to_thread(Sightline.connect, f"127.0.0.1:{port}")


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def address_of(listener: socket.socket) -> str:
    return f"127.0.0.1:{listener.getsockname()[1]}"


async def test_connect_says_that_who_listens_never_answers(listening: socket.socket) -> None:
    with pytest.raises(sightline.Unavailable, match=r"within 0\.5 s") as caught:
        await AsyncSightline.connect(address_of(listening), connect_timeout=0.5)
    assert caught.value.reason == NO_SERVER


async def test_connect_says_that_it_is_another_kind_of_server(listening: socket.socket) -> None:
    def answer() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    threading.Thread(target=answer, daemon=True).start()
    with pytest.raises(sightline.Unavailable, match="no gRPC server"):
        await AsyncSightline.connect(address_of(listening))
    with pytest.raises(sightline.Unavailable, match="TLS handshake fails"):
        await AsyncSightline.connect(address_of(listening), tls=True)
    listening.shutdown(socket.SHUT_RDWR)


def test_tls_is_spoken_with_the_authorities_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = certificate_of_localhost(tmp_path)
    with serving_collections(Collections(), credentials) as port:
        with pytest.raises(sightline.Unavailable, match="not trusted"):
            Sightline.connect(f"localhost:{port}", tls=True)
        monkeypatch.setenv("SIGHTLINE_CLIENT_TLS_CA", str(tmp_path / "ca.pem"))
        with Sightline.connect(f"localhost:{port}", tls=True) as client:  # it says nothing about its health
            assert client.get_collection().name == "collections/default"
        monkeypatch.setenv("SIGHTLINE_CLIENT_TLS", "1")
        with Sightline(f"localhost:{port}") as client:
            assert client.get_collection().name == "collections/default"
        ready = grpc.ssl_channel_credentials((tmp_path / "ca.pem").read_bytes())
        with Sightline(f"localhost:{port}", credentials=ready) as client:
            assert client.get_collection().name == "collections/default"


@pytest.mark.parametrize("kind", [Sightline, AsyncSightline])
async def test_a_client_that_is_dropped_unclosed_warns(kind: type[Sightline] | type[AsyncSightline]) -> None:
    dropped = [kind("127.0.0.1:1")]
    with pytest.warns(ResourceWarning, match=f"<{kind.__name__} 127.0.0.1:1> was not closed"):
        dropped.clear()


async def test_a_call_may_have_a_timeout_of_its_own(server: RunningServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        async with AsyncSightline(address, timeout=3600) as client:
            with pytest.raises(DeadlineExceeded):
                await client.with_timeout(0.2).get_collection()
            with pytest.raises(DeadlineExceeded):
                await anext(aiter(client.with_timeout(0.2).list_collections()))
        with Sightline(address, timeout=3600) as synchronous, pytest.raises(DeadlineExceeded):
            await asyncio.to_thread(synchronous.with_timeout(0.2).get_collection)


async def test_a_view_shares_its_clients_channel(server: RunningServer) -> None:
    async with AsyncSightline(server.address) as client:
        view = client.with_timeout(1e-6).with_timeout(30)
        assert (view.timeout, client.timeout) == (30, 60)
        assert (await view.get_collection()).name == "collections/default"
        for wrong in (0, -1, float("nan"), float("inf")):
            with pytest.raises(ValueError, match="timeout"):
                client.with_timeout(wrong)
    assert view.is_closed
    with pytest.raises(RuntimeError, match="closed> makes no more calls"):
        await view.get_collection()


async def test_a_view_alone_keeps_its_channel_open() -> None:
    dropped = [Sightline("127.0.0.1:1").with_timeout(5)]
    with pytest.warns(ResourceWarning, match="was not closed") as warned:
        dropped.clear()
    assert len(warned) == 1


async def test_a_closed_client_makes_no_calls(server: RunningServer) -> None:
    async with AsyncSightline(server.address) as client:
        assert not client.is_closed
    assert client.is_closed
    await client.aclose()
    for call in (client.get_collection(), client.__aenter__(), anext(client.create_images([]))):
        with pytest.raises(RuntimeError, match="closed> makes no more calls"):
            await call
    with Sightline(server.address) as synchronous:
        pass
    with pytest.raises(RuntimeError, match="closed> makes no more calls"):
        synchronous.get_collection()


class StopThereError(Exception):
    """What the caller's own code raises in the middle."""


def many() -> Iterator[NewImage]:
    for n in range(100):
        yield NewImage(picture=picture((n, n, n)))


async def leave_quietly(client: AsyncSightline) -> None:
    await client.create_image(picture(RED))
    assert [hit async for hit in client.search("red")]


async def leave_by_an_error(client: AsyncSightline) -> None:
    async for _ in client.create_images(many(), in_flight=2):
        raise StopThereError


async def leave_a_list_early(client: AsyncSightline) -> None:
    await client.create_image(picture(RED))
    await client.create_image(picture(BLUE))
    async for _ in client.list_images(page_size=1):
        break


async def leave_by_cancelling(client: AsyncSightline) -> None:
    async def bulk() -> None:
        async for _ in client.create_images(many(), in_flight=2):
            pass

    task = asyncio.create_task(bulk())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def leave_a_call_by_cancelling(client: AsyncSightline) -> None:
    task = asyncio.create_task(client.wait_until_serving("sightline.v1.ImageService"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    "leave",
    [leave_quietly, leave_by_an_error, leave_a_list_early, leave_by_cancelling, leave_a_call_by_cancelling],
)
async def test_no_task_and_no_channel_is_left(
    server: RunningServer, leave: Callable[[AsyncSightline], Awaitable[None]]
) -> None:
    async def work() -> tuple[bool, set[asyncio.Task[object]]]:
        try:
            async with AsyncSightline(server.address) as client:
                await leave(client)
        except StopThereError:
            assert leave is leave_by_an_error
        for _ in range(500):  # what was cancelled has some turns of the loop to end
            if asyncio.all_tasks() == {asyncio.current_task()}:
                break
            await asyncio.sleep(0.01)
        closed = client._channel.get_state() is grpc.ChannelConnectivity.SHUTDOWN
        return closed, asyncio.all_tasks() - {asyncio.current_task()}

    # A loop of the client's own: the server's tasks are in this one.
    assert await asyncio.to_thread(asyncio.run, work()) == (True, set())


async def test_no_thread_is_left_by_the_synchronous_client(server: RunningServer) -> None:
    def nameless() -> set[threading.Thread]:
        """grpc's threads. The server's are of pools, which name theirs."""
        return {thread for thread in threading.enumerate() if thread.name.startswith("Thread-")}

    def work() -> set[threading.Thread]:
        before = nameless()
        with Sightline(server.address) as client:
            for _ in client.create_images(many(), in_flight=2):
                assert nameless() - before
                break
            list(client.search("red"))
        for thread in nameless() - before:
            thread.join(5)
        return nameless() - before

    assert await asyncio.to_thread(work) == set()

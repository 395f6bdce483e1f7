"""A page in headless Chromium calls the gateway from another origin: by RPC, by EventSource, by WebSocket."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.clients.toolchain import build as run_build
from tests.clients.toolchain import need
from tests.fixtures.gateway import Process, started
from tests.fixtures.web import FOLDER, install, node
from tests.integration.gateway.test_web_clients import CALLS, GRPC_WEB_CALLS, STEPS
from tests.protos.library_server import Running, build, library

pytestmark = pytest.mark.asyncio(loop_scope="module")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """The origin of a web server of its own, which serves a folder."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page, its bundle, and the types of library.proto."""
    install()
    need("chromium")
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_text("<!doctype html><script src=page.js></script>")
    shutil.copy(build() / "library.binpb", folder)
    bundle = ("page.mjs", "--bundle", "--format=iife", "--log-level=error", f"--outfile={folder / 'page.js'}")
    run_build(str(FOLDER / "node_modules" / ".bin" / "esbuild"), *bundle, folder=FOLDER)
    return folder


@pytest.fixture(scope="module")
def friend(page: Path) -> Iterator[str]:
    with site(page) as origin:
        yield origin


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Running]:
    async with library() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(server: Running, friend: str) -> AsyncIterator[Process]:
    async with started(server.address, "--cors-origins", friend) as process:
        yield process


async def evaluate(origin: str, *scripts: str) -> list[Any]:
    found: list[Any] = await node("browser.mjs", origin, *scripts, seconds=280)
    return found


def script(name: str, *arguments: Any) -> str:
    return f"{name}({', '.join(json.dumps(argument) for argument in arguments)})"


async def test_stubs_call_from_another_origin(gateway: Process, friend: str) -> None:
    names = ["connect-web", "connect-web binary", "connect-web get", "connect-web grpc-web"]
    assert STEPS[-1] == "deadline"  # whose words are the browser's own
    scripts = [script("calls", gateway.url, name, STEPS[:-1]) for name in names]
    scripts += [script("grpcWebCalls", gateway.url, format) for format in ("text", "binary")]
    *results, text, binary = await evaluate(friend, *scripts)
    for name, got in zip(names, results, strict=True):
        assert got.pop("refused")["code"] == "Unimplemented"
        assert got == CALLS, name
    assert text == GRPC_WEB_CALLS
    # By XMLHttpRequest a binary stream can only be read when it is over; grpc-web does not offer it.
    assert (binary["unary"], binary["error"]) == (GRPC_WEB_CALLS["unary"], GRPC_WEB_CALLS["error"])


async def test_event_source_and_websocket(gateway: Process, friend: str) -> None:
    search = f"{gateway.url}/v1/shelves/1:search?text=x&count=2"
    socket = gateway.url.replace("http:", "ws:") + "/v1/books:bulk"
    items = [json.dumps({"index": index, "request": {"parent": f"p{index}"}}) for index in range(2)]
    events, broken, talk = await evaluate(
        friend,
        script("events", search),
        script("events", f"{search}&failAfter=1"),
        script("socket", socket, items),
    )
    assert [(kind, number) for kind, number, _ in events] == [
        ("message", "1"),
        ("message", "2"),
        ("end", "end"),
    ]
    assert [data["title"] for _, _, data in events[:2]] == ["x 0", "x 1"]
    assert broken[1] == ["error", "end", {"code": 15, "message": "lost", "details": []}]
    assert [each["result"]["book"]["name"] for each in talk["heard"]] == ["p0", "p1"]
    assert talk["code"] == 1000


async def test_a_page_of_elsewhere_can_do_nothing(gateway: Process, server: Running, page: Path) -> None:
    server.seen.searched.clear()
    with site(page) as elsewhere:
        calls, talk = await evaluate(
            elsewhere,
            script("calls", gateway.url, "connect-web", ["refused", "broken"]),
            script("socket", gateway.url.replace("http:", "ws:") + "/v1/books:bulk", ["{}"]),
        )
    assert calls["refused"]["message"] == "Failed to fetch"
    assert calls["broken"]["titles"] == []
    assert server.seen.searched == []
    assert talk == {"heard": [], "code": 1006}

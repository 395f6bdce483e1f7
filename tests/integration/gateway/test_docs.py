"""The pages that show the API, in a real browser, under their own content security policy."""

from __future__ import annotations

import asyncio
import http.server
import re
import threading
import urllib.request
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.toolchain import need
from tests.fixtures.gateway import started
from tests.fixtures.web import chromium_flags, install, node
from tests.protos.library_server import build, gateway, library


async def rendered(url: str, folder: Path) -> tuple[str, str]:
    """The page's elements once its scripts have run, and what its console says."""
    process = await asyncio.create_subprocess_exec(
        "chromium",
        "--headless",
        *chromium_flags(),
        f"--user-data-dir={folder}",
        "--virtual-time-budget=60000",
        "--enable-logging=stderr",
        "--dump-dom",
        url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(200):
        out, log = await process.communicate()
    return out.decode(), "\n".join(line for line in log.decode().splitlines() if ":CONSOLE:" in line)


@pytest.mark.parametrize("page", ["docs", "redoc"])
async def test_a_browser_shows_the_api(page: str, tmp_path: Path) -> None:
    need("chromium")
    flags = ("--descriptors", str(build() / "library.binpb"), "--security", "bearer")
    async with library() as server, started(server.address, *flags) as process:
        elements, said = await rendered(f"{process.url}/{page}", tmp_path)
    text = re.sub(r"<(script|style)\b.*?</\1>", "", elements, flags=re.DOTALL)
    for shown in ("Keeps books on shelves.", "Lists the books of a shelf", "Creates many books"):
        assert shown in text
    assert "/v1/shelves/{shelf}/books" in re.sub(r"<[^>]+>|\u200b", "", text)
    # ReDoc's own mark is the one thing that its page would load from elsewhere, and the policy stops it.
    others = [line for line in said.splitlines() if "Policy" in line and "redoc/logo-mini.svg" not in line]
    assert others == []


class _Proxy(http.server.BaseHTTPRequestHandler):
    """Passes on what lies below /api, without that prefix, as proxies do; the rest is not there."""

    target = ""

    def do_GET(self) -> None:
        if not self.path.startswith("/api/"):
            self.send_error(404)
            return
        passed = {"X-Forwarded-Prefix": "/api", "Accept": self.headers.get("Accept", "*/*")}
        request = urllib.request.Request(self.target + self.path.removeprefix("/api"), headers=passed)
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
        self.send_response(200)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


# Opens a method in Swagger UI, executes it, and returns where it went and what came back.
EXECUTE = """(async () => {
  const found = async (selector) => {
    for (let wait = 0; wait < 600; wait += 1) {
      const element = document.querySelector(selector);
      if (element) return element;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no ${selector} on ${document.body.innerText.slice(0, 500)}`);
  };
  const method = "[id$=-Library_Inspect] ";
  (await found(method + ".opblock-summary-control")).click();
  (await found(method + ".execute")).click();
  const url = (await found(method + ".request-url pre")).innerText;
  return [url, (await found(method + ".live-responses-table tr.response .response-col_status")).innerText];
})()"""


async def test_swagger_ui_calls_below_the_prefix_of_a_proxy() -> None:
    need("chromium")
    install()
    flags = ("--descriptors", str(build() / "library.binpb"))
    async with library() as server, started(server.address, *flags) as process:
        proxied = type("Proxied", (_Proxy,), {"target": process.url})
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), proxied) as proxy:
            thread = threading.Thread(target=proxy.serve_forever, daemon=True)
            thread.start()
            try:
                base = f"http://127.0.0.1:{proxy.server_port}"
                [[called, status]] = await node("browser.mjs", f"{base}/api/docs", EXECUTE, seconds=200)
            finally:
                proxy.shutdown()
                thread.join()
    assert called.startswith(f"{base}/api/v1:inspect"), called
    assert status.startswith("200")


async def test_redoc_is_shipped() -> None:
    async with library() as server, gateway(server.address, title="<T>") as client:
        page = await client.get("/redoc")
        assert page.status_code == 200
        assert "<title>&lt;T&gt;</title>" in page.text
        assert "//" not in re.sub(r"<!DOCTYPE html>", "", page.text)
        assert "default-src 'self'" in page.headers["content-security-policy"]
        sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(sources) == 4
        for source in sources:
            answer = await client.get(f"/{source}")
            assert answer.status_code == 200, source
            assert len(answer.content) > 50
        assert "MIT" in (await client.get("/docs/redoc.LICENSE.txt")).text
        assert (await client.head("/redoc")).content == b""
        assert (await client.post("/redoc")).status_code == 405
    async with library() as server, gateway(server.address, docs=False) as without:
        answers: list[httpx.Response] = [
            await without.get(path) for path in ("/redoc", "/docs/redoc.standalone.js")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]

"""The pages that show the API, in a real browser, under their own content security policy."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from tests.clients.toolchain import need
from tests.fixtures.gateway import started
from tests.fixtures.web import chromium_flags
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


async def test_redoc_is_shipped() -> None:
    async with library() as server, gateway(server.address, title="<T>") as http:
        page = await http.get("/redoc")
        assert page.status_code == 200
        assert "<title>&lt;T&gt;</title>" in page.text
        assert "//" not in re.sub(r"<!DOCTYPE html>", "", page.text)
        assert "default-src 'self'" in page.headers["content-security-policy"]
        sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(sources) == 4
        for source in sources:
            answer = await http.get(f"/{source}")
            assert answer.status_code == 200, source
            assert len(answer.content) > 50
        assert "MIT" in (await http.get("/docs/redoc.LICENSE.txt")).text
        assert (await http.head("/redoc")).content == b""
        assert (await http.post("/redoc")).status_code == 405
    async with library() as server, gateway(server.address, docs=False) as without:
        answers: list[httpx.Response] = [
            await without.get(path) for path in ("/redoc", "/docs/redoc.standalone.js")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]

"""The guard: what may be fetched, how much, how long, how often; against servers that misbehave."""

import asyncio
import gzip
import os
import shutil
import socket
import ssl
import subprocess
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from orchestrator.adapters.sources.sources import ConfiguredSources
from orchestrator.adapters.sources.web import turns
from orchestrator.adapters.sources.web.answer import PICTURE
from orchestrator.adapters.sources.web.fetcher import Fetcher
from orchestrator.application.ports.sources import NO_TURN
from orchestrator.domain.errors import InvalidArgument, ResourceExhausted, Unavailable
from orchestrator.domain.image import MAX_CONTENT_BYTES
from tests.fixtures.sources import QUICK, sources_of
from tests.fixtures.web_server import Request, WebServer, head, web_server


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        yield server


@pytest.fixture
async def sources() -> AsyncIterator[ConfiguredSources]:
    found = sources_of()
    yield found
    await found.close()


@pytest.fixture
async def strict() -> AsyncIterator[ConfiguredSources]:
    """Nothing private is allowed."""
    found = sources_of(allow=())
    yield found
    await found.close()


def fetcher(sources: ConfiguredSources) -> Fetcher:
    return sources._fetcher


async def reason(sources: ConfiguredSources, url: str) -> str:
    with pytest.raises(InvalidArgument) as failed:
        await sources.fetch(url)
    return failed.value.reason


async def test_a_file_is_fetched(web: WebServer, sources: ConfiguredSources) -> None:
    web.pages["/a.jpg"] = (200, {"content-type": "image/jpeg"}, b"picture")
    assert await sources.fetch(f"{web.address}/a.jpg?size=1#part") == b"picture"
    (request,) = web.requests
    assert request.target == "/a.jpg?size=1"
    assert request.headers["user-agent"] == QUICK.user_agent
    assert request.headers["host"] == web.address.removeprefix("http://")


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "file:///etc/passwd", "ftp://example.com/x", "gopher://x/", "data:image/png;base64,xx"),
        *("http://", "http:///x", "https://user@example.com/", "http://user:password@example.com/"),
        *(
            "http://example.com:70000/",
            "http://exa mple.com/",
            "http://x\r\nHost: y/",
            "http://x/" + "y" * 3000,
        ),
        *("http://[::1", "http://[fe80::1%25lo]/", "http://127.0.0.1%00.example.com/"),
    ],
)
async def test_what_is_no_url_of_the_web_is_refused(strict: ConfiguredSources, url: str) -> None:
    assert await reason(strict, url) == "URL_REFUSED"


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "[::1]"),
        *(
            "[::ffff:127.0.0.1]",
            "[::]",
            "10.0.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "[fd00::1]",
        ),
    ],
)
async def test_private_addresses_are_refused_however_they_are_written(
    web: WebServer, strict: ConfiguredSources, host: str
) -> None:
    for port in (web.port, 80, 443):
        assert await reason(strict, f"http://{host}:{port}/") == "URL_REFUSED"
    assert web.requests == []


def resolving(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[list[str]]]) -> list[str]:
    """Name servers that answer from `names`, the next list at each question; the names asked for."""
    asked: list[str] = []

    async def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        if host not in names:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        asked.append(host)
        answers = names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return asked


async def test_a_name_that_has_one_private_address_is_refused(
    strict: ConfiguredSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(
        monkeypatch, {"mixed.example": [["93.184.216.34", "10.0.0.1"]], "inner.example": [["127.0.0.1"]]}
    )
    assert await reason(strict, "http://mixed.example/") == "URL_REFUSED"
    assert await reason(strict, "https://inner.example/") == "URL_REFUSED"


async def test_the_address_that_was_checked_is_the_one_connected_to(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere at a second question is asked for once."""
    web.pages["/"] = b"picture"
    sources = sources_of(allow=["127.0.0.1"])
    asked = resolving(monkeypatch, {"rebinding.example": [["127.0.0.1"], ["127.0.0.2"]]})
    assert await sources.fetch(f"http://rebinding.example:{web.port}/") == b"picture"
    assert asked == ["rebinding.example"]
    assert web.requests[0].headers["host"] == f"rebinding.example:{web.port}"
    await sources.close()


async def test_names_and_networks_may_be_allowed(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    web.pages["/"] = b"picture"
    resolving(monkeypatch, {"photos.corp.example": [["127.0.0.1"]]})
    for allow in ("photos.corp.example", ".corp.example", "127.0.0.0/8"):
        sources = sources_of(allow=[allow])
        assert await sources.fetch(f"http://photos.corp.example:{web.port}/") == b"picture"
        await sources.close()
    sources = sources_of(allow=["other.corp.example", "10.0.0.0/8"])
    assert await reason(sources, f"http://photos.corp.example:{web.port}/") == "URL_REFUSED"
    await sources.close()


async def test_other_ports_than_the_webs_are_refused_on_public_addresses(strict: ConfiguredSources) -> None:
    for port in (22, 25, 6379, 8080):
        assert await reason(strict, f"http://93.184.216.34:{port}/") == "URL_REFUSED"


async def test_redirects_are_followed_and_each_is_checked(web: WebServer, sources: ConfiguredSources) -> None:
    web.pages["/end"] = b"picture"
    for status in (301, 302, 303, 307, 308):
        web.pages["/start"] = (status, {"location": "end"}, b"")
        assert await sources.fetch(f"{web.address}/start") == b"picture"
    for location in (
        f"http://127.0.0.2:{web.port}/end",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "http://user@127.0.0.1/",
        "//10.0.0.1/",
        "",
        "http://[",
    ):
        web.pages["/start"] = (302, {"location": location}, b"")
        assert await reason(sources, f"{web.address}/start") == "URL_REFUSED", location


async def test_redirects_have_an_end(web: WebServer, sources: ConfiguredSources) -> None:
    for number in range(10):
        web.pages[f"/{number}"] = (302, {"location": f"/{number + 1}"}, b"")
    web.pages["/6"] = b"too far"
    assert await reason(sources, f"{web.address}/0") == "URL_REFUSED"
    assert await sources.fetch(f"{web.address}/1") == b"too far"


async def test_a_body_that_says_that_it_is_too_large_is_not_read(
    web: WebServer, sources: ConfiguredSources
) -> None:
    async def huge(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head(content_length=str(MAX_CONTENT_BYTES + 1)))
        await writer.drain()
        await asyncio.sleep(60)

    web.pages["/"] = huge
    assert await reason(sources, web.address) == "IMAGE_TOO_LARGE"


async def test_a_body_that_goes_on_and_on_is_cut_off(web: WebServer, sources: ConfiguredSources) -> None:
    async def endless(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head(transfer_encoding="chunked"))
        while not writer.is_closing():
            writer.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")
            await writer.drain()

    web.pages["/"] = endless
    with pytest.raises(InvalidArgument) as failed:
        await fetcher(sources).get(web.address, limit=1 << 20)
    assert failed.value.reason == "IMAGE_TOO_LARGE"


async def test_packed_bodies_are_unpacked_within_the_limit(
    web: WebServer, sources: ConfiguredSources
) -> None:
    for coding, packed in (("gzip", gzip.compress(b"text" * 9)), ("deflate", zlib.compress(b"text" * 9))):
        web.pages["/"] = (200, {"content-encoding": coding}, packed)
        _, content = await fetcher(sources).get(web.address, limit=36)
        assert content == b"text" * 9
        web.pages["/"] = (200, {"content-encoding": coding}, packed[:-9])
        assert await reason(sources, web.address) == "URL_BROKEN"
    web.pages["/"] = (200, {"content-encoding": "gzip"}, gzip.compress(bytes(64 << 20)))
    assert await reason(sources, web.address) == "IMAGE_TOO_LARGE"
    web.pages["/"] = (200, {"content-encoding": "gzip"}, b"no gzip")
    assert await reason(sources, web.address) == "URL_BROKEN"
    web.pages["/"] = (200, {"content-encoding": "br"}, b"?")
    assert await reason(sources, web.address) == "WRONG_CONTENT_TYPE"


async def _silent(request: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _slow_head(request: Request, writer: asyncio.StreamWriter) -> None:
    for letter in head(200, content_length="3"):
        writer.write(bytes([letter]))
        await writer.drain()
        await asyncio.sleep(0.1)


async def _slow_body(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(head(content_length="1000"))
    for _ in range(1000):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.1)


async def _stops(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(head(content_length="1000") + b"x")
    await writer.drain()
    await asyncio.sleep(60)


@pytest.mark.parametrize("talk", [_silent, _slow_head, _slow_body, _stops])
async def test_a_slow_host_is_not_waited_for(web: WebServer, talk: Any) -> None:
    web.pages["/"] = talk
    sources = sources_of(limits=replace(QUICK, timeout=1, idle_timeout=0.5))
    with pytest.raises(Unavailable) as failed:
        await sources.fetch(web.address)
    assert failed.value.reason == "HOST_SLOW"
    await sources.close()


async def _breaks_off(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(head(content_length="1000") + b"x")
    writer.close()


async def _hangs_up(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _speaks_another_protocol(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"-ERR unknown command\r\n\r\n")
    writer.close()


async def _has_a_huge_head(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * (1 << 20) + b"\r\n\r\n")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize("talk", [_breaks_off, _hangs_up, _speaks_another_protocol, _has_a_huge_head])
async def test_a_broken_answer_may_be_tried_again(
    web: WebServer, sources: ConfiguredSources, talk: Any
) -> None:
    web.pages["/"] = talk
    with pytest.raises(Unavailable):
        await sources.fetch(web.address)


async def test_what_is_no_picture_by_its_type_is_not_read(web: WebServer, sources: ConfiguredSources) -> None:
    for kind in ("image/png", "application/octet-stream", "IMAGE/JPEG; q=1"):
        web.pages["/"] = (200, {"content-type": kind}, b"picture")
        assert await sources.fetch(web.address) == b"picture"
    for kind in ("text/html; charset=utf-8", "application/json", "video/mp4"):
        web.pages["/"] = (200, {"content-type": kind}, b"<html>")
        assert await reason(sources, web.address) == "WRONG_CONTENT_TYPE"
        assert (await fetcher(sources).get(web.address, limit=100))[1] == b"<html>"
    assert PICTURE


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 204, 301])
async def test_what_is_not_there_is_the_urls_own_failure(
    web: WebServer, sources: ConfiguredSources, status: int
) -> None:
    web.pages["/"] = (status, {"content-type": "text/html"}, b"")
    assert await reason(sources, web.address) in ("URL_NOT_FOUND", "URL_REFUSED")


async def test_a_host_that_does_not_exist(strict: ConfiguredSources) -> None:
    with pytest.raises((InvalidArgument, Unavailable)):
        await strict.fetch("http://does-not-exist.invalid/")


async def test_nobody_listens(sources: ConfiguredSources) -> None:
    async with web_server() as gone:
        pass
    with pytest.raises(Unavailable):
        await sources.fetch(gone.address)


async def test_a_host_that_wants_fewer_requests_is_left_alone(
    web: WebServer, sources: ConfiguredSources
) -> None:
    for said in ("30", formatdate(usegmt=True, localtime=False, timeval=None)):
        web.pages["/"] = (503, {"retry-after": said}, b"")
        with pytest.raises((Unavailable, ResourceExhausted)):
            await sources.fetch(web.address)
    web.pages["/"] = b"picture"
    before = len(web.requests)
    with pytest.raises(ResourceExhausted) as failed:
        await sources.fetch(web.address)
    assert 0 < (failed.value.retry_after or 0) <= 30
    assert len(web.requests) == before


async def test_too_many_requests_says_when_to_come_again(web: WebServer, sources: ConfiguredSources) -> None:
    web.pages["/"] = (429, {"retry-after": "7"}, b"")
    with pytest.raises(ResourceExhausted) as failed:
        await sources.fetch(web.address)
    assert failed.value.retry_after == 7
    with pytest.raises(ResourceExhausted):
        await sources.fetch(f"{web.address}/other")
    assert len(web.requests) == 1


async def test_a_failing_host_may_be_tried_again(web: WebServer, sources: ConfiguredSources) -> None:
    web.pages["/"] = (500, {}, b"")
    with pytest.raises(Unavailable) as failed:
        await sources.fetch(web.address)
    assert failed.value.retry_after
    web.pages["/"] = b"picture"
    assert await sources.fetch(web.address) == b"picture"


async def test_a_host_has_few_requests_at_once(web: WebServer) -> None:
    async def talk(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(head(content_length="1") + b"x")

    web.pages["/"] = talk
    sources = sources_of(limits=replace(QUICK, per_host=2))
    await asyncio.gather(*(sources.fetch(web.address) for _ in range(10)))
    assert (web.most_at_once, len(web.requests)) == (2, 10)
    await sources.close()


async def test_requests_to_a_host_are_begun_at_its_rate(web: WebServer) -> None:
    web.pages["/"] = b"x"
    sources = sources_of(limits=replace(QUICK, rate=20))
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(sources.fetch(web.address) for _ in range(5)))
    assert asyncio.get_running_loop().time() - began >= 4 / 20 - 0.01  # never sooner; later is the machine's
    await sources.close()


async def test_more_than_may_wait_are_refused(web: WebServer) -> None:
    web.pages["/"] = _silent
    sources = sources_of(limits=replace(QUICK, at_once=1, per_host=32, timeout=2, idle_timeout=2))
    results = await asyncio.gather(*(sources.fetch(web.address) for _ in range(12)), return_exceptions=True)
    refused = [each for each in results if isinstance(each, ResourceExhausted)]
    assert len(refused) == 12 - 1 - 8
    assert {(each.message, each.reason) for each in refused} == {
        ("too many requests to the web are under way", NO_TURN)
    }
    await sources.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for `photos.example`, signed by itself, and its key in the same file."""
    if shutil.which("openssl") is None:
        if os.environ.get("CI"):
            pytest.fail("openssl is missing")
        pytest.skip("openssl is missing")
    made = tmp_path / "photos.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=photos.example"
    said = ["-addext", "subjectAltName=DNS:photos.example", "-keyout", str(made), "-out", f"{made}.crt"]
    subprocess.run([*command.split(), *said], check=True, capture_output=True)
    made.write_bytes(made.read_bytes() + Path(f"{made}.crt").read_bytes())
    return made


async def test_tls_is_for_the_name_in_the_url_though_the_address_is_pinned(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    resolving(monkeypatch, {"photos.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]})
    async with web_server(tls=context) as web:
        web.pages["/a.png"] = (200, {"content-type": "image/png"}, b"picture")
        strangers = sources_of()
        with pytest.raises(Unavailable):  # nobody vouches for it
            await strangers.fetch(f"https://photos.example:{web.port}/a.png")
        await strangers.close()
        monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
        sources = sources_of()
        assert await sources.fetch(f"https://photos.example:{web.port}/a.png") == b"picture"
        with pytest.raises(Unavailable):  # vouched for, by another name
            await sources.fetch(f"https://other.example:{web.port}/a.png")
        await sources.close()


async def test_a_busy_host_keeps_nobody_from_others(web: WebServer) -> None:
    web.pages["/slow"] = _silent
    web.pages["/quick"] = b"picture"
    sources = sources_of(allow=["127.0.0.0/8"], limits=replace(QUICK, per_host=1, at_once=2, idle_timeout=3))
    waiting = [asyncio.create_task(sources.fetch(f"{web.address}/slow")) for _ in range(20)]
    await asyncio.sleep(0.2)
    async with web_server("127.0.0.2") as other, asyncio.timeout(2):
        other.pages["/quick"] = b"other"
        assert await sources.fetch(f"{other.address}/quick") == b"other"
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await sources.close()


async def test_a_wait_for_a_turn_that_would_be_long_is_no_answer_of_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.05)
    polite = turns.Turns(at_once=1, rate=1000)
    async with polite.take("photos.example"):
        with pytest.raises(ResourceExhausted) as crowded:
            async with polite.take("photos.example"):
                pass
    polite.rest("photos.example", 60)
    with pytest.raises(ResourceExhausted) as resting:
        async with polite.take("photos.example"):
            pass
    assert (crowded.value.reason, resting.value.reason) == (NO_TURN, "HOST_BUSY")

"""Which services the gateway serves: as the target changes, as its files do, and by rules of a file."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import grpc
import httpx
import pytest
from structlog.testing import capture_logs

from gateway.http_rules import HttpRulesError
from tests.fixtures.gateway import started
from tests.protos.changing_server import OPERATIONS, PICTURES, STATUES, changing, compile_proto
from tests.protos.library_server import free_port, gateway, library

WAIT = """
type: google.api.Service
http:
  rules:
    - selector: google.longrunning.Operations.WaitOperation
      post: /v1/{name=operations/*}:wait
      body: "*"
"""


async def becomes(http: httpx.AsyncClient, path: str, status: int) -> httpx.Response:
    async with asyncio.timeout(30):
        while (answer := await http.get(path)).status_code != status:
            await asyncio.sleep(0.02)
        return answer


async def test_another_server_behind_the_same_address() -> None:
    port = free_port()
    async with gateway(f"127.0.0.1:{port}", wait=False) as http:
        async with changing(compile_proto(PICTURES), port):
            answer = await becomes(http, "/v1/pictures/1", 200)
            assert answer.json() == {"name": "pictures/1", "painter": ""}
            assert set((await http.get("/openapi.json")).json()["paths"]) == {"/v1/pictures/{picture}"}
        async with changing(compile_proto(STATUES), port):
            answer = await becomes(http, "/v1/statues/1", 200)
            assert answer.json() == {"name": "statues/1", "sculptor": ""}
            assert (await http.get("/v1/pictures/1")).status_code == 404
            assert set((await http.get("/openapi.json")).json()["paths"]) == {"/v1/statues/{statue}"}
        async with library(port):
            await becomes(http, "/v1/shelves/1/books/2", 200)
            assert (await http.get("/v1/statues/1")).status_code == 404


async def test_other_services_over_the_same_connection() -> None:
    async with changing(compile_proto(PICTURES)) as server:
        address = f"127.0.0.1:{server.port}"
        async with (
            gateway(address, reread_interval=0.2) as http,
            gateway(address, reread_interval=0) as never,
        ):
            await becomes(http, "/v1/pictures/1", 200)
            server.serve(compile_proto(STATUES))
            await becomes(http, "/v1/statues/1", 200)
            assert (await http.get("/v1/pictures/1")).status_code == 404
            assert (await never.get("/v1/statues/1")).status_code == 404
            never.gateway.target.reread()  # type: ignore[attr-defined]
            await becomes(never, "/v1/statues/1", 200)


async def test_what_has_not_changed_stays_what_it_is() -> None:
    async with (
        changing(compile_proto(PICTURES)) as server,
        gateway(f"127.0.0.1:{server.port}", reread_interval=0.05) as http,
    ):
        services = http.gateway.target.services  # type: ignore[attr-defined]
        async with asyncio.timeout(30):
            while server.reflections < 6:
                await asyncio.sleep(0.02)
        assert http.gateway.target.services is services  # type: ignore[attr-defined]


async def test_a_server_that_returns_without_reflection_leaves_no_stale_routes() -> None:
    port = free_port()
    with capture_logs() as logs:
        async with gateway(f"127.0.0.1:{port}", wait=False, reread_interval=0.2) as http:
            async with changing(compile_proto(PICTURES), port):
                await becomes(http, "/v1/pictures/1", 200)
            async with changing(compile_proto(STATUES), port, reflect=False) as server:
                async with asyncio.timeout(30):
                    while http.gateway.target.services is not None:  # type: ignore[attr-defined]
                        await asyncio.sleep(0.02)
                assert (await http.get("/v1/pictures/1")).status_code == 503
                assert (await http.get("/readyz")).json() == {"status": "NO_ROUTES"}
                server.reflect = True
                await becomes(http, "/v1/statues/1", 200)
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["no routes"]


async def test_a_descriptor_file_is_read_again(tmp_path: Path) -> None:
    served = compile_proto(PICTURES)
    path = tmp_path / "museum.binpb"
    path.write_bytes(served.files.SerializeToString())
    with capture_logs() as logs:
        async with (
            changing(served, reflect=False) as server,
            gateway(f"127.0.0.1:{server.port}", descriptors=path, reread_interval=0.1) as http,
        ):
            await becomes(http, "/v1/pictures/1", 200)
            path.write_bytes(b"\xff\xff")
            async with asyncio.timeout(30):
                while not any(line["event"] == "file not read" for line in logs):
                    await asyncio.sleep(0.02)
            assert (await http.get("/v1/pictures/1")).status_code == 200
            path.write_bytes(compile_proto(STATUES).files.SerializeToString())
            await becomes(http, "/v1/statues/1", 200)
            assert (await http.get("/v1/pictures/1")).status_code == 404


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED])
async def test_files_are_read_again_where_reflection_is_refused(
    tmp_path: Path, code: grpc.StatusCode
) -> None:
    served = compile_proto(OPERATIONS)
    rules, path = tmp_path / "rules.yaml", tmp_path / "operations.binpb"
    rules.write_text(WAIT)
    path.write_bytes(served.files.SerializeToString())
    with capture_logs() as logs:
        async with changing(served) as server:
            server.refusal = code
            address = f"127.0.0.1:{server.port}"
            async with gateway(address, descriptors=path, http_rules=rules, reread_interval=0.1) as http:
                await becomes_for_post(http, "/v1/operations/7:wait")
                async with asyncio.timeout(30):
                    while not server.reflections:
                        await asyncio.sleep(0.02)
                rules.write_text(WAIT.replace(":wait", ":await"))
                await becomes_for_post(http, "/v1/operations/7:await")
    assert not [line for line in logs if line["event"] == "reflection failed"]


async def test_files_are_read_again_where_reflection_fails(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(WAIT)
    async with changing(compile_proto(OPERATIONS)) as server:
        address = f"127.0.0.1:{server.port}"
        async with gateway(address, http_rules=rules, reread_interval=0.1) as http:
            await becomes_for_post(http, "/v1/operations/7:wait")
            server.refusal = grpc.StatusCode.RESOURCE_EXHAUSTED
            asked = server.reflections
            async with asyncio.timeout(30):
                while server.reflections < asked + 2:
                    await asyncio.sleep(0.02)
            rules.write_text(WAIT.replace(":wait", ":await"))
            await becomes_for_post(http, "/v1/operations/7:await")


async def becomes_for_post(http: httpx.AsyncClient, path: str) -> None:
    async with asyncio.timeout(30):
        while (await http.post(path)).status_code != 200:
            await asyncio.sleep(0.02)


async def test_rules_for_methods_that_bear_none(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(WAIT)
    async with changing(compile_proto(OPERATIONS)) as server:
        async with gateway(f"127.0.0.1:{server.port}") as http:
            assert (await http.post("/v1/operations/7:wait")).status_code == 404
        async with gateway(f"127.0.0.1:{server.port}", http_rules=path, reread_interval=0.1) as http:
            answer = await http.post("/v1/operations/7:wait", json={"timeout": "1s"})
            assert (answer.status_code, answer.json()) == (200, {"name": "operations/7", "done": False})
            answer = await http.post("/v1/operations/7:wait", json={"nope": 1})
            assert answer.json()["details"][0]["fieldViolations"][0]["field"] == "nope"
            assert "/v1/operations/{operation}:wait" in (await http.get("/openapi.json")).json()["paths"]
            path.write_text(WAIT.replace(":wait", ":await"))
            async with asyncio.timeout(30):
                while (await http.post("/v1/operations/7:await")).status_code != 200:
                    await asyncio.sleep(0.02)
            assert (await http.post("/v1/operations/7:wait")).status_code == 404


async def test_rules_take_the_place_of_those_that_a_method_bears(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    path.write_text(
        '{"http": {"rules": ['
        '{"selector": "library.v1.Library.GetBook", "get": "/v2/{name=shelves/*/books/*}"},'
        '{"selector": "library.v1.Library.GetBook", "get": "/v3/{name}"},'
        '{"selector": "library.v1.Library.ListTitles", "get": "/v2/{nope=shelves/*}"},'
        '{"selector": "library.v1.Nothing.Get", "get": "/v2/nothing"}]}}'
    )
    with capture_logs() as logs:
        async with library() as server, gateway(server.address, http_rules=path) as http:
            assert (await http.get("/v2/shelves/1/books/2")).json()["name"] == "shelves/1/books/2"
            assert (await http.get("/v3/x")).json()["name"] == "x"
            assert (await http.get("/v1/books/1")).status_code == 404
            assert (await http.delete("/v1/shelves/1/books/2")).status_code == 200
    said = [line["reason"] for line in logs if line["event"] == "rule left out"]
    assert said == [
        f"{path}: rule 3 (library.v1.Library.ListTitles): there is no such field",
        f"{path}: rule 4 (library.v1.Nothing.Get): the target has no such method",
    ]


async def test_a_file_that_is_wrong_keeps_the_gateway_from_starting(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(WAIT.replace("post:", "posted:"))
    with pytest.raises(HttpRulesError, match=r"rules\.yaml: rule 1 \(google\.longrunning\.Operations\."):
        async with gateway("127.0.0.1:1", wait=False, http_rules=path):
            pass


async def test_sighup_has_everything_read_again(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(WAIT)
    async with (
        changing(compile_proto(OPERATIONS)) as server,
        started(f"127.0.0.1:{server.port}", "--http-rules", str(path), "--reread-interval", "0") as process,
        httpx.AsyncClient(base_url=process.url) as http,
    ):
        async with asyncio.timeout(30):
            while (await http.post("/v1/operations/7:wait")).status_code != 200:
                await asyncio.sleep(0.05)
        path.write_text(WAIT.replace(":wait", ":await"))
        await asyncio.sleep(0.3)
        assert (await http.post("/v1/operations/7:wait")).status_code == 200
        process.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(30):
            while (await http.post("/v1/operations/7:await")).status_code != 200:
                await asyncio.sleep(0.05)
        assert (await http.post("/v1/operations/7:wait")).status_code == 404

"""Connect's conformance suite, for Connect and gRPC-Web: the gateway stands between its client and server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc_tools
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message_factory import GetMessageClass
from grpc_tools import protoc

from tests.clients.toolchain import BUILD_SECONDS, build, need
from tests.fixtures.gateway import started

FOLDER = Path(__file__).parents[2] / "conformance"
PACKAGE = "connectrpc.conformance.v1"


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the suite's programs, and its protos as a descriptor set."""
    need("go")
    folder = tmp_path_factory.mktemp("conformance")
    build("go", "build", "-o", f"{folder}/", "tool", folder=FOLDER)
    listed = ("go", "list", "-m", "-f", "{{.Dir}}", "connectrpc.com/conformance")
    protos = (
        Path(subprocess.run(listed, cwd=FOLDER, capture_output=True, text=True, check=True).stdout.strip())
        / "proto"
    )
    status = protoc.main(
        [
            "protoc",
            f"-I{protos}",
            f"-I{Path(grpc_tools.__file__).parent / '_proto'}",
            "--include_imports",
            f"--descriptor_set_out={folder / 'conformance.binpb'}",
            *(str(file.relative_to(protos)) for file in protos.rglob("*.proto")),
        ]
    )
    assert status == 0
    return folder


@asynccontextmanager
async def upstream(tools: Path) -> AsyncIterator[str]:
    """The address of the suite's gRPC server."""
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString((tools / "conformance.binpb").read_bytes()).file:
        pool.Add(file)

    def message(name: str) -> Any:
        return GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))

    wanted = message("ServerCompatRequest")(message_receive_limit=64 << 20)
    wanted.protocol = pool.FindEnumTypeByName(f"{PACKAGE}.Protocol").values_by_name["PROTOCOL_GRPC"].number
    wanted.http_version = (
        pool.FindEnumTypeByName(f"{PACKAGE}.HTTPVersion").values_by_name["HTTP_VERSION_2"].number
    )
    request = wanted.SerializeToString()
    process = await asyncio.create_subprocess_exec(
        tools / "grpcserver", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(len(request).to_bytes(4, "big") + request)
        process.stdin.close()
        async with asyncio.timeout(60):
            size = int.from_bytes(await process.stdout.readexactly(4), "big")
            answer = message("ServerCompatResponse").FromString(await process.stdout.readexactly(size))
        yield f"127.0.0.1:{answer.port}"
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.timeout(BUILD_SECONDS + 600)
async def test_the_suite_passes(tools: Path) -> None:
    flags = ["--descriptors", str(tools / "conformance.binpb"), "--timeout", "0"]
    async with upstream(tools) as address, started(address, *flags) as gateway:
        process = await asyncio.create_subprocess_exec(
            tools / "connectconformance",
            *("--mode", "server", "--conf", "config.yaml"),
            *("--known-failing", "@known_failing.txt", "--known-flaky", "@known_flaky.txt"),
            *("--", sys.executable, "-S", "server.py", str(gateway.address[1])),
            cwd=FOLDER,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(500):
            said, _ = await process.communicate()
    text = said.decode()
    assert process.returncode == 0, text[-8000:]
    assert int(text.partition("Total cases: ")[2].split()[0]) > 600

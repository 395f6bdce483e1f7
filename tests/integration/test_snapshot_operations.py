"""Exports and imports of collections over gRPC, from the SDK and from the command line."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.adapters.blobs.places import ObjectStorePlaces
from orchestrator.adapters.sources.places import Places as Folders
from orchestrator.application.jobs import Jobs
from orchestrator.application.ports import Ports
from orchestrator.application.snapshots.operations import transfer_kinds
from orchestrator.bootstrap import job_kinds
from orchestrator.grpc_api.faces import FACES
from orchestrator.settings import Settings
from sightline import AsyncSightline, FailedPrecondition, InvalidArgument, NewImage, NotFound
from sightline.v1 import collection_service_pb2 as pb
from tests.fixtures.pictures import drawing, encoded
from tests.fixtures.server import RunningServer, running_server


@pytest.fixture
async def server(ports: Ports, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """A server that may write and read below one folder, and its jobs."""
    (tmp_path / "allowed").mkdir()
    allowed = Folders([tmp_path / "allowed"])
    mesh = replace(ports, places=ObjectStorePlaces(allowed.check, own=(tmp_path / "blobs").as_uri()))
    async with running_server(mesh) as running:
        working = asyncio.create_task(Jobs(mesh.operations, transfer_kinds(mesh), every=0.02).keep_running())
        yield running
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


@pytest.fixture
async def client(server: RunningServer) -> AsyncIterator[AsyncSightline]:
    async with AsyncSightline(server.address) as found:
        for number, colour in enumerate(("red", "green", "blue")):
            content = encoded(drawing("white", {colour: (8, 8, 40, 40)}), "PNG")
            await found.create_image(NewImage(picture=content, image_id=f"i{number}"))
        yield found


async def test_a_collection_goes_out_and_comes_in(client: AsyncSightline, tmp_path: Path) -> None:
    place = (tmp_path / "allowed" / "snapshot").as_uri()
    begun = await client.export_collection("default", place, include_files=True)
    ended = await client.wait_operation(begun.name, timeout=60)
    exported = pb.ExportCollectionResponse()
    assert ended.response.Unpack(exported)
    assert (exported.image_count, exported.file_count, exported.destination_uri) == (3, 3, place)
    metadata = pb.ExportCollectionMetadata()
    assert ended.metadata.Unpack(metadata)
    assert (metadata.collection, metadata.total_image_count) == ("collections/default", 3)
    assert metadata.end_time.seconds
    begun = await client.import_collection(place, "copy")
    ended = await client.wait_operation(begun.name, timeout=60)
    imported = pb.ImportCollectionResponse()
    assert ended.response.Unpack(imported)
    assert (imported.collection, imported.image_count) == ("collections/copy", 3)
    hits = [hit.image async for hit in client.search("a red thing", collection="copy", limit=1)]
    assert hits == ["collections/copy/images/i0"]
    content = await client.image_content("collections/copy/images/i0")
    assert content.data == (await client.image_content("collections/default/images/i0")).data


async def test_every_kind_that_is_shown_is_worked_on(ports: Ports) -> None:
    assert {kind.name for kind in job_kinds(ports, Settings())} == set(FACES)


async def test_what_makes_no_sense_is_told_before_any_work(client: AsyncSightline, tmp_path: Path) -> None:
    allowed = tmp_path / "allowed"
    with pytest.raises(FailedPrecondition):
        await client.export_collection("default", (tmp_path / "elsewhere").as_uri())
    assert not (tmp_path / "elsewhere").exists()
    with pytest.raises(InvalidArgument):
        await client.export_collection("default", "ftp://host/folder")
    with pytest.raises(NotFound):
        await client.export_collection("none", (allowed / "a").as_uri())
    with pytest.raises(FailedPrecondition):
        await client.import_collection((tmp_path / "blobs").as_uri(), "copy")
    with pytest.raises(InvalidArgument):
        await client.import_collection((allowed / "none").as_uri(), "copy")
    (allowed / "empty").mkdir()
    with pytest.raises(FailedPrecondition, match="manifest"):
        await client.import_collection((allowed / "empty").as_uri(), "copy")
    place = (allowed / "snapshot").as_uri()
    begun = await client.export_collection("default", place)
    await client.wait_operation(begun.name, timeout=60)
    with pytest.raises(FailedPrecondition, match="already"):
        await client.export_collection("default", place)
    await client.create_collection("blind", embedder="wordless")
    with pytest.raises(FailedPrecondition, match="vectors"):
        await client.import_collection(place, "blind")


async def test_an_operation_that_fails_says_why(
    client: AsyncSightline, server: RunningServer, tmp_path: Path
) -> None:
    place = tmp_path / "allowed" / "snapshot"
    begun = await client.export_collection("default", place.as_uri())
    await client.wait_operation(begun.name, timeout=60)
    (place / "images" / "00000.parquet").write_bytes(b"x")
    begun = await client.import_collection(place.as_uri(), "copy")
    with pytest.raises(FailedPrecondition, match=r"images/00000\.parquet"):
        await client.wait_operation(begun.name, timeout=60)
    with pytest.raises(NotFound):
        await client.get_collection("copy")


@pytest.mark.usefixtures("client")
async def test_the_command_line_exports_and_imports(server: RunningServer, tmp_path: Path) -> None:
    place = str(tmp_path / "allowed" / "snapshot")
    out = await sightline("collections", "export", "default", place, "--blobs", "--json", server=server)
    assert json.loads(out)["fileCount"] == "3"
    out = await sightline("collections", "import", place, "copy", "--json", server=server)
    assert json.loads(out) == {
        "collection": "collections/copy",
        "imageCount": "3",
        "regionCount": "3",
        "textCount": "0",
        "skippedCount": "0",
        "missingFileCount": "0",
    }
    out = await sightline("collections", "export", "default", place, server=server, status=1)
    assert "a snapshot lies there already" in out


async def sightline(*arguments: str, server: RunningServer, status: int = 0) -> str:
    program = str(Path(sys.executable).with_name("sightline"))
    process = await asyncio.create_subprocess_exec(
        *(program, *arguments, "--server", server.address),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode == status, out.decode()
    return out.decode()

"""`sightline migrate` as a process: killed, run again, into engines that are not this one."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.adapters.index.pinecone import PineconeIndex
from orchestrator.adapters.index.pinecone_indexes import Serverless
from orchestrator.adapters.index.qdrant import QdrantIndex
from orchestrator.application.collections import create_collection
from orchestrator.application.images import delete_image, update_image
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Kind, Ports, VectorIndex
from orchestrator.bootstrap import open_ports
from orchestrator.domain.collection import Segmentation
from orchestrator.domain.filter import Comparison, Operator
from orchestrator.domain.names import CollectionName, ImageName
from orchestrator.settings import Settings
from tests.fakes.models import PACK
from tests.fakes.pinecone import Cloud, Weather, running_pinecone
from tests.fakes.pinecone.server import API_KEY
from tests.fixtures.edge import RunningEdge, edge_server  # noqa: F401 — a fixture
from tests.fixtures.pictures import drawing, encoded

SHOP = CollectionName("shop")
IMAGES = 90


@pytest.fixture
async def shop(ports: Ports) -> Ports:
    await create_collection(
        ports, collection_id="shop", embedder=PACK, segmenter=PACK, segmentation=Segmentation.OFF
    )
    content = encoded(drawing("white", {"red": (8, 8, 40, 40)}), "PNG")
    for start in range(0, IMAGES, 16):
        await asyncio.gather(
            *(
                create_image(ports, CreateImage(parent=SHOP, image_id=f"i{number}", content=content))
                for number in range(start, min(start + 16, IMAGES))
            )
        )
    return ports


@pytest.fixture(scope="module")
def pinecone(shared: Path | None) -> Iterator[str]:
    cloud = Cloud(Weather(delay=0.05, throttled=0.05, slow=0.1))
    with running_pinecone(cloud, shared / "contracts" / "pinecone" if shared else None) as address:
        yield address


@pytest.fixture(params=["qdrant", "pinecone"])
async def target(request: pytest.FixtureRequest) -> AsyncIterator[tuple[str, VectorIndex]]:
    """An engine's URL, and the engine."""
    if request.param == "qdrant":
        edge: RunningEdge = request.getfixturevalue("edge_server")
        qdrant = QdrantIndex(edge.address)
        yield f"qdrant://{edge.address}", qdrant
        await qdrant.close()
        return
    pinecone = request.getfixturevalue("pinecone")
    where = Serverless(prefix="moved", cloud="aws", region="us-east-1")
    index = PineconeIndex(API_KEY, where, host=pinecone)
    yield f"pinecone://moved?cloud=aws&region=us-east-1&host={pinecone}", index
    await index.close()


async def begin(tmp_path: Path, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGHTLINE_")}
    told = {"SIGHTLINE_DATA_DIR": str(tmp_path), "SIGHTLINE_MIGRATE_API_KEY": API_KEY, **environment}
    return await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("sightline")), "migrate", *arguments),
        env={**kept, **told},
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int, list[dict[str, Any]]]:
    out, _ = await process.communicate()
    lines = [json.loads(line) for line in out.decode().splitlines() if line.startswith("{")]
    return process.returncode or 0, [line for line in lines if line["stage"] == "done"]


async def test_killed_in_the_middle_it_ends_as_if_it_had_not_been(
    shop: Ports, target: tuple[str, VectorIndex], tmp_path: Path
) -> None:
    url, index = target
    process = await begin(tmp_path, "--to", url, "--json")
    assert process.stdout is not None
    while b'"stage": "copy"' not in await process.stdout.readline():
        pass
    os.killpg(process.pid, 9)
    await process.wait()
    await delete_image(shop, name=ImageName("shop", "i7"))
    await update_image(shop, name=ImageName("shop", "i8"), changes={"folder": "new"})
    status, done = await ended(await begin(tmp_path, "--to", url, "--json"))
    assert status == 0
    [outcome] = [each for each in done if each["collection"] == "collections/shop"]
    assert outcome["complete"]
    assert outcome["vectors"] == outcome["target_vectors"] == IMAGES - 1
    assert outcome["checksum"] == outcome["target_checksum"]
    collection = await shop.catalog.get_collection(SHOP)
    held = {name async for name in index.names(collection.namespace)}
    assert held == {name async for name in shop.index.names(collection.namespace)}
    folder = Comparison("folder", Operator.EQ, "new")
    assert await index.count(collection.namespace, Kind.IMAGE, folder) == 1


async def test_pictures_move_by_the_command_too(shop: Ports, tmp_path: Path) -> None:
    to = (tmp_path / "elsewhere").as_uri()
    status, done = await ended(await begin(tmp_path, "--to", to, "-c", "shop", "--json"))
    assert status == 0
    assert [(each["files"], each["target_files"], each["complete"]) for each in done] == [
        (IMAGES, IMAGES, True)
    ]
    async with open_ports(Settings(data_dir=tmp_path, blobs_url=to)):  # an orchestrator starts on it
        pass


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--to", "redis://host"), 2),
        (("--to", "qdrant://key@host:1"), 2),
        (("--to", "pinecone://x?cloud=none"), 2),
        (("--to", "file:///x", "--from", "qdrant://host:1"), 2),
        (("--to", "file:///tmp/x", "-c", "none"), 1),
        ((), 2),
    ],
)
async def test_what_makes_no_sense_is_told(arguments: tuple[str, ...], status: int, tmp_path: Path) -> None:
    assert (await ended(await begin(tmp_path, *arguments)))[0] == status

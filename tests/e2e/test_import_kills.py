"""Orchestrators are killed while they import; in the end each item is there, once.

None was embedded twice but for those under way.

`SIGHTLINE_IMPORT_KILLS` is how many (30), `SIGHTLINE_KILL_SEED` of which chance (1).
"""

import asyncio
import os
import random
import signal
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc

from sightline.v1 import (
    collection_pb2,
    collection_service_pb2,
    collection_service_pb2_grpc,
    import_pb2,
    import_service_pb2,
    import_service_pb2_grpc,
)
from tests.fixtures.agreement import Reader
from tests.fixtures.import_files import picture
from tests.fixtures.postgres import Postgres
from tests.fixtures.service import Service
from tests.fixtures.stack import Stack, another_orchestrator, running_stack

KILLS = int(os.environ.get("SIGHTLINE_IMPORT_KILLS", "30"))
SEED = int(os.environ.get("SIGHTLINE_KILL_SEED", "1"))
IN_FLIGHT = 4
PATIENCE = 300.0  # seconds without any progress
SETTINGS = f"SIGHTLINE_IMPORT_ITEMS={IN_FLIGHT}\n"


class Importing:
    """An import of a folder of pictures, asked through whichever orchestrator answers."""

    def __init__(self, stack: Stack, channels: list[grpc.aio.Channel], pictures: int) -> None:
        self.stack, self.pictures, self.name = stack, pictures, ""
        self._channels = channels
        self._embedded = embedded(stack)

    async def start(self) -> None:
        """Writes the pictures and begins."""
        folder = self.stack.data / "pictures"
        for number in range(self.pictures):
            file = folder / f"{number % 7}" / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(picture(number))
        asked = collection_service_pb2.CreateCollectionRequest(
            collection_id="imported",
            collection=collection_pb2.Collection(segmentation=collection_pb2.Collection.OFF),
        )
        collections = collection_service_pb2_grpc.CollectionServiceStub(self._channels[0])
        parent = (await collections.CreateCollection(asked, timeout=60)).name
        request = import_service_pb2.ImportImagesRequest(parent=parent)
        request.source.files.uri = folder.as_uri()
        imports = import_service_pb2_grpc.ImportServiceStub(self._channels[0])
        self.name = (await imports.ImportImages(request, timeout=60)).name

    async def metadata(self) -> import_pb2.ImportMetadata | None:
        """How it stands; None where nobody answers."""
        for channel in self._channels:
            stub = operations_pb2_grpc.OperationsStub(channel)  # type: ignore[no-untyped-call]
            try:
                request = operations_pb2.GetOperationRequest(name=self.name)
                found = await stub.GetOperation(request, timeout=5)
            except grpc.aio.AioRpcError:
                continue
            metadata = import_pb2.ImportMetadata()
            assert found.metadata.Unpack(metadata)
            assert not found.HasField("error"), found.error
            return metadata
        return None

    async def advance(self, items: int) -> None:
        """Waits until so many more items are done, or all are."""
        wanted: int | None = None
        async with asyncio.timeout(PATIENCE):
            while True:
                metadata = await self.metadata()
                if metadata is not None:
                    done = metadata.counts.done
                    wanted = done + items if wanted is None else wanted
                    if done >= min(wanted, self.pictures):
                        return
                await asyncio.sleep(0.02)

    async def agree(self, deaths: int, *, embeddings: bool = True) -> None:
        """Waits for the end, and fails where an item is missing, there twice, or was embedded needlessly."""
        async with asyncio.timeout(PATIENCE):
            while (metadata := await self.metadata()) is None or not metadata.HasField("end_time"):
                await asyncio.sleep(0.2)
        counts = metadata.counts
        assert (counts.done, counts.pending, counts.failed) == (self.pictures, 0, 0), metadata
        reader = Reader(self._channels[0], "collections/imported")
        await reader.settled(60)
        images = await reader.images()
        names = Counter(image.display_name for image in images.values())
        assert names == Counter(f"{number}.png" for number in range(self.pictures))
        if not embeddings:
            return
        spare = embedded(self.stack) - self._embedded - self.pictures
        print(f"{deaths} deaths, seed {SEED}: {spare} embedded twice")  # noqa: T201 — for pytest -s
        assert 0 <= spare <= deaths * IN_FLIGHT


def embedded(stack: Stack) -> int:
    """How many pictures Triton's image tower has embedded."""
    with urllib.request.urlopen(stack.triton_metrics_url, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    start = 'nv_inference_count{model="starter_image"'
    return sum(round(float(line.rsplit(" ", 1)[1])) for line in lines if line.startswith(start))


@asynccontextmanager
async def importing(stack: Stack, addresses: list[str], pictures: int) -> AsyncIterator[Importing]:
    options = [("grpc.max_reconnect_backoff_ms", 300), ("grpc.enable_retries", 0)]
    channels = [grpc.aio.insecure_channel(address, options=options) for address in addresses]
    begun = Importing(stack, channels, pictures)
    await begun.start()
    yield begun
    for channel in channels:
        await channel.close()


async def slay_in_turn(importing: Importing, services: list[Service], kills: int) -> None:
    """Kills one after another at chance moments, and starts each again."""
    chance = random.Random(SEED)
    share = importing.pictures // (kills + 2)
    for number in range(kills):
        await importing.advance(chance.randrange(share + 1))
        await asyncio.sleep(chance.uniform(0, 0.2))
        service = services[number % len(services)]
        await asyncio.to_thread(service.kill)
        service.launch()
        if chance.random() < 0.7:
            await asyncio.to_thread(service.wait_until_ready)
    for service in services:
        await asyncio.to_thread(service.wait_until_ready)


def settle_for(folder: Path, lease: float) -> None:
    """The settings of orchestrators that start in a folder."""
    (folder / ".env").write_text(f"{SETTINGS}SIGHTLINE_JOB_LEASE={lease}\n")


@pytest.mark.timeout(900 + 30 * KILLS)
async def test_an_import_survives_every_death_of_its_orchestrator(tmp_path: Path) -> None:
    settle_for(tmp_path, 1.5)
    with running_stack(tmp_path) as stack:
        async with importing(stack, [stack.orchestrator_address], 12 * KILLS) as begun:
            await slay_in_turn(begun, [stack.orchestrator], KILLS)
            await begun.agree(KILLS)


@pytest.mark.timeout(900 + 30 * KILLS)
async def test_two_orchestrators_share_an_import_and_die_in_turn(tmp_path: Path, postgres_url: str) -> None:
    settle_for(tmp_path, 1.5)
    with (
        running_stack(tmp_path, catalog_url=postgres_url) as stack,
        another_orchestrator(stack, postgres_url) as (address, second),
    ):
        addresses = [stack.orchestrator_address, address]
        async with importing(stack, addresses, 12 * KILLS) as begun:
            await slay_in_turn(begun, [stack.orchestrator, second], KILLS)
            await begun.agree(KILLS)


@pytest.mark.timeout(900)
async def test_the_share_of_a_dead_orchestrator_is_taken_over(tmp_path: Path, postgres_url: str) -> None:
    (tmp_path / ".env").write_text(SETTINGS)  # the lease as it is by default
    with (
        running_stack(tmp_path, catalog_url=postgres_url) as stack,
        another_orchestrator(stack, postgres_url) as (address, second),
    ):
        async with importing(stack, [stack.orchestrator_address, address], 200) as begun:
            await begun.advance(50)
            await asyncio.to_thread(second.kill)
            await begun.agree(1)


@pytest.mark.timeout(900)
async def test_an_import_waits_for_its_database_and_for_triton(
    tmp_path: Path, postgres: Postgres, postgres_url: str
) -> None:
    settle_for(tmp_path, 1.5)

    with running_stack(tmp_path, catalog_url=postgres_url) as stack:
        async with importing(stack, [stack.orchestrator_address], 300) as begun:
            await begun.advance(30)
            for number in (signal.SIGINT, signal.SIGQUIT):
                postgres.stop(number)
                try:
                    await asyncio.sleep(6)
                finally:
                    postgres.start()
                await begun.advance(30)
            await asyncio.to_thread(stack.triton.kill)
            await asyncio.sleep(3)
            await asyncio.to_thread(stack.triton.start)
            await begun.agree(3, embeddings=False)  # Triton counts from zero again

"""Processes are killed while pictures come and go; what was acknowledged is there afterwards, and all agree.

`SIGHTLINE_KILLS` is how many (50), `SIGHTLINE_KILL_SEED` of which chance (1).
"""

import asyncio
import io
import os
import random
import signal
import time
import uuid
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import grpc
import httpx
import numpy as np
import psutil
import pytest
from PIL import Image

from sightline.v1 import (
    collection_pb2,
    collection_service_pb2,
    collection_service_pb2_grpc,
    image_pb2,
    image_service_pb2,
)
from tests.fixtures.agreement import Reader, check
from tests.fixtures.ledger import Entry, Face, GrpcFace, HttpFace, add_region, create, delete, move
from tests.fixtures.service import Service
from tests.fixtures.stack import Stack, running_stack

KILLS = int(os.environ.get("SIGHTLINE_KILLS", "50"))
SEED = int(os.environ.get("SIGHTLINE_KILL_SEED", "1"))
KILLS_A_ROUND = 12
PATIENCE = 10.0  # seconds

# How often each is struck. Triton takes longest to start, and writes wait for it.
WEIGHTS = {"orchestrator": 9, "index": 9, "gateway": 3, "triton": 2}


@pytest.mark.timeout(1800 + 20 * KILLS)
async def test_what_was_acknowledged_survives_every_kill(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        async with writers(stack) as crew:
            chance = random.Random(SEED)
            victims = drawn(chance)
            killed = 0
            while killed < KILLS:
                struck = victims[killed : killed + min(KILLS_A_ROUND, KILLS - killed)]
                await crew.write_while(slay(stack, struck, chance, crew))
                killed += len(struck)
                before = time.monotonic()
                images = await crew.agree()
                seconds = time.monotonic() - before
                print(  # noqa: T201 — shown where the test fails, and by pytest -s
                    f"{killed} kills, seed {SEED}: {crew.told()}, {images} images agree after {seconds:.1f} s"
                )
            assert crew.acknowledged >= KILLS


def drawn(chance: random.Random) -> list[str]:
    """Who is killed, in order: each as often as its weight says, the first of each soon."""
    names = list(WEIGHTS)
    return names[:KILLS] + chance.choices(names, list(WEIGHTS.values()), k=max(0, KILLS - len(names)))


async def slay(stack: Stack, victims: list[str], chance: random.Random, crew: "Crew") -> None:
    """Kills one after another at chance moments while writes go on, and starts each again."""
    for name in victims:
        await crew.acknowledge(chance.randrange(6))
        await asyncio.sleep(chance.uniform(0, 0.3))
        service: Service = getattr(stack, name)
        if name == "triton":
            await asyncio.to_thread(slay_triton, service, chance.random() < 0.5)
        else:
            await asyncio.to_thread(service.kill)
        service.launch()
        # Sometimes the next dies while this one is still starting.
        if name == "triton" or chance.random() < 0.7:
            await asyncio.to_thread(service.wait_until_ready)
    for name in WEIGHTS:
        await asyncio.to_thread(getattr(stack, name).wait_until_ready)


def slay_triton(launcher: Service, server_first: bool) -> None:
    """Kills the launcher, or first tritonserver itself, which ends the launcher."""
    started = psutil.Process(launcher.pid).children(recursive=True)
    if server_first:
        for process in started:
            if process.name() == "tritonserver":
                process.kill()
    launcher.stop(signal.SIGKILL)
    _, left = psutil.wait_procs(started, timeout=30)
    assert left == [], f"outlived their parent: {left}"
    assert list(Path("/dev/shm").glob(f"sightline-{launcher.pid}-*")) == []


class Crew:
    """Writers with a ledger each, and a reader a collection."""

    def __init__(self, faces: list[Face], readers: list[Reader]) -> None:
        self._readers = readers
        self._writers = [
            Writer(number, face, readers[number % len(readers)].collection)
            for number, face in enumerate(faces)
        ]

    @property
    def acknowledged(self) -> int:
        """Writes that were answered with success."""
        return sum(writer.done for writer in self._writers)

    async def acknowledge(self, more: int) -> None:
        """Waits for some more writes to succeed; not for ever: their process may just have been killed."""
        wanted, deadline = self.acknowledged + more, time.monotonic() + PATIENCE
        while self.acknowledged < wanted and time.monotonic() < deadline:
            await asyncio.sleep(0.02)

    def told(self) -> str:
        """For whoever reads the log."""
        lost = sum(writer.lost for writer in self._writers)
        return f"{self.acknowledged} writes acknowledged, {lost} not"

    async def write_while(self, work: Awaitable[None]) -> None:
        """Writes until `work` has ended."""
        ended = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for writer in self._writers:
                group.create_task(writer.write(ended))
            await work
            await asyncio.sleep(1.0)
            ended.set()

    async def agree(self) -> int:
        """Fails where anything disagrees; how many images there are."""
        count = 0
        for reader in self._readers:
            entries = [
                entry
                for writer in self._writers
                for entry in writer.entries
                if entry.collection == reader.collection
            ]
            count += await check(reader, entries)
        return count


class Writer:
    """Creates, changes and deletes images of its own."""

    def __init__(self, number: int, face: Face, collection: str) -> None:
        self.entries: list[Entry] = []
        self.done = self.lost = 0
        self._number, self._face, self._collection = number, face, collection
        self._chance = random.Random(SEED * 1000 + number)

    async def write(self, ended: asyncio.Event) -> None:
        """Writes until it is told to end."""
        while not ended.is_set():
            lost = self.lost
            await self._write_once()
            if self.lost > lost:
                await asyncio.sleep(0.2)

    async def _write_once(self) -> None:
        certain = [entry for entry in self.entries if entry.exists == {True}]
        unknown = [entry for entry in self.entries if len(entry.exists) == 2]
        dice = self._chance.random()
        if unknown and dice < 0.5:
            entry = self._chance.choice(unknown)
            # One whose deletion is not known to have ended is not created again by the same request.
            await (delete(self._face, entry) if entry.name else create(self._face, entry))
            self._count(len(entry.exists) == 1)
        elif not certain or dice < 0.65:
            entry = self._new()
            self.entries.append(entry)
            await create(self._face, entry)
            self._count(entry.exists == {True})
        elif dice < 0.75:
            entry = self._chance.choice(certain)
            await delete(self._face, entry)
            self._count(entry.exists == {False})
        elif dice < 0.9:
            entry, folder = self._chance.choice(certain), f"moved/{self._chance.randrange(5)}"
            await move(self._face, entry, folder)
            self._count(entry.folders == {folder})
        else:
            entry = self._chance.choice(certain)
            before = len(entry.regions)
            await add_region(self._face, entry)
            self._count(len(entry.regions) > before)

    def _count(self, acknowledged: bool) -> None:
        self.done += acknowledged
        self.lost += not acknowledged

    def _new(self) -> Entry:
        token = f"w{self._number}-{len(self.entries)}"
        content = picture(self._chance.randrange(1 << 30))
        named = self._chance.random() < 0.5
        request = image_service_pb2.CreateImageRequest(
            parent=self._collection,
            image_id=token if named else "",
            request_id="" if named else str(uuid.UUID(int=self._chance.getrandbits(128), version=4)),
            image=image_pb2.Image(display_name=token, folder="new"),
            content=content,
        )
        return Entry(token=token, collection=self._collection, content=content, request=request)


def picture(seed: int) -> bytes:
    """A PNG of coloured fields."""
    fields = np.random.default_rng(seed).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(fields.repeat(24, axis=0).repeat(24, axis=1)).save(file, "PNG")
    return file.getvalue()


@asynccontextmanager
async def writers(stack: Stack) -> AsyncIterator[Crew]:
    """Writers through both faces, on a collection that segments its images and one that does not."""
    async with AsyncExitStack() as closing:
        options = [("grpc.max_reconnect_backoff_ms", 300), ("grpc.enable_retries", 0)]
        channel = grpc.aio.insecure_channel(stack.orchestrator_address, options=options)
        await closing.enter_async_context(channel)
        client = await closing.enter_async_context(httpx.AsyncClient(base_url=stack.gateway_url))
        service = collection_service_pb2_grpc.CollectionServiceStub(channel)
        readers = []
        for name, segmentation in (
            ("plain", collection_pb2.Collection.OFF),
            ("segmented", collection_pb2.Collection.QUICK),
        ):
            request = collection_service_pb2.CreateCollectionRequest(
                collection_id=name, collection=collection_pb2.Collection(segmentation=segmentation)
            )
            made = await service.CreateCollection(request, timeout=60)
            readers.append(Reader(channel, made.name))
        direct, through_gateway = GrpcFace(channel), HttpFace(client)
        faces: list[Face] = [direct, direct, direct, direct, through_gateway, through_gateway]
        yield Crew(faces, readers)

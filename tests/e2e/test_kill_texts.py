"""Processes are killed while texts come, change and go; what was acknowledged is there afterwards.

`SIGHTLINE_TEXT_KILLS` is how many (10), `SIGHTLINE_KILL_SEED` of which chance (1).
"""

import asyncio
import os
import random
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from sightline.v1 import (
    collection_service_pb2,
    collection_service_pb2_grpc,
    search_service_pb2,
    search_service_pb2_grpc,
    text_pb2,
    text_service_pb2,
    text_service_pb2_grpc,
)
from tests.fixtures.ledger import LOST
from tests.fixtures.service import Service
from tests.fixtures.stack import Stack, running_stack

KILLS = int(os.environ.get("SIGHTLINE_TEXT_KILLS", "10"))
SEED = int(os.environ.get("SIGHTLINE_KILL_SEED", "1"))
PARENT = "collections/default"
WORDS = ("red", "green", "blue", "circle", "square", "star", "cat", "dog")
WRITERS = 4
TIMEOUT = 20.0


@pytest.mark.timeout(900)
async def test_texts_that_were_acknowledged_survive_every_kill(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        options = [("grpc.max_reconnect_backoff_ms", 300), ("grpc.enable_retries", 0)]
        async with grpc.aio.insecure_channel(stack.orchestrator_address, options=options) as channel:
            writers = [Writer(number, channel) for number in range(WRITERS)]
            ended = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                for writer in writers:
                    group.create_task(writer.write(ended))
                await slay(stack, writers)
                ended.set()
            await agree(channel, {id: may_be for each in writers for id, may_be in each.may_be.items()})
            assert sum(writer.acknowledged for writer in writers) >= KILLS
            whole = await contents(channel)
            for batch in (batch for writer in writers for batch in writer.batches):
                assert len({id in whole for id in batch}) == 1, f"half of {batch}"


async def slay(stack: Stack, writers: list["Writer"]) -> None:
    """Kills one process after another at chance moments, and starts each again."""
    chance = random.Random(SEED)
    for name in ["orchestrator", "index", *chance.choices(["orchestrator", "index"], k=KILLS)][:KILLS]:
        wanted = sum(writer.acknowledged for writer in writers) + chance.randrange(6)
        deadline = time.monotonic() + 10
        while sum(writer.acknowledged for writer in writers) < wanted and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        await asyncio.sleep(chance.uniform(0, 0.2))
        service: Service = getattr(stack, name)
        await asyncio.to_thread(service.kill)
        service.launch()
        await asyncio.to_thread(service.wait_until_ready)
    await asyncio.sleep(0.5)


@dataclass
class Writer:
    """Creates, changes and deletes texts of its own. `may_be`: id → all that it may be now; None: absent."""

    number: int
    channel: grpc.aio.Channel
    may_be: dict[str, set[str | None]] = field(default_factory=dict)
    batches: list[list[str]] = field(default_factory=list)
    acknowledged: int = 0

    def __post_init__(self) -> None:
        self._texts: Any = text_service_pb2_grpc.TextServiceStub(self.channel)
        self._chance = random.Random(SEED * 100 + self.number)

    async def write(self, ended: asyncio.Event) -> None:
        """Writes until it is told to end."""
        while not ended.is_set():
            lost = not await self._write_once()
            self.acknowledged += not lost
            if lost:
                await asyncio.sleep(0.2)

    async def _write_once(self) -> bool:
        there = [id for id, may_be in self.may_be.items() if None not in may_be]
        dice = self._chance.random()
        if dice < 0.3 or not there:
            return await self._create([f"w{self.number}-{len(self.may_be)}"])
        if dice < 0.5:
            ids = [f"w{self.number}-{len(self.may_be) + place}" for place in range(3)]
            done = await self._create(ids)
            self.batches.append(ids)
            return done
        id = self._chance.choice(there)
        before, after = self.may_be[id], None if dice > 0.8 else self._words()
        self.may_be[id] = before | {after}
        if after is None:  # whether its batch is whole says nothing any more
            self.batches = [batch for batch in self.batches if id not in batch]
        name = f"{PARENT}/texts/{id}"
        if after is None:
            done = await self._call(self._texts.DeleteText, text_service_pb2.DeleteTextRequest(name=name))
        else:
            change = text_service_pb2.UpdateTextRequest(text=text_pb2.Text(name=name, content=after))
            done = await self._call(self._texts.UpdateText, change)
        if done:
            self.may_be[id] = {after}
        return done

    async def _create(self, ids: list[str]) -> bool:
        contents = {id: self._words() for id in ids}
        self.may_be |= {id: {None, content} for id, content in contents.items()}
        batch = text_service_pb2.BatchCreateTextsRequest(
            parent=PARENT,
            requests=[
                text_service_pb2.CreateTextRequest(
                    text_id=id, text=text_pb2.Text(content=content), request_id=str(uuid.uuid4())
                )
                for id, content in contents.items()
            ],
        )
        for _ in range(2):  # the same again, where nothing was heard: it makes nothing twice
            if await self._call(self._texts.BatchCreateTexts, batch):
                self.may_be |= {id: {content} for id, content in contents.items()}
                return True
        return False

    async def _call(self, method: Any, request: Any) -> bool:
        """False where the answer was lost; fails for any other than success."""
        try:
            await method(request, timeout=TIMEOUT)
        except grpc.aio.AioRpcError as error:
            if error.code().name not in LOST:
                raise
            return False
        return True

    def _words(self) -> str:
        return " ".join(self._chance.choices(WORDS, k=3)) + f" {self._chance.randrange(1 << 30)}"


async def agree(channel: grpc.aio.Channel, may_be: dict[str, set[str | None]]) -> None:
    """Fails where List, Search and the counts disagree with each other, or with what was acknowledged."""
    collections: Any = collection_service_pb2_grpc.CollectionServiceStub(channel)
    deadline = time.monotonic() + 60
    while True:
        counted = await collections.GetCollection(
            collection_service_pb2.GetCollectionRequest(name=PARENT), timeout=TIMEOUT
        )
        held = await collections.GetCollectionStatistics(
            collection_service_pb2.GetCollectionStatisticsRequest(name=f"{PARENT}/statistics"),
            timeout=TIMEOUT,
        )
        if (held.text_vector_count, held.pending_text_count) == (counted.text_count, 0):
            break
        assert time.monotonic() < deadline, (held, counted)
        await asyncio.sleep(0.25)
    listed = await contents(channel)
    assert len(listed) == counted.text_count
    assert listed.keys() <= may_be.keys(), "nobody made these"
    for id, possible in may_be.items():
        assert listed.get(id) in possible, f"{id} is {listed.get(id)!r}, may be {possible}"
    found = await searched(channel, held.dimension)
    assert found == listed


async def contents(channel: grpc.aio.Channel) -> dict[str, str]:
    """All texts by id, page by page."""
    texts: Any = text_service_pb2_grpc.TextServiceStub(channel)
    request = text_service_pb2.ListTextsRequest(parent=PARENT, page_size=50)
    found: dict[str, str] = {}
    while True:
        answer = await texts.ListTexts(request, timeout=TIMEOUT)
        found |= {text.name.rpartition("/")[2]: text.content for text in answer.texts}
        if not answer.next_page_token:
            assert len(found) == answer.total_size
            return found
        request.page_token = answer.next_page_token


async def searched(channel: grpc.aio.Channel, dimension: int) -> dict[str, str]:
    """All hits of a search by id, page by page."""
    search: Any = search_service_pb2_grpc.SearchServiceStub(channel)
    request = search_service_pb2.SearchRequest(
        parent=PARENT, target=search_service_pb2.SearchRequest.TEXTS, page_size=200
    )
    request.vector.values.extend(np.random.default_rng(7).normal(size=dimension).tolist())
    found: dict[str, str] = {}
    while True:
        answer = await search.Search(request, timeout=TIMEOUT)
        found |= {hit.text.rpartition("/")[2]: hit.content for hit in answer.hits}
        if not answer.next_page_token:
            return found
        request.page_token = answer.next_page_token

"""What every source holds to, whatever it reads."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.application.index_image import check_description
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import Description
from orchestrator.domain.import_source import SourceItem
from tests.fixtures.source_worlds import WORLDS, World
from tests.fixtures.sources import contents, listed
from tests.fixtures.web_server import WebServer, web_server


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        yield server


@pytest.fixture(params=WORLDS)
async def world(request: pytest.FixtureRequest, tmp_path: Path, web: WebServer) -> AsyncIterator[World]:
    made = WORLDS[request.param](tmp_path, web)
    yield made
    await made.sources.close()


async def test_what_was_put_in_is_read(world: World) -> None:
    assert await contents(world.sources, world.source) == world.holds


async def test_keys_and_fingerprints_stay_the_same(world: World) -> None:
    first, second = [await listed(world.sources, world.source) for _ in range(2)]
    assert first == second
    assert len({item.key for item in first}) == len(first)
    assert all(item.fingerprint for item in first)


async def test_items_are_kept_as_json_and_within_limits(world: World) -> None:
    for item in await listed(world.sources, world.source):
        assert json.loads(json.dumps(item.locator)) == item.locator
        check_description(item.description)
        assert item.description != Description()


async def test_a_listing_that_was_cut_short_is_simply_begun_again(world: World) -> None:
    async with world.sources.open(world.source) as source:
        async for _ in source.items():
            break
    assert await contents(world.sources, world.source) == world.holds


async def test_an_item_reads_by_what_was_kept_of_it(world: World) -> None:
    """As an engine does that kept key and locator alone, and reads after a restart."""
    for item in await listed(world.sources, world.source):
        kept = SourceItem(key=item.key, locator=json.loads(json.dumps(item.locator)), text=item.text)
        async with world.sources.open(world.source) as source:
            if item.text is None:
                assert await source.read(kept) == world.holds[item.key]


async def test_what_changed_since_it_was_listed_is_that_items_failure(world: World) -> None:
    items = await listed(world.sources, world.source)
    world.change()
    async with world.sources.open(world.source) as source:
        first = next(item for item in items if item.key == next(iter(world.holds)))
        with pytest.raises(InvalidArgument):
            await source.read(first)

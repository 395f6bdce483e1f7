"""Collections move to another index, and their pictures to another store, while they are written to."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orchestrator.adapters.blobs.object_store import ObjectStoreBlobs
from orchestrator.adapters.migration.copies import SqliteCopies
from orchestrator.application.collections import create_collection
from orchestrator.application.images import delete_image, list_images, update_image
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.index_texts import CreateText, create_texts
from orchestrator.application.migrate import index as migrating
from orchestrator.application.migrate.files import migrate_files
from orchestrator.application.migrate.index import IndexOutcome, migrate_index
from orchestrator.application.ports import Kind, Ports, VectorIndex
from orchestrator.domain.filter import Comparison, Operator
from orchestrator.domain.image import Description
from orchestrator.domain.names import CollectionName, ImageName
from orchestrator.domain.text import TextFields
from orchestrator.migrate.run import NoEngine, index_settings
from tests.fakes.index import MemoryIndex
from tests.fakes.models import PACK
from tests.fixtures.buckets import Bucket
from tests.fixtures.crash import Death, Killed, Mortal
from tests.fixtures.pictures import drawing, encoded

SHOP = CollectionName("shop")
COLOURS = ("red", "green", "blue", "yellow", "purple", "orange", "black")


async def silent(progress: dict[str, Any]) -> None:
    """Tells nobody."""


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "_WORKS", 2)
    monkeypatch.setattr(migrating, "_NAMES", 3)


async def add(ports: Ports, number: int, colour: str) -> None:
    content = encoded(drawing("white", {colour: (8, 8, 40 + number, 40)}), "PNG")
    said = Description(folder="old")
    await create_image(
        ports, CreateImage(parent=SHOP, image_id=f"i{number}", content=content, description=said)
    )


@pytest.fixture
async def shop(ports: Ports) -> Ports:
    """Seven pictures with a region each, and three texts."""
    await create_collection(ports, collection_id="shop", embedder=PACK, segmenter=PACK)
    for number, colour in enumerate(COLOURS):
        await add(ports, number, colour)
    texts = [
        CreateText(text_id=f"t{n}", fields=TextFields(content=f"a {COLOURS[n]} thing")) for n in range(3)
    ]
    await create_texts(ports, SHOP, texts)
    return ports


@pytest.fixture
async def copies(tmp_path: Path) -> AsyncIterator[SqliteCopies]:
    opened = SqliteCopies(tmp_path / "migrations" / "copies.sqlite")
    yield opened
    opened.close()


async def run(ports: Ports, target: VectorIndex, copies: SqliteCopies) -> IndexOutcome:
    collection = await ports.catalog.get_collection(SHOP)
    return await migrate_index(ports, target, copies, collection, silent)


async def holds_the_same(ports: Ports, target: VectorIndex) -> None:
    """Every search of one index is answered by the other as well."""
    collection = await ports.catalog.get_collection(SHOP)
    space = collection.namespace
    assert {name async for name in target.names(space)} == {name async for name in ports.index.names(space)}
    filters = [None, *(Comparison("folder", Operator.EQ, value) for value in ("old", "new"))]
    vector = np.full(collection.dimension, collection.dimension**-0.5, np.float32)
    for kind, filter in itertools.product(Kind, filters):
        theirs = await target.search(space, vector, kind, limit=1000, filter=filter)
        assert theirs == await ports.index.search(space, vector, kind, limit=1000, filter=filter)


async def test_the_target_holds_all_of_it_and_says_so(shop: Ports, copies: SqliteCopies) -> None:
    target = MemoryIndex()
    outcome = await run(shop, target, copies)
    assert outcome.complete
    assert outcome.vectors == outcome.target_vectors == 17
    assert outcome.checksum == outcome.target_checksum != f"{0:016x}"
    assert (outcome.copied, outcome.sampled) == (10, 17)
    await holds_the_same(shop, target)
    again = await run(shop, target, copies)
    assert (again.copied, again.complete, again.checksum) == (0, True, outcome.checksum)


async def test_what_changed_between_two_runs_is_brought_along(shop: Ports, copies: SqliteCopies) -> None:
    target = MemoryIndex()
    first = await run(shop, target, copies)
    await delete_image(shop, name=ImageName("shop", "i0"))
    await delete_image(shop, name=ImageName("shop", "i1"))
    await add(shop, 1, "black")  # another picture of the same name
    await add(shop, 9, "red")
    await update_image(shop, name=ImageName("shop", "i2"), changes={"folder": "new"})
    second = await run(shop, target, copies)
    assert second.complete
    assert second.copied == 3
    assert second.checksum != first.checksum
    await holds_the_same(shop, target)


@pytest.mark.parametrize("after", [False, True])
async def test_a_migration_that_is_killed_anywhere_goes_on_and_ends_the_same(
    shop: Ports, tmp_path: Path, *, after: bool
) -> None:
    for step in itertools.count(1):
        target, death = MemoryIndex(), Death(step, after=after)
        copies = SqliteCopies(tmp_path / "kills" / f"{step}-{after}.sqlite")
        mortal_copies: Any = Mortal(copies, death)
        try:
            await run(shop, Dying(target, death), mortal_copies)
        except Killed:
            assert (await run(shop, target, copies)).complete
        copies.close()
        await holds_the_same(shop, target)
        if not death.struck:
            break
    assert step > 8


class Dying(Mortal):
    """An index that dies with its process, and tells its lag."""

    lag = 0.0


async def test_writes_meanwhile_lose_nothing(shop: Ports, copies: SqliteCopies) -> None:
    target = Slow()
    collection = await shop.catalog.get_collection(SHOP)
    migration = asyncio.create_task(migrate_index(shop, target, copies, collection, silent))
    for number in range(10, 30):
        await add(shop, number, COLOURS[number % 7])
        await update_image(shop, name=ImageName("shop", f"i{number % 7}"), changes={"folder": "new"})
        await delete_image(shop, name=ImageName("shop", f"i{number}")) if number % 3 else None
    await migration
    assert (await run(shop, target, copies)).complete
    await holds_the_same(shop, target)


class Slow(MemoryIndex):
    async def upsert(self, namespace: str, records: Any) -> None:
        await asyncio.sleep(0.02)
        await super().upsert(namespace, records)


async def test_a_target_that_lost_or_spoiled_something_is_repaired(shop: Ports, copies: SqliteCopies) -> None:
    target = MemoryIndex()
    await run(shop, target, copies)
    collection = await shop.catalog.get_collection(SHOP)
    space = collection.namespace
    await target.delete(space, ["collections/shop/images/i3"])
    kept = target._namespaces[space].records
    name = "collections/shop/images/i4"
    kept[name] = replace(kept[name], vector=-kept[name].vector)
    kept["collections/shop/images/ghost"] = replace(kept[name], name="collections/shop/images/ghost")
    outcome = await run(shop, target, copies)
    assert outcome.complete
    assert outcome.copied == 2
    await holds_the_same(shop, target)


async def test_a_target_that_keeps_nothing_is_told(shop: Ports, copies: SqliteCopies) -> None:
    class Forgetful(MemoryIndex):
        async def upsert(self, namespace: str, records: Any) -> None:
            await super().upsert(namespace, records[1:])

    outcome = await run(shop, Forgetful(), copies)
    assert not outcome.complete
    assert outcome.checksum != outcome.target_checksum


async def test_pictures_move_to_a_bucket(shop: Ports, s3: Bucket) -> None:
    s3.throttled.refuse_every = 5
    target = ObjectStoreBlobs(s3.url)
    collection = await shop.catalog.get_collection(SHOP)
    outcome = await migrate_files(shop, shop.blobs, target, collection, silent)
    assert outcome.complete
    assert (outcome.files, outcome.target_files, outcome.copied) == (7, 7, 7)
    assert outcome.checksum == outcome.target_checksum
    await add(shop, 9, "red")
    again = await migrate_files(shop, shop.blobs, target, collection, silent)
    assert (again.files, again.copied, again.complete) == (8, 1, True)
    for image in (await list_images(shop, parent=SHOP))[0]:
        assert await target.get(image.blob_key) == await shop.blobs.get(image.blob_key)


async def test_pictures_that_are_gone_or_damaged_are_told(shop: Ports, tmp_path: Path) -> None:
    images, _, _ = await list_images(shop, parent=SHOP, order_by="name")
    await shop.blobs.delete([images[0].blob_key])
    await shop.blobs.put(images[1].blob_key, b"another picture")
    target = ObjectStoreBlobs((tmp_path / "target").as_uri())
    collection = await shop.catalog.get_collection(SHOP)
    outcome = await migrate_files(shop, shop.blobs, target, collection, silent)
    assert (outcome.files, outcome.target_files, outcome.damaged, outcome.complete) == (7, 5, 2, False)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("qdrant://host:6334", {"index_engine": "qdrant", "index_address": "host:6334", "index_tls": False}),
        ("qdrants://host:6334", {"index_engine": "qdrant", "index_address": "host:6334", "index_tls": True}),
        (
            "pinecone://pictures?region=eu-west-1&cloud=aws",
            {
                "index_engine": "pinecone",
                "pinecone_index": "pictures",
                "pinecone_region": "eu-west-1",
                "pinecone_cloud": "aws",
            },
        ),
    ],
)
def test_engines_are_named_by_urls(url: str, expected: dict[str, Any]) -> None:
    assert index_settings(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "qdrant://",
        "qdrant://key@host:1",
        "qdrant://host/path",
        "qdrant://host?x=1",
        "redis://host",
        "pinecone://name?key=x",
    ],
)
def test_a_url_that_names_no_engine_is_refused(url: str) -> None:
    with pytest.raises(NoEngine):
        index_settings(url)

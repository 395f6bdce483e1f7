"""A catalog moves from one engine to another, whole and checked, or not at all."""

import itertools
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestrator.adapters.catalog.copy import CannotCopy, copy_catalog
from orchestrator.adapters.catalog.operation_rows import SqlOperations
from orchestrator.adapters.catalog.peer_rows import SqlPeers
from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.application.operations import new_operation
from orchestrator.application.ports import ImageOrder, RequestRecord
from orchestrator.domain.filter import Comparison, Operator
from orchestrator.domain.names import CollectionName
from orchestrator.topology import this_orchestrator
from tests.fixtures.images import collection, image, new_text, region, text, vectors_of

THINGS = CollectionName("things")
LATER = datetime(2100, 1, 1, tzinfo=UTC)


async def filled(url: str, images: int = 1100) -> SqlCatalog:
    """A catalog of shown images with regions, a text, a write that was cut short, and an operation."""
    catalog = SqlCatalog(url)
    await catalog.open()
    await catalog.add_collection(collection(labels_vocabulary=("cat", "dog")))
    for number in range(images):
        one = image(f"i{number}", folder=f"f{number % 3}", caption="\U0001f600 \"'%\\", metadata={"n": 0.1})
        work = await catalog.begin_image(one, [region(one)], vectors_of(one, [region(one)]))
        if number:
            assert await catalog.finish(work, work.entry)
    await catalog.begin_texts(THINGS, [new_text(text())])
    request = RequestRecord(request_id="r", payload="p", made=image("asked").name)
    await catalog.begin_image(image("asked"), [], vectors_of(image("asked")), request)
    await SqlOperations(catalog.database).add(new_operation("count", {"to": 3}))
    return catalog


async def told(catalog: SqlCatalog) -> list[object]:
    """What callers see of it."""
    images = await catalog.list_images(THINGS, order=ImageOrder.NAME, limit=2000)
    return [
        await catalog.list_collections(limit=9),
        images,
        await catalog.list_regions(images[0].name, limit=9),
        {
            name: stored.vector.tobytes()
            for name, stored in (await catalog.get_vectors([images[0].name])).items()
        },
        await catalog.count_images(THINGS, Comparison("folder", Operator.EQ, "f1")),
        await catalog.owed(before=LATER, limit=99),
        await catalog.find_request(THINGS, "r"),
        await SqlPeers(catalog.database).catalog_id(),
    ]


async def test_it_moves_to_postgres_and_back(tmp_path: Path, postgres_url: str) -> None:
    urls = [f"sqlite:///{tmp_path}/a.sqlite", postgres_url, f"sqlite:///{tmp_path}/b.sqlite"]
    first = await filled(urls[0])
    expected = await told(first)
    await first.close()
    for source, target in itertools.pairwise(urls):
        copied = await copy_catalog(source, target)
        assert (copied["images"], copied["regions"], copied["texts"], copied["outbox"]) == (1101, 1100, 1, 3)
        moved = SqlCatalog(target)
        await moved.open()
        assert await told(moved) == expected
        await moved.close()
    moved = SqlCatalog(urls[1])
    await moved.open()
    new = image("new")  # the outbox counts on behind what was copied
    work = await moved.begin_image(new, [], vectors_of(new))
    assert work.entry is not None
    assert work.entry.id not in {entry.id for entry in expected[5]}  # type: ignore[attr-defined]
    await moved.close()


async def test_it_stays_where_somebody_works_on_it_or_something_is_there(tmp_path: Path) -> None:
    source, target = f"sqlite:///{tmp_path}/a.sqlite", f"sqlite:///{tmp_path}/b.sqlite"
    catalog = await filled(source, images=1)
    peers = SqlPeers(catalog.database)
    one = this_orchestrator("qdrant", "127.0.0.1:6334")
    await peers.beat(one)
    with pytest.raises(CannotCopy, match="stop it first"):
        await copy_catalog(source, target)
    await peers.leave(one.id)
    other = SqlCatalog(target)
    await other.open()
    await other.add_collection(collection("mine"))
    with pytest.raises(CannotCopy, match="not empty"):
        await copy_catalog(source, target)
    assert [each.name.collection for each in await other.list_collections(limit=9)] == ["mine"]
    for each in (catalog, other):
        await each.close()


def test_the_program_says_in_a_line_what_it_did(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "orchestrator.adapters.catalog.copy"]
    done = subprocess.run(
        [*command, "--from", f"sqlite:///{tmp_path}/a.sqlite", "--to", f"sqlite:///{tmp_path}/b.sqlite"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "0 images" in done.stdout
    refused = subprocess.run(
        [*command, "--from", "mysql://me:hidden@host/x", "--to", "-"], capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: ")
    assert "hidden" not in refused.stderr

"""What every object store does."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.adapters.blobs.object_store import ObjectStoreBlobs
from orchestrator.application.ports import Blobs
from orchestrator.domain.errors import DataLoss, InvalidArgument


@pytest.fixture(params=["local", "s3", "gcs"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "local":
        url = (tmp_path / "a store" / "blobs").as_uri()
    else:
        url = request.getfixturevalue(request.param).url
    opened = ObjectStoreBlobs(url)
    await opened.open()
    return opened


@pytest.mark.parametrize("key", ["a", "c/images/0a/IMG~1.x_y-z.01", "c/images/ff/" + "x" * 128 + ".uid"])
async def test_a_file_is_read_as_it_was_written(blobs: Blobs, key: str) -> None:
    await blobs.put(key, b"first")
    await blobs.put(key, b"second", content_type="image/png")
    assert await blobs.get(key) == b"second"
    assert [found async for found, _ in blobs.list()] == [key]


async def test_a_file_of_the_largest_size_and_an_empty_one(blobs: Blobs) -> None:
    largest = os.urandom(32 * 1024 * 1024)
    await blobs.put("c/largest", largest)
    await blobs.put("c/empty", b"")
    assert await blobs.get("c/largest") == largest
    assert await blobs.get("c/empty") == b""


async def test_a_file_that_is_gone_is_data_loss(blobs: Blobs) -> None:
    with pytest.raises(DataLoss):
        await blobs.get("c/none")


async def test_deleting_again_is_no_error(blobs: Blobs) -> None:
    await blobs.put("c/a", b"1")
    await blobs.put("c/b", b"2")
    for _ in range(2):
        await blobs.delete(["c/a", "c/none"])
    assert [key async for key, _ in blobs.list()] == ["c/b"]
    await blobs.delete([])


async def test_a_list_tells_what_lies_below_and_since_when(blobs: Blobs) -> None:
    for key in ("c/a/1", "c/a/2", "c/ab/3", "d/4"):
        await blobs.put(key, b"")
    found = {key: written async for key, written in blobs.list("c/a")}
    assert sorted(found) == ["c/a/1", "c/a/2"]
    assert all(abs(datetime.now(UTC) - written) < timedelta(hours=1) for written in found.values())


async def test_a_list_and_a_deletion_of_more_than_a_page(blobs: Blobs) -> None:
    keys = [f"c/{number:04}" for number in range(1205)]
    for start in range(0, len(keys), 64):
        await asyncio.gather(*(blobs.put(key, b"x") for key in keys[start : start + 64]))
    assert sorted([key async for key, _ in blobs.list("c")]) == keys
    await blobs.delete(keys[:1203])
    assert sorted([key async for key, _ in blobs.list()]) == keys[1203:]


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../up", "a/../../up", "a//b", "a/.", "a\\b", "a\0b"])
async def test_a_key_stays_inside_the_store(blobs: Blobs, key: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument):
        await blobs.put(key, b"x")
    with pytest.raises(InvalidArgument):
        await blobs.get(key)
    with pytest.raises(InvalidArgument):
        await blobs.delete([key])
    with pytest.raises(InvalidArgument):
        await blobs.sign(key, lifetime=timedelta(seconds=1))
    assert [found async for found, _ in blobs.list()] == []
    assert _files(tmp_path) == []


async def test_it_tells_whether_it_answers(blobs: Blobs) -> None:
    assert await blobs.ready()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]

"""What every object store does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.adapters.blobs.object_store import ObjectStoreBlobs
from orchestrator.application.ports import Blobs
from orchestrator.domain.errors import DataLoss, InvalidArgument


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return ObjectStoreBlobs((tmp_path / "a store" / "blobs").as_uri())


@pytest.mark.parametrize("key", ["a", "c/images/0a/IMG~1.x_y-z.01", "c/images/ff/" + "x" * 128 + ".uid"])
async def test_a_file_is_read_as_it_was_written(blobs: Blobs, key: str) -> None:
    await blobs.put(key, b"first")
    await blobs.put(key, b"second")
    assert await blobs.get(key) == b"second"
    assert [found async for found, _ in blobs.list()] == [key]


async def test_a_file_that_is_gone_is_data_loss(blobs: Blobs) -> None:
    with pytest.raises(DataLoss):
        await blobs.get("c/none")


async def test_deleting_again_is_no_error(blobs: Blobs) -> None:
    await blobs.put("c/a", b"1")
    await blobs.put("c/b", b"2")
    for _ in range(2):
        await blobs.delete(["c/a", "c/none"])
    assert [key async for key, _ in blobs.list()] == ["c/b"]


async def test_a_list_tells_what_lies_below_and_since_when(blobs: Blobs) -> None:
    for key in ("c/a/1", "c/a/2", "c/ab/3", "d/4"):
        await blobs.put(key, b"")
    found = {key: written async for key, written in blobs.list("c/a")}
    assert sorted(found) == ["c/a/1", "c/a/2"]
    assert all(abs(datetime.now(UTC) - written) < timedelta(hours=1) for written in found.values())


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../up", "a/../../up", "a//b", "a/.", "a\\b", "a\0b"])
async def test_a_key_stays_inside_the_store(blobs: Blobs, key: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument):
        await blobs.put(key, b"x")
    with pytest.raises(InvalidArgument):
        await blobs.get(key)
    assert _files(tmp_path) == []


async def test_it_tells_whether_it_answers(blobs: Blobs) -> None:
    assert await blobs.ready()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]

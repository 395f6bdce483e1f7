"""Data sets of a hub on this machine that speaks the public one's layout."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, ResourceExhausted, Unavailable
from orchestrator.domain.import_source import DatasetSource
from tests.fixtures.hub import FakeHub, running_hub
from tests.fixtures.sources import contents, listed, sources_of
from tests.fixtures.tables import FEATURES, picture, table_of, write_parquet

ROWS = [
    {"image": picture(f"{n}".encode() * 9000, f"{n}.jpg"), "label": n % 3, "caption": f"{n}"}
    for n in range(9)
]
Start = Callable[..., FakeHub]


def parquet_of(tmp_path: Path, table: pa.Table) -> bytes:
    write_parquet(table, tmp_path / "made.parquet", rows_a_group=4)
    return (tmp_path / "made.parquet").read_bytes()


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a hub, which HF_ENDPOINT names until the test ends."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def started(**said: object) -> FakeHub:
            hub = FakeHub(repository="people/birds", kind="datasets", **said)  # type: ignore[arg-type]
            stack.enter_context(running_hub(hub))
            monkeypatch.setenv("HF_ENDPOINT", hub.address)
            monkeypatch.setenv("HF_TOKEN", "hf_secret")
            return hub

        yield started


BIRDS = DatasetSource(hub_id="people/birds")


async def test_a_hubs_parquet_is_streamed(tmp_path: Path, start: Start) -> None:
    name = "data/train-00000-of-00001.parquet"
    hub = start(files={name: parquet_of(tmp_path, table_of(ROWS, FEATURES)), "README.md": b"# Birds"})
    items = await listed(sources_of(), BIRDS)
    assert [item.key for item in items] == [f"{name}/{number}" for number in range(9)]
    assert [item.description.labels[0].label for item in items[:3]] == ["cat", "dog", "bird"]
    assert items[0].description.source_uri == f"{hub.address}/datasets/people/birds/blob/main/{name}#0"
    found = await contents(sources_of(), BIRDS)
    assert list(found.values()) == [f"{n}".encode() * 9000 for n in range(9)]
    assert {asked for _, path, asked in hub.requests if name in path and asked is None} == set()
    assert {token for path, token in hub.tokens if hub.repository in path} == {"Bearer hf_secret"}


async def test_a_large_file_from_the_hubs_storage_gets_no_token(tmp_path: Path, start: Start) -> None:
    hub = start(files={"train.parquet": parquet_of(tmp_path, table_of(ROWS))}, redirect=True)
    assert len(await contents(sources_of(), BIRDS)) == 9
    assert {token for path, token in hub.tokens if path.startswith("/storage/")} == {None}


async def test_what_was_listed_is_read_at_its_commit(tmp_path: Path, start: Start) -> None:
    hub = start(files={"train.parquet": parquet_of(tmp_path, table_of(ROWS))})
    items = await listed(sources_of(), BIRDS)
    hub.commit = "1" * 40
    async with sources_of().open(BIRDS) as source:
        with pytest.raises(InvalidArgument):  # this hub forgets commits; the public one does not
            await source.read(items[0])
    assert items[0].fingerprint == (await listed(sources_of(), BIRDS))[0].fingerprint


async def test_what_is_no_parquet_is_read_as_the_hub_converted_it(tmp_path: Path, start: Start) -> None:
    converted = {"default/train/0000.parquet": parquet_of(tmp_path, table_of(ROWS))}
    hub = start(files={"images.zip": b"PK"}, converted=converted)
    found = await contents(sources_of(), BIRDS)
    assert list(found) == [f"default/train/0000.parquet/{number}" for number in range(9)]
    hub.converted = None
    assert await contents(sources_of(), BIRDS) == {}


async def test_picture_files_of_a_hub(start: Start) -> None:
    start(files={"train/cat/1.jpg": b"1", "train/dog/2.jpg": b"2", "test/cat/3.jpg": b"3"})
    items = await listed(sources_of(), BIRDS)
    assert {item.key: item.description.labels[0].label for item in items} == {
        "train/cat/1.jpg": "cat",
        "train/dog/2.jpg": "dog",
    }
    assert await contents(sources_of(), BIRDS) == {"train/cat/1.jpg": b"1", "train/dog/2.jpg": b"2"}


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (404, "RepoNotFound", InvalidArgument),
        (401, "RepoNotFound", InvalidArgument),
        (403, "GatedRepo", FailedPrecondition),
        (403, "", FailedPrecondition),
        (404, "RevisionNotFound", InvalidArgument),
        (429, "", ResourceExhausted),
        (500, "", Unavailable),
    ],
)
async def test_what_the_hub_answers_is_told(
    start: Start, status: int, code: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    start(files={}, status=status, error_code=code)
    with pytest.raises(error) as failed:
        await listed(sources_of(), BIRDS)
    assert "hf_secret" not in str(failed.value)


async def test_a_revision_that_is_not_there(start: Start) -> None:
    start(files={})
    with pytest.raises(InvalidArgument, match="revision"):
        await listed(sources_of(), DatasetSource(hub_id="people/birds", revision="v2"))


async def test_a_hub_that_breaks_off_may_be_asked_again(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    hub = start(files={"train.parquet": parquet_of(tmp_path, table_of(ROWS))})
    hub.cut_after = [10] * 50
    with pytest.raises(Unavailable):
        await listed(sources_of(), BIRDS)
    hub.cut_after = []
    assert len(await listed(sources_of(), BIRDS)) == 9


async def test_nobody_is_there(monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    start(files={})
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Unavailable):
        await listed(sources_of(), BIRDS)

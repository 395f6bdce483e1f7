"""Data sets: Parquet and Arrow files, folders of pictures, by the conventions of the Hugging Face hub."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, SightlineError
from orchestrator.domain.import_source import DatasetSource, SourceItem
from tests.fixtures.sources import contents, listed, sources_of
from tests.fixtures.tables import FEATURES, picture, table_of, write_arrow, write_parquet
from tests.fixtures.web_server import WebServer, web_server

ROWS: list[dict[str, Any]] = [
    {"image": picture(b"one", "one.jpg"), "label": 0, "caption": "a cat", "n": 1},
    {"image": picture(b"two", "two.jpg"), "label": 2, "caption": "", "n": 2},
    {"image": None, "label": 1, "caption": "words alone", "n": 3},
    {"image": picture(b"four"), "label": -1, "caption": None, "n": None},
    {"image": None, "label": None, "caption": None, "n": 5},
]


def of(folder: Path, **said: Any) -> DatasetSource:
    return DatasetSource(uri=folder.as_uri(), **said)


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        yield server


@pytest.mark.parametrize("format", ["parquet", "stream", "file"])
async def test_rows_with_a_picture_are_images_and_those_with_words_alone_texts(
    tmp_path: Path, format: str
) -> None:
    table = table_of(ROWS, FEATURES)
    if format == "parquet":
        name = "train-00000-of-00001.parquet"
        write_parquet(table, tmp_path / name)
    else:
        name = "data-00000-of-00001.arrow"
        write_arrow(table, tmp_path / name, stream=format == "stream")
    source = of(tmp_path, columns=("n",))
    items = await listed(sources_of(), source)
    assert [item.key for item in items] == [f"{name}/{number}" for number in range(5)]
    first = items[0].description
    assert (first.display_name, first.caption, first.metadata) == ("one.jpg", "a cat", {"n": 1})
    assert [[label.label for label in item.description.labels] for item in items] == [
        ["cat"],
        ["bird"],
        ["dog"],
        [],
        [],
    ]
    assert items[2].text == "words alone"
    assert items[4].problem == "has neither a picture nor a text"
    found = await contents(sources_of(), source)
    assert list(found.values())[:4] == [b"one", b"two", "words alone", b"four"]


async def test_rows_are_read_in_any_order(tmp_path: Path) -> None:
    rows = [{"image": picture(f"{n}".encode() * 1000, f"{n}.jpg"), "n": n} for n in range(100)]
    write_parquet(table_of(rows), tmp_path / "a.parquet", rows_a_group=30)
    write_arrow(table_of(rows), tmp_path / "b.arrow", rows_a_batch=30)
    write_arrow(table_of(rows), tmp_path / "c.arrow", rows_a_batch=30, stream=False)
    items = await listed(sources_of(), of(tmp_path))
    assert len(items) == 300
    sources = sources_of()
    async with sources.open(of(tmp_path)) as source:
        for step in (1, 7, -1, -13):
            for item in items[::step]:
                number = item.key.rpartition("/")[2]
                assert await source.read(item) == number.encode() * 1000


async def test_a_column_of_bytes_with_and_without_gaps(tmp_path: Path) -> None:
    for name, values in (("whole", [b"1", b"2"]), ("gaps", [b"3", None])):
        write_parquet(pa.table({"jpg": values, "n": [1, 2]}), tmp_path / name / "x.parquet")
    assert list((await contents(sources_of(), of(tmp_path / "whole"))).values()) == [b"1", b"2"]
    found = list((await contents(sources_of(), of(tmp_path / "gaps"))).values())
    assert found == [b"3", "has neither a picture nor a text"]
    write_parquet(pa.table({"jpg": [b"1", b"2"]}), tmp_path / "alone" / "x.parquet")
    assert list((await contents(sources_of(), of(tmp_path / "alone"))).values()) == [b"1", b"2"]


async def test_urls_and_paths_in_a_column(tmp_path: Path, web: WebServer) -> None:
    web.pages["/a.png"] = (200, {"content-type": "image/png"}, b"of the web")
    (tmp_path / "data/files").mkdir(parents=True)
    (tmp_path / "data/files/b.png").write_bytes(b"beside")
    (tmp_path / "root.png").write_bytes(b"at the root")
    (tmp_path.parent / "secret.png").write_bytes(b"secret")
    values = [
        f"{web.address}/a.png",
        "files/b.png",
        "root.png",
        "../secret.png",
        "/etc/passwd",
        None,
        "http://10.0.0.1/",
    ]
    write_parquet(pa.table({"image_url": values}), tmp_path / "data/train.parquet")
    found = list((await contents(sources_of(), of(tmp_path))).values())
    assert found[:3] == [b"of the web", b"beside", b"at the root"]
    assert found[5] == "has neither a picture nor a text"
    for refused in (found[3], found[4], found[6]):
        assert isinstance(refused, InvalidArgument)
    write_parquet(table_of([{"image": picture(None, "files/b.png")}]), tmp_path / "data/test.parquet")
    assert list((await contents(sources_of(), of(tmp_path, split="test"))).values()) == [b"beside"]


async def test_texts_alone(tmp_path: Path) -> None:
    write_parquet(pa.table({"text": ["a", "", "c"], "label": ["x", "y", "z"]}), tmp_path / "train.parquet")
    items = await listed(sources_of(), of(tmp_path))
    assert [item.text for item in items] == ["a", None, "c"]
    assert [item.description.labels[0].label for item in items] == ["x", "y", "z"]


async def test_columns_are_named_by_the_caller(tmp_path: Path) -> None:
    table = pa.table({"a": [b"1"], "b": [b"2"], "said": ["x"], "kinds": [["k", "l"]], "image": ["no"]})
    write_parquet(table, tmp_path / "train.parquet")
    source = of(tmp_path, image_column="b", caption_column="said", label_column="kinds")
    (item,) = await listed(sources_of(), source)
    assert (item.description.caption, len(item.description.labels)) == ("x", 2)
    assert list((await contents(sources_of(), source)).values()) == [b"2"]
    for wrong in ({"image_column": "none"}, {"columns": ("a", "none")}, {"text_column": "none"}):
        with pytest.raises(InvalidArgument, match="there are a, b, said, kinds, image"):
            await listed(sources_of(), of(tmp_path, **wrong))


async def test_splits_and_configurations(tmp_path: Path) -> None:
    for path in ("en/train-00000-of-00001", "en/test-00000-of-00001", "fr/train-00000-of-00001", "fr/dev"):
        write_parquet(pa.table({"text": [path]}), tmp_path / f"{path}.parquet")

    async def texts(**said: Any) -> list[str | None]:
        return [item.text for item in await listed(sources_of(), of(tmp_path, **said))]

    assert await texts(config="en") == ["en/train-00000-of-00001"]
    assert await texts(config="fr", split="validation") == ["fr/dev"]
    assert len(await texts(split="all")) == 4
    with pytest.raises(InvalidArgument, match="which has test, train"):
        await texts(config="en", split="validation")
    with pytest.raises(InvalidArgument):
        await texts(config="de")
    told = {
        "configs": [{"config_name": "all", "data_files": [{"split": "train", "path": ["*/dev.parquet"]}]}]
    }
    (tmp_path / "README.md").write_text(f"---\n{json.dumps(told)}\n---\n# Data\n")
    assert await texts(config="all") == ["fr/dev"]
    with pytest.raises(InvalidArgument):
        await texts(config="en")
    (tmp_path / "README.md").write_text("---\n: [\n---\n")
    assert await texts(config="en") == ["en/train-00000-of-00001"]


async def test_what_save_to_disk_wrote(tmp_path: Path) -> None:
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    for split in ("train", "test"):
        write_arrow(table_of(ROWS[:2], FEATURES), tmp_path / split / "data-00000-of-00001.arrow")
        (tmp_path / split / "state.json").write_text("{}")
    write_arrow(table_of(ROWS, FEATURES), tmp_path / "train" / "cache-0123456789abcdef.arrow")
    found = await contents(sources_of(), of(tmp_path, split="test"))
    assert found == {
        "test/data-00000-of-00001.arrow/0": b"one",
        "test/data-00000-of-00001.arrow/1": b"two",
    }


async def test_folders_of_pictures_are_labelled_by_their_names(tmp_path: Path) -> None:
    for path in ("train/cat/1.jpg", "train/dog/2.jpg", "test/cat/3.jpg"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(path.encode())
    (tmp_path / "train/metadata.csv").write_text('file_name,text,size\ncat/1.jpg,"a, cat",3\n')
    items = {item.key: item for item in await listed(sources_of(), of(tmp_path, columns=("size",)))}
    assert items.keys() == {"train/cat/1.jpg", "train/dog/2.jpg"}
    cat = items["train/cat/1.jpg"].description
    assert (cat.labels[0].label, cat.caption, cat.metadata["size"]) == ("cat", "a, cat", "3")
    assert items["train/dog/2.jpg"].description.labels[0].label == "dog"
    assert await contents(sources_of(), of(tmp_path, split="test")) == {"test/cat/3.jpg": b"test/cat/3.jpg"}
    assert len(await listed(sources_of(), of(tmp_path, split="all"))) == 3


async def test_metadata_in_json_lines_without_splits(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"1")
    rows = [{"file_name": "1.jpg", "label": ["a", "b"], "caption": "c"}, {"file_name": 7}]
    (tmp_path / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\nnonsense\n")
    (item,) = await listed(sources_of(), of(tmp_path))
    assert ([label.label for label in item.description.labels], item.description.caption) == (["a", "b"], "c")


async def test_a_folder_of_tables_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    write_parquet(pa.table({"text": ["a"]}), tmp_path / "data/a.parquet")
    (tmp_path / "data/more").symlink_to(tmp_path)
    found = await contents(sources_of(), of(tmp_path / "data"))
    assert found == {"more/": "is a link that leads out of the folder", "a.parquet/0": "a"}


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet" * 100, b"PAR1" + b"\xff" * 64 + b"PAR1"])
@pytest.mark.parametrize("ending", ["parquet", "arrow"])
async def test_a_broken_file_is_told_and_the_others_are_read(
    tmp_path: Path, content: bytes, ending: str
) -> None:
    (tmp_path / f"a.{ending}").write_bytes(content)
    write_parquet(pa.table({"text": ["b"]}), tmp_path / "b.parquet")
    found = await contents(sources_of(), of(tmp_path))
    assert found == {f"a.{ending}": "is no table that can be read", "b.parquet/0": "b"}


async def test_files_cut_or_changed_anywhere_do_no_harm(tmp_path: Path) -> None:
    write_parquet(table_of(ROWS, FEATURES), tmp_path / "good.parquet")
    write_arrow(table_of(ROWS, FEATURES), tmp_path / "good.arrow")
    for ending in ("parquet", "arrow"):
        good = (tmp_path / f"good.{ending}").read_bytes()
        folder = tmp_path / f"bad-{ending}"
        folder.mkdir()
        for place in range(0, len(good), 97):
            for bad in (good[:place], good[:place] + bytes([good[place] ^ 255]) + good[place + 1 :]):
                (folder / f"x.{ending}").write_bytes(bad)
                try:
                    await contents(sources_of(), of(folder))
                except SightlineError:
                    continue


async def test_a_file_that_changed_since_it_was_listed_is_not_read(tmp_path: Path) -> None:
    write_parquet(table_of(ROWS[:2]), tmp_path / "a.parquet")
    items = await listed(sources_of(), of(tmp_path))
    write_parquet(table_of(ROWS[1::-1]), tmp_path / "a.parquet")
    os.utime(tmp_path / "a.parquet", (1, 1))
    async with sources_of().open(of(tmp_path)) as source:
        for item in items:
            with pytest.raises(InvalidArgument, match="has changed"):
                await source.read(item)
        (tmp_path / "a.parquet").unlink()
        with pytest.raises(InvalidArgument):
            await source.read(items[0])
        with pytest.raises(InvalidArgument):
            await source.read(SourceItem(key="x", locator={**items[0].locator, "row": 99}))


async def test_a_data_set_of_nothing_holds_nothing(tmp_path: Path) -> None:
    assert await listed(sources_of(), of(tmp_path)) == []
    write_parquet(pa.table({"n": [1]}), tmp_path / "a.parquet")
    (item,) = await listed(sources_of(), of(tmp_path))
    assert "no column holds pictures or texts" in item.problem


def test_what_is_no_data_set_is_refused(tmp_path: Path) -> None:
    for source in (
        DatasetSource(),
        DatasetSource(uri=tmp_path.as_uri(), hub_id="a/b"),
        DatasetSource(uri="http://x/"),
        DatasetSource(hub_id="../../etc"),
        DatasetSource(hub_id="a/b/c"),
        DatasetSource(hub_id="a b"),
    ):
        with pytest.raises(InvalidArgument):
            sources_of().check(source)
    with pytest.raises(FailedPrecondition):
        sources_of([]).check(of(tmp_path))


def test_missing_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name in [name for name in sys.modules if name.startswith("orchestrator.adapters.sources.dataset")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(FailedPrecondition, match=r"sightline\[import\]"):
        sources_of().check(of(tmp_path))

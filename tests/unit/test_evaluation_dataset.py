"""Data sets: what is read, and what is said of one that is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from sightline.evaluation import dataset
from sightline.evaluation.dataset import DatasetError, Record, Thing, read_dataset
from tests.fixtures.stack import GALLERY

BOX = [0, 0, 2, 2]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    for name in ("a.jpg", "cats/b.png", "cats/wild/c.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"a picture, for all that the data set knows")
    (tmp_path / "a.txt").write_text("a dog\n\nan animal\n")
    return tmp_path


def write(shelf: Path, *rows: dict[str, Any] | str) -> Path:
    path = shelf / "set.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines))
    return path


def records(path: Path, first: int | None = None) -> tuple[Record, ...]:
    return read_dataset(path, first).records


def test_lines_are_read_with_all_that_they_say(shelf: Path) -> None:
    thing = {"name": "paw", "box": BOX, "mask": {"size": [2, 2], "counts": "13"}}
    row = {"file": "a.jpg", "captions": ["a dog", "a dog"], "labels": ["dog"], "queries": ["woof"]}
    (record,) = records(write(shelf, {**row, "caption": "one dog", "things": [thing]}, "  "))
    assert record.path.samefile(shelf / "a.jpg")
    assert record.captions == ("a dog", "one dog")
    assert record.labels == ("dog", "paw")
    assert record.queries == ("woof",)
    assert record.things == (Thing(name="paw", box=(0, 0, 2, 2), runs=(1, 3), size=(2, 2)),)


def test_the_sample_gallery_is_a_data_set() -> None:
    found = records(GALLERY)
    assert found == records(GALLERY / "answers.jsonl")
    assert len(found) == 210
    assert all(record.captions and record.things for record in found)
    assert all(thing.runs for record in found for thing in record.things)
    assert records(GALLERY, first=3) == found[:3]


def test_folders_are_labels_and_texts_are_captions(shelf: Path) -> None:
    found = {record.key: record for record in records(shelf)}
    assert found["a.jpg"].captions == ("a dog", "an animal")
    assert found["a.jpg"].labels == ()
    assert found["cats/b.png"].labels == ("cats",)
    assert found["cats/wild/c.png"].labels == ("wild",)


def test_groups_likes_and_absent_texts_are_read(shelf: Path) -> None:
    held = read_dataset(
        write(
            shelf,
            {"file": "a.jpg", "captions": ["one dog"], "group": "dogs"},
            {"file": "cats/b.png", "same": "cat"},
            {"absent": ["a whale", "a whale", "a boat"]},
        )
    )
    assert [(record.group, record.same) for record in held.records] == [("dogs", ""), ("", "cat")]
    assert held.absent == ("a whale", "a boat")
    assert held.name == "set.jsonl"


def test_absent_texts_alone_are_something_to_ask(shelf: Path) -> None:
    held = read_dataset(write(shelf, {"file": "a.jpg"}, {"absent": ["a whale"]}))
    assert len(held.records) == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "no JSON"),
        ("[1]", "JSON object"),
        ({"captions": ["x"]}, "file: a text"),
        ({"file": "none.jpg"}, "there is no picture"),
        ({"file": "cats"}, "is no file"),
        ({"file": "a.jpg", "captions": "x"}, "captions: a list"),
        ({"file": "a.jpg", "captions": ["x", ""]}, "captions[1]: a text"),
        ({"file": "a.jpg", "labels": ["x" * 1001]}, "labels[0]: a text of 1 to 1,000"),
        ({"file": "a.jpg", "things": {}}, "things: a list"),
        ({"file": "a.jpg", "things": [{"name": "x"}]}, "things[0]: box:"),
        ({"file": "a.jpg", "things": [{"name": "x", "box": [2, 0, 1, 2]}]}, "things[0]: box:"),
        ({"file": "a.jpg", "things": [{"name": "x", "box": [0, 0, 1e9, 2]}]}, "things[0]: box:"),
        ({"file": "a.jpg", "things": [{"name": "x", "box": BOX, "mask": {"counts": ""}}]}, "mask: size"),
        (
            {"file": "a.jpg", "things": [{"name": "x", "box": BOX, "mask": {"size": [2, 2], "counts": "1"}}]},
            "do not fill 2 × 2",
        ),
    ],
)
def test_a_bad_line_is_named(shelf: Path, row: dict[str, Any] | str, said: str) -> None:
    path = write(shelf, {"file": "cats/b.png", "labels": ["cat"]}, row)
    with pytest.raises(DatasetError) as caught:
        read_dataset(path)
    assert str(caught.value).startswith(f"{path}:2: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_picture_that_is_there_twice_is_refused(shelf: Path) -> None:
    with pytest.raises(DatasetError, match=r"set\.jsonl:2: a\.jpg is there twice"):
        read_dataset(write(shelf, {"file": "a.jpg", "labels": ["x"]}, {"file": "a.jpg", "labels": ["y"]}))


def test_limits_are_checked_before_any_work(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(shelf, {"file": "a.jpg", "labels": ["x"]}, {"file": "cats/b.png", "labels": ["y"]})
    with monkeypatch.context() as patch:
        patch.setattr(dataset, "MOST_PICTURES", 1)
        with pytest.raises(DatasetError, match="at most 1 pictures"):
            read_dataset(path)
    with monkeypatch.context() as patch:
        patch.setattr(dataset, "MOST_LINE_BYTES", 20)
        with pytest.raises(DatasetError, match=r":1: a line has at most 20 bytes"):
            read_dataset(path)
    monkeypatch.setattr(dataset, "MAX_PICTURE_BYTES", 3)
    with pytest.raises(DatasetError, match=r":1: .*a.jpg has 42 bytes"):
        read_dataset(path)


def test_a_set_that_says_nothing_is_refused(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nothing is said"):
        read_dataset(write(shelf, {"file": "a.jpg"}))
    with pytest.raises(DatasetError, match="does not exist"):
        read_dataset(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="holds no pictures"):
        read_dataset(tmp_path / "empty")

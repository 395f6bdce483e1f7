"""Data sets to measure on: pictures, what is said of them, and the things in them.

A data set is one of

- a JSON-lines file, an object a line: `file` (relative to the data set), and any of `captions`, `labels`,
  `queries` (lists of texts) and `things` (`name`, `box` [x_min, y_min, x_max, y_max], `mask`, COCO's
  compressed run-length code). The sample gallery's `caption` is a caption too. Things' names are labels.
  Pictures with the same `same` show the same and should find one another. Those with the same `group` differ
  in something that matters: their captions and queries are asked among the group alone. A line without
  `file` may hold `absent`, texts of which no picture shows anything;
- a folder that holds `answers.jsonl`, which is such a file;
- a folder of pictures: the folder's name below it is the label of a picture, and the lines of
  `NAME.txt` beside `NAME.jpg` are its captions.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sightline._inputs import MAX_PICTURE_BYTES, PICTURE_SUFFIXES
from sightline.errors import SightlineError
from sightline.evaluation.metrics import Box
from sightline.masks import decode_runs

MOST_PICTURES = 100_000
MOST_LETTERS = 1_000
MOST_THINGS = 1_000
MOST_LINE_BYTES = 16 << 20


class DatasetError(SightlineError):
    """A data set that cannot be measured on, with its file and line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something in a picture: its name, its box in pixels, and the runs of its mask and that one's size
    (height, width), where they are known."""

    name: str
    box: Box
    runs: tuple[int, ...] = ()
    size: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A picture, `key` within its data set, and its answers."""

    path: Path
    key: str
    captions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    things: tuple[Thing, ...] = ()
    group: str = ""
    same: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Pictures with their answers, and texts that none of them answers."""

    name: str
    records: tuple[Record, ...]
    absent: tuple[str, ...] = ()


def read_dataset(path: Path, first: int | None = None) -> Dataset:
    """Reads and checks a data set whole, its pictures' presence and size included, and keeps the `first`
    so many pictures. Raises DatasetError."""
    found: Iterator[tuple[str, Record | tuple[str, ...]]]
    if path.is_dir():
        answers = path / "answers.jsonl"
        found = _read_lines(answers) if answers.is_file() else _read_folder(path)
    elif path.is_file():
        found = _read_lines(path)
    else:
        raise DatasetError(f"{path} does not exist")
    records: dict[str, Record] = {}
    absent: list[str] = []
    for where, record in found:
        if not isinstance(record, Record):
            absent += record
            continue
        if record.key in records:
            raise DatasetError(f"{where}: {record.key} is there twice")
        if len(records) == MOST_PICTURES:
            raise DatasetError(f"{where}: a data set has at most {MOST_PICTURES:,} pictures")
        _check_picture(where, record.path)
        records[record.key] = record
    if not records:
        raise DatasetError(f"{path} holds no pictures")
    if not absent and not any(
        record.captions or record.labels or record.queries or record.same for record in records.values()
    ):
        raise DatasetError(f"{path}: nothing is said of its pictures: no captions, labels, queries or things")
    kept = tuple(records.values())[: first or None]
    return Dataset(name=path.resolve().name, records=kept, absent=tuple(dict.fromkeys(absent)))


def _read_lines(path: Path) -> Iterator[tuple[str, Record | tuple[str, ...]]]:
    """Each line's place, and its record or the texts that are absent."""
    with path.open("rb") as lines:
        number = 0
        while line := lines.readline(MOST_LINE_BYTES + 1):
            number += 1
            where = f"{path}:{number}"
            if len(line) > MOST_LINE_BYTES:
                raise DatasetError(f"{where}: a line has at most {MOST_LINE_BYTES:,} bytes")
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DatasetError(f"{where}: no JSON: {error}") from error
            if not isinstance(row, dict):
                raise DatasetError(f"{where}: a line is a JSON object")
            if "file" not in row and "absent" in row:
                yield where, _texts(where, "absent", row["absent"])
            else:
                yield where, _to_record(where, path.parent, row)


def _to_record(where: str, root: Path, row: dict[str, Any]) -> Record:
    file = _text(where, "file", row.get("file"))
    things_of = row.get("things", [])
    if not isinstance(things_of, list) or len(things_of) > MOST_THINGS:
        raise DatasetError(f"{where}: things: a list of at most {MOST_THINGS:,}")
    things = tuple(_to_thing(f"{where}: things[{index}]", thing) for index, thing in enumerate(things_of))
    captions = _texts(where, "captions", row.get("captions", []))
    if "caption" in row:
        captions = (*captions, _text(where, "caption", row["caption"]))
    labels = (*_texts(where, "labels", row.get("labels", [])), *(thing.name for thing in things))
    return Record(
        path=root / file,
        key=file,
        captions=tuple(dict.fromkeys(captions)),
        labels=tuple(dict.fromkeys(labels)),
        queries=tuple(dict.fromkeys(_texts(where, "queries", row.get("queries", [])))),
        things=things,
        group=_text(where, "group", row["group"]) if "group" in row else "",
        same=_text(where, "same", row["same"]) if "same" in row else "",
    )


def _to_thing(where: str, row: object) -> Thing:
    if not isinstance(row, dict):
        raise DatasetError(f"{where}: an object with a name and a box")
    name = _text(where, "name", row.get("name"))
    box = row.get("box")
    if (
        not isinstance(box, list)
        or len(box) != 4
        or not all(isinstance(edge, int | float) and abs(edge) < 1e6 for edge in box)
        or not (box[0] < box[2] and box[1] < box[3])
    ):
        raise DatasetError(f"{where}: box: [x_min, y_min, x_max, y_max] in pixels, each below its maximum")
    thing = Thing(name=name, box=(box[0], box[1], box[2], box[3]))
    if row.get("mask") is None:
        return thing
    runs, size = _to_runs(where, row["mask"])
    return replace(thing, runs=runs, size=size)


def _to_runs(where: str, mask: object) -> tuple[tuple[int, ...], tuple[int, int]]:
    size = mask.get("size") if isinstance(mask, dict) else None
    counts = mask.get("counts") if isinstance(mask, dict) else None
    if not (isinstance(size, list) and len(size) == 2 and all(isinstance(side, int) for side in size)):
        raise DatasetError(f"{where}: mask: size is [height, width]")
    if not isinstance(counts, str):
        raise DatasetError(f"{where}: mask: counts is COCO's compressed code, a text")
    try:
        runs = decode_runs(counts)
    except ValueError as error:
        raise DatasetError(f"{where}: mask: {error}") from error
    if any(run < 0 for run in runs) or sum(runs) != size[0] * size[1]:
        raise DatasetError(f"{where}: mask: the runs do not fill {size[1]} × {size[0]} pixels")
    if not any(runs[1::2]):
        raise DatasetError(f"{where}: mask: it is empty")
    return tuple(runs), (size[0], size[1])


def _read_folder(root: Path) -> Iterator[tuple[str, Record | tuple[str, ...]]]:
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() not in PICTURE_SUFFIXES or not path.is_file():
            continue
        folders = path.relative_to(root).parts[:-1]
        beside = path.with_suffix(".txt")
        captions: list[str] = []
        if beside.is_file():
            try:
                lines = beside.read_text(encoding="utf-8").splitlines()
            except UnicodeDecodeError as error:
                raise DatasetError(f"{beside}: no UTF-8") from error
            captions = [
                _text(f"{beside}:{number}", "caption", line)
                for number, line in enumerate(lines, 1)
                if line.strip()
            ]
        record = Record(
            path=path,
            key=path.relative_to(root).as_posix(),
            captions=tuple(dict.fromkeys(captions)),
            labels=folders[-1:],
        )
        yield str(path), record


def _text(where: str, name: str, given: object) -> str:
    if not isinstance(given, str) or not given.strip() or len(given) > MOST_LETTERS:
        raise DatasetError(f"{where}: {name}: a text of 1 to {MOST_LETTERS:,} letters")
    return given.strip()


def _texts(where: str, name: str, given: object) -> tuple[str, ...]:
    if not isinstance(given, list):
        raise DatasetError(f"{where}: {name}: a list of texts")
    return tuple(_text(where, f"{name}[{index}]", text) for index, text in enumerate(given))


def _check_picture(where: str, path: Path) -> None:
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise DatasetError(f"{where}: there is no picture {path}") from error
    if not path.is_file():
        raise DatasetError(f"{where}: {path} is no file")
    if size > MAX_PICTURE_BYTES:
        raise DatasetError(f"{where}: {path} has {size:,} bytes; at most {MAX_PICTURE_BYTES:,} are taken")

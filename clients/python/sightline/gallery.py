"""The sample gallery: drawn pictures with known answers, for demonstrations and tests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sightline.errors import ConfigurationError
from sightline.v1 import region_pb2

__all__ = ["Answer", "Thing", "overlap", "read_gallery"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What a picture shows: its name, and the box around it in pixels."""

    name: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A picture of the gallery, and what it shows."""

    path: Path
    folder: str
    caption: str
    things: tuple[Thing, ...]


def read_gallery(folder: Path | None = None) -> list[Answer]:
    """The pictures of `answers.jsonl`. Raises ConfigurationError where there is no gallery."""
    root = folder or Path(__file__).resolve().parents[3] / "docs" / "gallery"
    if not (root / "answers.jsonl").is_file():
        raise ConfigurationError(f"{root} holds no answers.jsonl: the gallery comes with the repository")
    return list(_read(root))


def _read(root: Path) -> Iterator[Answer]:
    with (root / "answers.jsonl").open() as lines:
        for line in lines:
            row = json.loads(line)
            things = tuple(Thing(name=thing["name"], box=tuple(thing["box"])) for thing in row["things"])
            yield Answer(path=root / row["file"], folder=row["folder"], caption=row["caption"], things=things)


def overlap(box: region_pb2.Box, thing: Thing) -> float:
    """Intersection over union of a box with the one around a thing, 0 to 1."""
    x_min, y_min, x_max, y_max = thing.box
    width = min(box.x_max, x_max) - max(box.x_min, x_min)
    height = min(box.y_max, y_max) - max(box.y_min, y_min)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (
        (box.x_max - box.x_min) * (box.y_max - box.y_min) + (x_max - x_min) * (y_max - y_min) - common
    )

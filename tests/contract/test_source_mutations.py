"""Archives, lists, feeds and annotations with bytes changed at random: read, or refused with a reason."""

import json
import random
import tarfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from orchestrator.domain.errors import SightlineError
from orchestrator.domain.import_source import (
    AnnotationFormat,
    Annotations,
    ArchiveSource,
    FeedSource,
    FilesSource,
    ImportSource,
    UrlListSource,
)
from tests.contract.test_source_lists import ATOM, RSS
from tests.fixtures.pictures import png
from tests.fixtures.source_worlds import tar_of
from tests.fixtures.sources import listed, sources_of
from tests.fixtures.web_server import WebServer, web_server

MUTATIONS = 150

COCO = {
    "images": [{"id": 1, "file_name": "1.png", "width": 96, "height": 64}],
    "annotations": [
        {"image_id": 1, "bbox": [1, 2, 3, 4], "segmentation": [[1, 2, 30, 40, 5, 60]], "category_id": 1},
        {"image_id": 1, "segmentation": {"counts": [10, 20, 6114], "size": [64, 96]}},
        {"image_id": 1, "caption": "red"},
    ],
    "categories": [{"id": 1, "name": "car"}],
}
MEMBERS = {"a/1.jpg": b"x" * 700, "a/1.txt": b"words", "b" * 150 + "/é.jpg": b"z"}


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        yield server


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Content with a few bytes changed, put in, taken out or copied."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(changed) or 1)
        match chance.randrange(4):
            case 0 if changed:
                changed[place] = chance.randrange(256)
            case 1:
                changed[place:place] = chance.randbytes(chance.randint(1, 9))
            case 2:
                del changed[place : place + chance.randint(1, 600)]
            case _:
                copied = chance.randrange(len(changed) or 1)
                changed[place:place] = changed[copied : copied + chance.randint(1, 600)]
    return bytes(changed)


def with_sums(archive: bytes) -> bytes:
    """A tar archive whose headers' checksums fit again, so that what else they say is believed."""
    fixed = bytearray(archive)
    for start in range(0, len(fixed) - 511, 512):
        if fixed[start + 257 : start + 262] == b"ustar":
            fixed[start + 148 : start + 156] = b" " * 8
            fixed[start + 148 : start + 156] = b"%06o\0 " % sum(fixed[start : start + 512])
    return bytes(fixed)


def archive(content: bytes, tmp_path: Path, web: WebServer) -> ImportSource:
    (tmp_path / "a.tar").write_bytes(with_sums(content))
    return ArchiveSource(uris=((tmp_path / "a.tar").as_uri(),))


def url_list(content: bytes, tmp_path: Path, web: WebServer) -> ImportSource:
    (tmp_path / "list.csv").write_bytes(content)
    return UrlListSource(uri=(tmp_path / "list.csv").as_uri())


def feed(content: bytes, tmp_path: Path, web: WebServer) -> ImportSource:
    web.pages["/feed"] = content
    return FeedSource(url=f"{web.address}/feed")


def coco(content: bytes, tmp_path: Path, web: WebServer) -> ImportSource:
    (tmp_path / "pictures").mkdir(exist_ok=True)
    (tmp_path / "pictures/1.png").write_bytes(png("red"))
    (tmp_path / "coco.json").write_bytes(content)
    annotations = Annotations(format=AnnotationFormat.COCO, uri=(tmp_path / "coco.json").as_uri())
    return FilesSource(uri=(tmp_path / "pictures").as_uri(), annotations=annotations)


@pytest.mark.parametrize(
    ("build", "content"),
    [
        (archive, tar_of(MEMBERS, format=tarfile.GNU_FORMAT)),
        (archive, tar_of(MEMBERS, format=tarfile.PAX_FORMAT)),
        (url_list, b'url,caption\r\nhttps://x/1.jpg,"one, ""two"""\r\nhttps://x/2.jpg,\r\n'),
        (feed, RSS.encode()),
        (feed, ATOM.encode()),
        (coco, json.dumps(COCO).encode()),
    ],
    ids=["GNU tar", "pax tar", "CSV", "RSS", "Atom", "COCO"],
)
async def test_no_change_does_harm(
    build: Callable[[bytes, Path, WebServer], ImportSource], content: bytes, tmp_path: Path, web: WebServer
) -> None:
    chance, sources = random.Random(7), sources_of()
    for _ in range(MUTATIONS):
        source = build(mutated(content, chance), tmp_path, web)
        try:
            items = await listed(sources, source)
        except SightlineError:
            continue
        assert len({item.key for item in items}) == len(items)

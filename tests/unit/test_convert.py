"""Other programs' indexes into snapshots and so into collections, and snapshots into those of FAISS."""

import asyncio
import json
import os
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from orchestrator.adapters.snapshots.foreign_rows import JsonLines
from orchestrator.adapters.snapshots.hnsw_file import HnswFile
from orchestrator.application.ports import Kind, Ports
from orchestrator.application.ports.foreign import ForeignIndex
from orchestrator.application.snapshots.foreign import snapshot_of_index
from orchestrator.application.snapshots.restore import restore_collection
from orchestrator.application.snapshots.to_index import index_of_snapshot
from orchestrator.domain.embedding import Vectors
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, SightlineError
from orchestrator.domain.names import CollectionName, ImageName, TextName
from orchestrator.tools import faiss_writer, foreign_index, picture_files
from tests.fakes.models import PACK
from tests.fixtures.pictures import drawing, encoded

faiss = pytest.importorskip("faiss") if not os.environ.get("CI") else __import__("faiss")

OLD = CollectionName("old")
HNSW = Path(__file__).parents[1] / "fixtures" / "indexes" / "hnswlib-0.8.0.bin"
DIMENSION = 8  # of the pack "colours"


def unit(count: int, seed: int = 1) -> Vectors:
    found = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures, and rows for ten vectors: eight pictures and two texts."""
    (tmp_path / "pictures" / "a").mkdir(parents=True)
    rows = []
    for number in range(8):
        content = encoded(drawing("white", {"red": (8, 8, 20 + number, 40)}), "PNG")
        (tmp_path / "pictures" / "a" / f"{number}.png").write_bytes(content)
        row = {
            "id": number,
            "file": f"a/{number}.png",
            "folder": "a",
            "labels": ["red", {"label": "x", "score": 0.5}],
        }
        rows.append({**row, "caption": f"number {number}", "metadata": {"n": number}})
    rows += [{"id": 8, "name": "first", "text": "a text"}, {"id": 9, "text": "another", "folder": "b"}]
    write(tmp_path, rows)
    return tmp_path


def write(folder: Path, rows: list[dict[str, Any]]) -> None:
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]


def made(
    folder: Path, kind: str, vectors: Vectors, ids: NDArray[np.int64] | None = None, metric: int = 0
) -> Path:
    index = faiss.index_factory(DIMENSION, kind, metric or faiss.METRIC_INNER_PRODUCT)
    if not index.is_trained:
        index.train(unit(1000))
    index.add(vectors) if ids is None else index.add_with_ids(vectors, ids)
    faiss.write_index(index, str(folder / "index.faiss"))
    return folder / "index.faiss"


async def silent(said: Mapping[str, Any]) -> None:
    """Tells nobody."""


async def bring(ports: Ports, folder: Path, index: ForeignIndex) -> Mapping[str, Any]:
    uri = (folder / "snapshot").as_uri()
    counts = await snapshot_of_index(
        ports,
        index=index,
        rows=JsonLines(folder / "rows.jsonl"),
        pictures=picture_files(folder / "pictures"),
        place=ports.places.open(uri, field="uri", create=True),
        name=OLD,
        embedder=PACK,
        report=silent,
    )
    await restore_collection(ports, name=OLD, place=ports.places.open(uri, field="uri"), report=silent)
    return counts


@pytest.mark.parametrize(
    "kind", ["Flat", "IDMap,Flat", "IDMap2,Flat", "HNSW8,Flat", "IDMap2,HNSW8,Flat", "IVF4,Flat"]
)
async def test_a_faiss_index_becomes_a_collection_without_a_model(
    ports: Ports, folder: Path, kind: str
) -> None:
    vectors = unit(10)
    ids = None
    if kind.startswith("IDMap"):
        ids = np.array([1000 - 7 * number for number in range(10)], np.int64)
        write(folder, [{**row, "id": int(ids[row["id"]])} for row in rows_of(folder)])
    index = foreign_index(made(folder, kind, vectors, ids), "faiss", DIMENSION)
    ports.models.gone = True  # type: ignore[attr-defined]
    assert await bring(ports, folder, index) == {"images": 8, "texts": 2, "files": 8, "left_out": 0}
    collection = await ports.catalog.get_collection(OLD)
    for number in range(8):
        name = ImageName("old", str(number if ids is None else ids[number]))
        kept = (await ports.catalog.get_vectors([name]))[name].vector
        assert np.array_equal(kept, vectors[number])
        [near] = await ports.index.search(collection.namespace, vectors[number], Kind.IMAGE, limit=1)
        assert near.name == str(name)
        image = await ports.catalog.get_image(name)
        assert (image.description.caption, image.facts.width) == (f"number {number}", 96)
        assert await ports.blobs.get(image.blob_key) == (folder / f"pictures/a/{number}.png").read_bytes()
    first = TextName("old", "first")
    assert (await ports.catalog.get_text(first)).fields.content == "a text"


async def test_an_hnswlib_index_becomes_one_too(ports: Ports, folder: Path) -> None:
    """`hnswlib-0.8.0.bin`: twelve vectors, unit(12, seed=2), labelled from 5 on; that of 7 is deleted."""
    vectors = unit(12, seed=2)
    kept = [label for label in range(5, 17) if label != 7]
    write(folder, [{"id": label, "text": f"number {label}"} for label in kept])
    counts = await bring(ports, folder, foreign_index(HNSW, "hnswlib", DIMENSION))
    assert counts["texts"] == 11
    for label in kept:
        name = TextName("old", str(label))
        assert np.allclose(
            (await ports.catalog.get_vectors([name]))[name].vector, vectors[label - 5], atol=1e-6
        )


async def test_pictures_that_cannot_be_read_are_left_out_and_told(ports: Ports, folder: Path) -> None:
    (folder / "pictures" / "a" / "3.png").write_bytes(b"no picture")
    (folder / "pictures" / "a" / "4.png").unlink()
    (folder / "secret.png").write_bytes((folder / "pictures" / "a" / "5.png").read_bytes())
    write(folder, [{**row, "file": "../secret.png"} if row["id"] == 5 else row for row in rows_of(folder)])
    counts = await bring(ports, folder, foreign_index(made(folder, "Flat", unit(10)), "faiss", DIMENSION))
    assert counts == {"images": 5, "texts": 2, "files": 5, "left_out": 3}


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[:-1],
        lambda rows: [*rows, {"id": 10, "text": "one too many"}],
        lambda rows: [*rows, {"id": 3, "text": "once more"}],
        lambda rows: [*rows[:-1], {"id": 9, "name": "first", "text": "the same name"}],
        lambda rows: [*rows[:-1], {"id": 9, "name": "../up", "text": "a"}],
        lambda rows: [*rows[:-1], {"id": 9}],
        lambda rows: [*rows[:-1], {"id": 9, "file": "a/1.png", "text": "both"}],
        lambda rows: [*rows[:-1], {"id": 9, "text": "a", "unknown": 1}],
        lambda rows: [*rows[:-1], {"id": "nine", "text": "a"}],
        lambda rows: [*rows[:-1], [1, 2]],
        lambda rows: [*rows[:-1], {"id": 2**70, "text": "a"}],
        lambda rows: [*rows[:-1], {"id": 9, "text": "x" * 5000}],
    ],
)
async def test_rows_that_do_not_fit_are_refused(ports: Ports, folder: Path, change: Any) -> None:
    write(folder, change(rows_of(folder)))
    index = foreign_index(made(folder, "Flat", unit(10)), "faiss", DIMENSION)
    with pytest.raises(InvalidArgument):
        await bring(ports, folder, index)
    assert not (folder / "snapshot" / "manifest.json").exists()


@pytest.mark.parametrize(("kind", "metric"), [("Flat", 1), ("PQ4x4", 0), ("SQ8", 0), ("IVF4,PQ4x4", 0)])
def test_indexes_of_other_metrics_or_inexact_ones_are_refused(folder: Path, kind: str, metric: int) -> None:
    with pytest.raises(InvalidArgument):
        foreign_index(made(folder, kind, unit(10), metric=metric), "faiss", DIMENSION)


async def test_vectors_of_another_length_or_size_are_refused(ports: Ports, folder: Path) -> None:
    longer = foreign_index(made(folder, "Flat", unit(10) * 2), "faiss", DIMENSION)
    with pytest.raises(InvalidArgument, match="length 1"):
        await bring(ports, folder, longer)
    other = faiss.IndexFlatIP(9)
    other.add(np.eye(9, dtype=np.float32))
    faiss.write_index(other, str(folder / "other.faiss"))
    with pytest.raises(FailedPrecondition):
        await bring(ports, folder, foreign_index(folder / "other.faiss", "faiss", DIMENSION))
    with pytest.raises(SightlineError):
        HnswFile(HNSW, 9)


@pytest.mark.parametrize("cut", [0, 10, 95, 96, 500])
def test_files_that_are_no_index_are_refused(tmp_path: Path, cut: int) -> None:
    content = HNSW.read_bytes()[:cut]
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(InvalidArgument):
        HnswFile(tmp_path / "x", DIMENSION)
    (tmp_path / "x").write_bytes(struct.pack("<6Q", 0, 2**62, 2**61, 200, 192, 160) + b"\0" * 200)
    with pytest.raises(InvalidArgument):
        HnswFile(tmp_path / "x", DIMENSION)
    with pytest.raises(InvalidArgument):
        foreign_index(tmp_path / "x", "faiss", DIMENSION)


async def test_a_snapshot_becomes_an_index_that_faiss_searches(ports: Ports, folder: Path) -> None:
    vectors = unit(10)
    await bring(ports, folder, foreign_index(made(folder, "Flat", vectors), "faiss", DIMENSION))
    place = ports.places.open((folder / "snapshot").as_uri(), field="uri")
    assert await index_of_snapshot(ports, place, lambda size: faiss_writer(folder / "out", size)) == 10
    index = faiss.read_index(str(folder / "out" / "vectors.faiss"))
    rows = [json.loads(line) for line in (folder / "out" / "vectors.jsonl").read_text().splitlines()]
    _, found = index.search(vectors, 1)
    for number, [at] in enumerate(found[:8]):
        assert rows[at]["name"] == f"collections/old/images/{number}"
        assert (rows[at]["caption"], rows[at]["space"]) == (f"number {number}", "colours@1+palette")
    assert [row["id"] for row in rows] == list(range(10))
    assert {row["kind"] for row in rows} == {"image", "text"}


@pytest.fixture
def command(tmp_path: Path) -> Any:
    async def run(*arguments: str) -> tuple[int, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGHTLINE_")}
        process = await asyncio.create_subprocess_exec(
            *(str(Path(sys.executable).with_name("sightline")), "convert", *arguments, "--json"),
            env={**kept, "SIGHTLINE_DATA_DIR": str(tmp_path / "data")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode()

    return run


async def test_the_command_converts_and_says_what_makes_no_sense(command: Any, tmp_path: Path) -> None:
    size = 128  # of the pack "starter", which is installed
    vectors = np.eye(size, dtype=np.float32)[:2]
    index = faiss.IndexFlatIP(size)
    index.add(vectors)
    faiss.write_index(index, str(tmp_path / "i.faiss"))
    (tmp_path / "rows.jsonl").write_text('{"text": "one"}\n\n{"text": "two"}\n')
    given = ("--rows", str(tmp_path / "rows.jsonl"), "--pictures", str(tmp_path), "--embedder", "starter")
    snapshot = str(tmp_path / "snapshot")
    inward = ("from-index", str(tmp_path / "i.faiss"), snapshot, *given, "--format")
    status, said = await command(*inward, "hnswlib")
    assert (status, "--metric" in said) == (2, True)
    status, said = await command(*inward, "faiss")
    assert status == 0, said
    assert json.loads(said.splitlines()[-1])["texts"] == 2
    status, said = await command("to-faiss", snapshot, str(tmp_path / "out"))
    assert status == 0, said
    assert faiss.read_index(str(tmp_path / "out" / "vectors.faiss")).ntotal == 2
    status, said = await command("to-faiss", str(tmp_path / "none"), str(tmp_path / "out"))
    assert (status, said.startswith("error: ")) == (1, True)

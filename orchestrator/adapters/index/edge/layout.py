"""How a collection lies on disk, and the steps that change it all or nothing.

DATA/lock                              held by the process that serves DATA
DATA/collections/NAME/manifest.json    {"dimension", "distance", "shard", "sparse"}: which shard is the
                                       collection's, and the names of its sparse vectors
DATA/collections/NAME/loose            how many changes its graph lacks
DATA/collections/NAME/shard-N          a Qdrant Edge shard; one that the manifest does not name is rubbish
DATA/collections/.new-*, .old-*        a collection being made or deleted; rubbish after a crash
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

import qdrant_edge as edge

MANIFEST = "manifest.json"
LOOSE = "loose"

SPARSE = edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)
"""Every sparse vector's terms count for more the rarer they are."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a collection holds, and in which of its folders."""

    dimension: int
    distance: str
    shard: str
    sparse: tuple[str, ...] = ()

    @classmethod
    def read(cls, directory: Path) -> "Manifest":
        """The manifest of a collection's folder."""
        kept = json.loads((directory / MANIFEST).read_text())
        return cls(**{**kept, "sparse": tuple(kept.get("sparse", ()))})

    def write(self, directory: Path) -> None:
        """Replaces the manifest in one step; durable when it returns."""
        fresh = directory / f"{MANIFEST}.new"
        with fresh.open("w") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(directory / MANIFEST)
        sync_folder(directory)

    def next(self) -> "Manifest":
        """The same collection in its next shard."""
        return replace(self, shard=f"shard-{int(self.shard.removeprefix('shard-')) + 1}")


def shard_config(
    dimension: int, distance: str, sparse: Iterable[str] | None = None, *, indexing_threads: int = 0
) -> edge.EdgeConfig:
    """How a shard is set up: one segment, with a graph over everything in it once it is optimised.

    `sparse` None: with the sparse vectors that it has.
    """
    return edge.EdgeConfig(
        sparse_vectors=None if sparse is None else dict.fromkeys(sparse, SPARSE),
        vectors=edge.EdgeVectorParams(size=dimension, distance=getattr(edge.Distance, distance)),
        hnsw_config=edge.HnswIndexConfig(
            m=16, ef_construct=100, full_scan_threshold=10_000, max_indexing_threads=indexing_threads
        ),
        optimizers=edge.EdgeOptimizersConfig(
            default_segment_number=1, max_segment_size=1_000_000_000, indexing_threshold=1
        ),
    )


def create(root: Path, name: str, dimension: int, distance: str, sparse: tuple[str, ...] = ()) -> Path:
    """Makes an empty collection's folder, all or nothing."""
    fresh = root / f".new-{uuid4().hex}"
    fresh.mkdir()
    manifest = Manifest(dimension, distance, "shard-1", sparse)
    edge.EdgeShard.create(str(fresh / manifest.shard), shard_config(dimension, distance, sparse)).close()
    manifest.write(fresh)
    directory = fresh.rename(root / name)
    sync_folder(root)
    return directory


def delete(directory: Path) -> None:
    """Deletes a collection's folder; it is gone at once, its bytes soon after."""
    old = directory.rename(directory.parent / f".old-{uuid4().hex}")
    sync_folder(directory.parent)
    shutil.rmtree(old, ignore_errors=True)


def read_loose(directory: Path) -> int:
    """How many changes the graph lacked when the collection was last flushed."""
    try:
        return int((directory / LOOSE).read_text())
    except (FileNotFoundError, ValueError):
        return 0


def write_loose(directory: Path, count: int) -> None:
    """Notes how many changes the graph lacks. An estimate: a crash may lose the last of it."""
    fresh = directory / f"{LOOSE}.new"
    fresh.write_text(str(count))
    fresh.replace(directory / LOOSE)


def sweep(root: Path) -> Iterator[Path]:
    """Removes what a crash left over; the folders of the collections that are there."""
    for entry in sorted(root.iterdir()):
        if entry.name.startswith("."):
            shutil.rmtree(entry, ignore_errors=True)
        elif (entry / MANIFEST).exists():
            shard = Manifest.read(entry).shard
            for part in entry.iterdir():
                if part.is_dir() and part.name != shard:
                    shutil.rmtree(part, ignore_errors=True)
            yield entry


def sync_folder(directory: Path) -> None:
    """Makes a folder's entries durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

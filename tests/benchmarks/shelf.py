"""A collection of many images for searches, put straight into the engines: no picture behind it is decoded.

The rows, the kept vectors and the index are what as many calls of CreateImage would have left.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from orchestrator.adapters.catalog.documents import image_row, vector_row
from orchestrator.adapters.catalog.tables import collections, images, vectors
from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.safe_names import safe_name
from orchestrator.application.collections import create_collection
from orchestrator.application.ports import StoredVector, Work
from orchestrator.application.settle import records_of
from orchestrator.bootstrap import open_ports
from orchestrator.domain.collection import Collection, Segmentation
from orchestrator.domain.identifiers import new_etag, new_id
from orchestrator.domain.image import Description, FileFacts, Image, Label
from orchestrator.domain.names import ImageName
from orchestrator.domain.record_state import RecordState
from tests.benchmarks.mesh import Mesh
from tests.benchmarks.packs import BenchError
from tests.benchmarks.queries import COLOURS, PLACES, THINGS

AT_ONCE = 2000
NAME = "shelf"
BUILD_SECONDS = 900


async def fill(mesh: Mesh, rows: NDArray[np.float32]) -> Collection:
    """Makes `collections/shelf` with an image a vector. The orchestrator must not run yet."""
    settings = mesh.settings()
    async with open_ports(settings) as ports:
        collection = await create_collection(ports, collection_id=NAME, segmentation=Segmentation.OFF)
        engine = sa.create_engine(f"sqlite:///{settings.data_dir / 'catalog.sqlite'}")
        try:
            for works in _works(collection, rows):
                await ports.index.upsert(
                    collection.namespace, [record for work in works for record in records_of(work)]
                )
                _write(engine, works)
            _count(engine, collection, len(rows))
        finally:
            engine.dispose()
    return collection


def wait_for_graph(mesh: Mesh, namespace: str) -> float:
    """Waits until every vector is in the index's graph; the seconds that took. Raises BenchError."""
    started = time.monotonic()
    with grpc.insecure_channel(mesh.index) as channel:
        stub = q.CollectionsStub(channel)  # type: ignore[no-untyped-call]
        request = q.GetCollectionInfoRequest(collection_name=safe_name(namespace))
        while True:
            info = stub.Get(request, timeout=60).result
            if info.indexed_vectors_count >= info.points_count > 0:
                return time.monotonic() - started
            if time.monotonic() - started > BUILD_SECONDS:
                raise BenchError(
                    f"{info.indexed_vectors_count} of {info.points_count} vectors are in the graph "
                    f"after {BUILD_SECONDS} s"
                )
            time.sleep(0.2)


def shard_of(mesh: Mesh, namespace: str) -> Path:
    """The folder of the index's live shard."""
    from orchestrator.adapters.index.edge.layout import Manifest

    folder = mesh.data / "index" / "collections" / safe_name(namespace)
    return folder / Manifest.read(folder).shard


def _works(collection: Collection, rows: NDArray[np.float32]) -> Iterator[Sequence[Work]]:
    for start in range(0, len(rows), AT_ONCE):
        yield [
            _work(collection, number, rows[number])
            for number in range(start, min(start + AT_ONCE, len(rows)))
        ]


def _work(collection: Collection, number: int, vector: NDArray[np.float32]) -> Work:
    image = _image(collection, number)
    stored = StoredVector(name=image.name, space=collection.space, vector=vector)
    return Work(
        record=image,
        namespace=collection.namespace,
        dimension=collection.dimension,
        revision=1,
        vectors=(stored,),
    )


def _image(collection: Collection, number: int) -> Image:
    """As full of facts as an image that somebody described."""
    thing, colour, place = (words[number % len(words)] for words in (THINGS, COLOURS, PLACES))
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    image = Image(
        name=ImageName(collection.name.collection, f"image-{number:06d}"),
        uid=new_id(),
        facts=FileFacts(
            content_type="image/jpeg",
            width=1280,
            height=960,
            size_bytes=300_000 + number,
            sha256=f"{number:064x}",
            perceptual_hash=f"{number:016x}",
        ),
        description=Description(
            display_name=f"{number:06d}.jpg",
            folder=f"{place}/{number % 100}",
            caption=f"a {colour} {thing} in the {place}",
            labels=(Label(label=thing, score=0.9), Label(label=colour)),
            metadata={"camera": f"X{number % 10}", "year": 2000 + number % 25},
        ),
        create_time=moment,
        update_time=moment,
        etag=new_etag(),
    )
    return replace(image, state=RecordState.ACTIVE)


def _write(engine: sa.Engine, works: Sequence[Work]) -> None:
    with engine.begin() as connection:
        rows = [image_row(work.record) | {"revision": work.revision} for work in works]
        connection.execute(sa.insert(images), rows)
        kept = [vector_row(stored) for work in works for stored in work.vectors]
        connection.execute(sa.insert(vectors), kept)


def _count(engine: sa.Engine, collection: Collection, count: int) -> None:
    with engine.begin() as connection:
        row = collections.c.collection == collection.name.collection
        connection.execute(sa.update(collections).where(row).values(image_count=count))

"""kill -9 of the edge server, at seeded moments: what was acknowledged stays, what was deleted stays so."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import grpc
import numpy as np
import pytest

from orchestrator.adapters.index.contract import q
from tests.fixtures.edge import RunningEdge, start_edge

DIMENSION = 16
NAME = "kills"
KEYS = 1_500
ROUNDS = 8


@dataclass(slots=True)
class Writer:
    """Writes at random until the server is gone, and remembers what was acknowledged.

    `state` is the version of each point that is there; `doubtful`: what the unanswered write may have made
    of points (None: deleted).
    """

    random: random.Random
    state: dict[int, int] = field(default_factory=dict)
    doubtful: dict[int, int | None] = field(default_factory=dict)
    version: int = 0

    def run(self, points: q.PointsStub) -> None:
        while True:
            self.version += 1
            keys = self.random.sample(range(KEYS), self.random.randint(1, 150))
            kind = self.random.choices(["upsert", "delete", "payload"], [6, 1, 1])[0]
            if kind == "payload":
                keys = [key for key in keys if key in self.state]
            new = None if kind == "delete" else self.version
            self.doubtful = dict.fromkeys(keys, new)
            try:
                self._write(points, kind, keys)
            except grpc.RpcError:
                return
            self.doubtful = {}
            for key in keys:
                if new is None:
                    self.state.pop(key, None)
                else:
                    self.state[key] = new

    def _write(self, points: q.PointsStub, kind: str, keys: list[int]) -> None:
        ids = [q.PointId(uuid=str(UUID(int=key))) for key in keys]
        selector = q.PointsSelector(points=q.PointsIdsList(ids=ids))
        payload = {"version": q.Value(integer_value=self.version)}
        if kind == "delete":
            points.Delete(q.DeletePoints(collection_name=NAME, wait=True, points=selector), timeout=60)
        elif kind == "payload":
            request = q.SetPayloadPoints(
                collection_name=NAME, wait=True, points_selector=selector, payload=payload
            )
            points.SetPayload(request, timeout=60)
        else:
            vector = np.random.default_rng(self.version).standard_normal(DIMENSION)
            vectors = q.Vectors(vector=q.Vector(dense=q.DenseVector(data=vector)))
            fresh = [q.PointStruct(id=id, vectors=vectors, payload=payload) for id in ids]
            points.Upsert(q.UpsertPoints(collection_name=NAME, wait=True, points=fresh), timeout=60)


def read_all(points: q.PointsStub) -> dict[int, int]:
    """Each point's version, through a scroll."""
    request = q.ScrollPoints(
        collection_name=NAME, limit=10_000, with_payload=q.WithPayloadSelector(enable=True)
    )
    page = points.Scroll(request, timeout=60)
    assert not page.HasField("next_page_offset")
    return {UUID(point.id.uuid).int: point.payload["version"].integer_value for point in page.result}


def after(seconds: float) -> Callable[[Path], None]:
    """A moment: so long after the writes began."""
    return lambda folder: time.sleep(seconds)


def in_a_build(seconds: float) -> Callable[[Path], None]:
    """A moment: so long after a build has begun, which takes a second or two."""

    def wait(folder: Path) -> None:
        deadline = time.monotonic() + 15
        while len(list(folder.glob("shard-*"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(seconds)

    return wait


def at_an_exchange(folder: Path) -> None:
    """A moment: as the manifest is replaced."""
    deadline = time.monotonic() + 15
    before = (folder / "manifest.json").read_bytes()
    while (folder / "manifest.json").read_bytes() == before and time.monotonic() < deadline:
        time.sleep(0.0005)


@pytest.mark.parametrize("seed", [1])
def test_no_acknowledged_write_is_lost(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    writer = Writer(chance)
    folder = tmp_path / "collections" / NAME
    exchanges = 0
    for number in range(ROUNDS):
        edge = start_edge(tmp_path, "--build-threshold", "200", "--build-share", "0.05")
        try:
            exchanges += _round(edge, writer, number, folder, chance)
        finally:
            edge.kill()
    assert exchanges >= 2, "no graph was exchanged: the kills met none"


def _round(edge: RunningEdge, writer: Writer, number: int, folder: Path, chance: random.Random) -> int:
    """Checks what the last kill left, writes until the next; how many graphs were exchanged meanwhile."""
    with grpc.insecure_channel(edge.address) as channel:
        points = q.PointsStub(channel)  # type: ignore[no-untyped-call]
        if number == 0:
            params = q.VectorParams(size=DIMENSION, distance=q.Cosine)
            create = q.CreateCollection(collection_name=NAME, vectors_config=q.VectorsConfig(params=params))
            q.CollectionsStub(channel).Create(create, timeout=60)  # type: ignore[no-untyped-call]
        kept = read_all(points)
        for key in range(KEYS):
            allowed = {writer.state.get(key)}
            if key in writer.doubtful:
                allowed.add(writer.doubtful[key])
            assert kept.get(key) in allowed, f"point {key} after kill {number}"
        assert len(list(folder.glob("shard-*"))) == 1, "a crash's rubbish was left"
        writer.state, writer.doubtful = kept, {}
        before = (folder / "manifest.json").read_bytes()
        moments = [after(chance.random()), in_a_build(chance.random()), at_an_exchange]
        thread = threading.Thread(target=writer.run, args=(points,))
        thread.start()
        moments[number % len(moments)](folder)
        edge.kill()
        thread.join()
        return int((folder / "manifest.json").read_bytes() != before)

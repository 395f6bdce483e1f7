"""The collections that are made in Qdrant, and how those with replicas are read and written."""

from typing import Any

import grpc.aio
import numpy as np
import pytest

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.qdrant import QdrantIndex
from orchestrator.adapters.index.qdrant_schema import Sharding, new_collection
from orchestrator.application.ports import Kind, VectorRecord


def test_a_cluster_keeps_a_collection_as_it_is_told() -> None:
    made = new_collection("shop", 4, Sharding(shards=3, replicas=2, write_consistency=2))
    assert (made.shard_number, made.replication_factor, made.write_consistency_factor) == (3, 2, 2)


def test_what_is_not_told_is_the_servers_own() -> None:
    made = new_collection("shop", 4, Sharding())
    assert {field.name for field, _ in made.ListFields()} == {
        "collection_name",
        "vectors_config",
        "sparse_vectors_config",
    }


class Recording(q.PointsServicer):  # type: ignore[misc]
    """Answers nothing, and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def Upsert(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        return q.PointsOperationResponse()

    async def Delete(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        return q.PointsOperationResponse()

    async def Query(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        return q.QueryResponse()

    async def Count(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        return q.CountResponse()

    async def Scroll(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        return q.ScrollResponse()


@pytest.mark.parametrize("replicas", [0, 1, 2, 3])
async def test_most_replicas_are_asked_and_writes_are_ordered(replicas: int) -> None:
    points, server = Recording(), grpc.aio.server()
    q.add_PointsServicer_to_server(points, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    index = QdrantIndex(f"127.0.0.1:{port}", made=Sharding(replicas=replicas))
    vector = np.ones(4, np.float32) / np.float32(2)
    record = VectorRecord(name="collections/c/images/i", kind=Kind.IMAGE, vector=vector, attributes={})
    try:
        await index.upsert("shop", [record])
        await index.delete("shop", [record.name])
        await index.search("shop", vector, Kind.IMAGE, limit=1)
        await index.search_words("shop", {1: 1.0}, Kind.IMAGE, limit=1)
        await index.count("shop", Kind.IMAGE)
        assert [name async for name in index.names("shop")] == []
    finally:
        await index.close()
        await server.stop(None)
    ordering, reading = q.WriteOrdering(type=q.Strong), q.ReadConsistency(type=q.Majority)
    asked = [
        request.ordering if hasattr(request, "ordering") else request.read_consistency
        for request in points.seen
    ]
    told = [ordering] * 2 + [reading] * 4
    assert asked == (told if replicas > 1 else [type(each)() for each in told])

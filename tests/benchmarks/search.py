"""Searches one at a time: the index in process, the index over gRPC, the orchestrator, the gateway."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import numpy as np
import qdrant_edge
from numpy.typing import NDArray

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.edge.filters import read_filter
from orchestrator.adapters.index.qdrant_filter import search_filter
from orchestrator.adapters.index.qdrant_payload import NAME
from orchestrator.adapters.index.safe_names import safe_name
from orchestrator.application.ports import Kind
from orchestrator.domain.collection import Collection
from sightline import Sightline
from sightline.v1.search_service_pb2 import SearchRequest
from tests.benchmarks.mesh import Mesh
from tests.benchmarks.packs import BenchError
from tests.benchmarks.queries import texts
from tests.benchmarks.rounds import added, interleave, percentile
from tests.benchmarks.shelf import shard_of

GOAL_MS = 4.0
"""What a search by vector over gRPC may take beyond the index alone, at p50."""

IMAGES = SearchRequest.Target.Value("IMAGES")
BEAM = 128
HITS = 10
WARM = 20
INDEX = "index, in process"
EDGE = "index, over gRPC"
GRPC = "orchestrator, by vector"
HTTP = "gateway, by vector"
GRPC_TEXT = "orchestrator, by text"
HTTP_TEXT = "gateway, by text"
GRPC_KNOWN = "orchestrator, by a text asked before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """One side's milliseconds; `added` is its p50 beyond that of the index in process."""

    side: str
    p50: float
    p99: float
    added: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The figures of a run. `over_index` is what the goal is about: over gRPC, by vector, less the index."""

    vectors: int
    dimension: int
    hits: int
    rounds: int
    queries_a_round: int
    build_seconds: float
    latencies: tuple[Latency, ...]
    over_index: float


def measure_search(
    mesh: Mesh,
    collection: Collection,
    asked: NDArray[np.float32],
    *,
    stored: int,
    rounds: int,
    queries: int,
    build_seconds: float,
) -> Search:
    """Asks the same questions of every side in turn; `asked` holds a vector a query, and some to warm up."""
    with ExitStack() as closing:
        sides = _sides(mesh, collection, asked, closing)
        for query in range(rounds * queries, rounds * queries + WARM):
            for ask in sides.values():
                ask(query)
        _check_same(sides, rounds * queries)
        measured = interleave(sides, rounds=rounds, queries=queries)
    return Search(
        vectors=stored,
        dimension=collection.dimension,
        hits=HITS,
        rounds=rounds,
        queries_a_round=queries,
        build_seconds=build_seconds,
        latencies=tuple(
            Latency(
                side=side,
                p50=percentile(taken, 50),
                p99=percentile(taken, 99),
                added=added(taken, measured[INDEX]),
            )
            for side, taken in measured.items()
        ),
        over_index=added(measured[GRPC], measured[INDEX]),
    )


Ask = Callable[[int], list[str]]


def _sides(
    mesh: Mesh, collection: Collection, asked: NDArray[np.float32], closing: ExitStack
) -> dict[str, Ask]:
    """Side → a function from a query's number to the names found."""
    said = texts(len(asked))
    rows = asked.tolist()
    client = closing.enter_context(Sightline(mesh.orchestrator))
    web = closing.enter_context(httpx.Client(base_url=mesh.gateway, timeout=60))
    route = f"/v1/{collection.name}:search"

    def orchestrator(**query: Any) -> list[str]:
        request = SearchRequest(parent=str(collection.name), page_size=HITS, target=IMAGES)
        if "text" in query:
            request.text = query["text"]
        else:
            request.vector.values.extend(query["vector"])
        return [hit.image for hit in client.search_page(request).hits]

    def gateway(query: dict[str, Any]) -> list[str]:
        answer = web.post(route, json={**query, "target": "IMAGES", "pageSize": HITS})
        answer.raise_for_status()
        return [hit["image"] for hit in answer.json()["hits"]]

    return {
        INDEX: closing.enter_context(_in_process(mesh, collection, rows)),
        EDGE: closing.enter_context(_over_grpc(mesh, collection, rows)),
        GRPC: lambda number: orchestrator(vector=rows[number]),
        HTTP: lambda number: gateway({"vector": {"values": rows[number]}}),
        GRPC_TEXT: lambda number: orchestrator(text=f"orchestrator {said[number]}"),
        HTTP_TEXT: lambda number: gateway({"text": f"gateway {said[number]}"}),
        GRPC_KNOWN: lambda number: orchestrator(text=said[0]),
    }


@contextmanager
def _in_process(mesh: Mesh, collection: Collection, rows: list[list[float]]) -> Iterator[Ask]:
    """A copy of the edge server's shard, asked without anything between."""
    with tempfile.TemporaryDirectory(dir=mesh.data) as folder:
        copy = Path(folder) / "shard"
        shutil.copytree(shard_of(mesh, collection.namespace), copy)
        shard = qdrant_edge.EdgeShard.load(str(copy))
        images = read_filter(search_filter(Kind.IMAGE, None))
        params = qdrant_edge.SearchParams(hnsw_ef=BEAM)

        def ask(number: int) -> list[str]:
            found = shard.query(
                qdrant_edge.QueryRequest(
                    query=qdrant_edge.Query.Nearest(rows[number]),
                    limit=HITS,
                    filter=images,
                    params=params,
                    with_payload=[NAME],
                )
            )
            return [(point.payload or {})[NAME] for point in found]

        try:
            yield ask
        finally:
            shard.close()


@contextmanager
def _over_grpc(mesh: Mesh, collection: Collection, rows: list[list[float]]) -> Iterator[Ask]:
    with grpc.insecure_channel(mesh.index) as channel:
        points = q.PointsStub(channel)  # type: ignore[no-untyped-call]
        images = search_filter(Kind.IMAGE, None)

        def ask(number: int) -> list[str]:
            request = q.QueryPoints(
                collection_name=safe_name(collection.namespace),
                query=q.Query(nearest=q.VectorInput(dense=q.DenseVector(data=rows[number]))),
                filter=images,
                params=q.SearchParams(hnsw_ef=BEAM),
                limit=HITS,
                with_payload=q.WithPayloadSelector(include=q.PayloadIncludeSelector(fields=[NAME])),
            )
            return [hit.payload[NAME].string_value for hit in points.Query(request, timeout=60).result]

        yield ask


def _check_same(sides: dict[str, Ask], query: int) -> None:
    """Raises BenchError where the sides that are asked by vector do not find the same nearest image."""
    nearest = {side: sides[side](query)[0] for side in (INDEX, EDGE, GRPC, HTTP)}
    if len(set(nearest.values())) != 1:
        raise BenchError(f"the sides do not agree on what is nearest: {nearest}")

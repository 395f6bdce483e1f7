"""The edge server as a process: its lock, its end, what it refuses, and graphs built beside it."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import grpc
import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.qdrant import QdrantIndex
from orchestrator.adapters.index.qdrant_payload import point
from orchestrator.application.ports import Kind, VectorRecord
from orchestrator.domain.filter import Comparison, Operator
from tests.fixtures.edge import ROOT, RunningEdge, running_edge, start_edge

DIMENSION = 32


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[RunningEdge]:
    with running_edge(tmp_path / "data", "--build-threshold", "500") as server:
        yield server


def records(start: int, end: int) -> list[VectorRecord]:
    vectors = np.random.default_rng(start).standard_normal((end - start, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [
        VectorRecord(
            name=f"n{number}",
            kind=Kind.IMAGE,
            vector=vectors[number - start],
            attributes={"folder": [f"f{number % 7}"], "sold": number % 2 == 0},
        )
        for number in range(start, end)
    ]


def test_a_second_opener_is_refused_in_one_line(edge: RunningEdge) -> None:
    command = [sys.executable, "-m", "orchestrator.adapters.index.edge_server"]
    second = subprocess.run(
        [*command, "--data", str(edge.data), "--port", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 1
    assert second.stderr == f"edge server: {edge.data} is served by another process already\n"


def test_a_taken_port_is_named(edge: RunningEdge, tmp_path: Path) -> None:
    port = edge.address.rpartition(":")[2]
    command = [sys.executable, "-m", "orchestrator.adapters.index.edge_server"]
    second = subprocess.run(
        [*command, "--data", str(tmp_path / "other"), "--port", port],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    assert second.stderr.splitlines()[-1] == f"edge server: {edge.address} is taken"


async def test_it_ends_in_order_and_keeps_everything(edge: RunningEdge) -> None:
    index = QdrantIndex(edge.address)
    await index.create_namespace("kept", DIMENSION)
    await index.upsert("kept", records(0, 300))
    assert edge.stop() == 0
    assert not await index.ready()
    await index.close()
    with running_edge(edge.data) as again:
        index = QdrantIndex(again.address)
        assert {name async for name in index.names("kept")} == {f"n{number}" for number in range(300)}
        assert await index.count("kept", Kind.IMAGE, Comparison("sold", Operator.EQ, True)) == 150
        await index.close()


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tests.fixtures.edge import start_edge;"
        "print(start_edge(Path(sys.argv[1])).process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    psutil.wait_procs([child], timeout=20)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_both_health_services_answer(edge: RunningEdge) -> None:
    with grpc.insecure_channel(edge.address) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(  # type: ignore[attr-defined]
            health_pb2.HealthCheckRequest(), timeout=10
        )
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        reply = q.QdrantStub(channel).HealthCheck(q.HealthCheckRequest(), timeout=10)  # type: ignore[no-untyped-call]
        assert reply.title


def dense(*numbers: float) -> q.Query:
    return q.Query(nearest=q.VectorInput(dense=q.DenseVector(data=numbers)))


def test_bad_input_is_refused(edge: RunningEdge) -> None:
    name = f"c{uuid4().hex}"
    params = q.VectorParams(size=2, distance=q.Cosine)
    create = q.CreateCollection(collection_name=name, vectors_config=q.VectorsConfig(params=params))
    nan = q.PointStruct(
        id=q.PointId(num=1),
        vectors=q.Vectors(vector=q.Vector(dense=q.DenseVector(data=[float("nan"), 1]))),
    )
    bad_path = q.Filter(must=[q.Condition(is_empty=q.IsEmptyCondition(key='a."'))])
    deep = q.Filter()
    for _ in range(40):
        deep = q.Filter(must=[q.Condition(filter=deep)])
    invalid, missing = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
    with grpc.insecure_channel(edge.address) as channel:
        points = q.PointsStub(channel)  # type: ignore[no-untyped-call]
        collections = q.CollectionsStub(channel)  # type: ignore[no-untyped-call]
        collections.Create(create, timeout=10)
        cases = [
            (collections.Create, create, grpc.StatusCode.ALREADY_EXISTS),
            (collections.Create, q.CreateCollection(collection_name="../x"), grpc.StatusCode.UNIMPLEMENTED),
            *(
                (
                    collections.Create,
                    q.CreateCollection(collection_name=bad, vectors_config=create.vectors_config),
                    invalid,
                )
                for bad in ("../x", "", "a/b", ".hidden", "a" * 300)
            ),
            (points.Upsert, q.UpsertPoints(collection_name=name, points=[nan]), invalid),
            (points.Delete, q.DeletePoints(collection_name=name), invalid),
            (
                points.Get,
                q.GetPoints(collection_name=name, ids=[q.PointId(uuid="no-uuid")]),
                invalid,
            ),
            (points.Query, q.QueryPoints(collection_name=name, query=dense(1, 2, 3)), invalid),
            (points.Query, q.QueryPoints(collection_name=name, query=dense(1, 2), limit=10**9), invalid),
            (points.Query, q.QueryPoints(collection_name="none", query=dense(1, 2)), missing),
            (points.Count, q.CountPoints(collection_name=name, filter=bad_path), invalid),
            (points.Count, q.CountPoints(collection_name=name, filter=deep), invalid),
        ]
        codes = []
        for call, request, _ in cases:
            with pytest.raises(grpc.RpcError) as caught:
                call(request, timeout=10)
            codes.append(caught.value.code())
        assert codes == [code for _, _, code in cases]
        # And it still answers.
        assert points.Count(q.CountPoints(collection_name=name), timeout=10).result.count == 0


async def built(edge: RunningEdge, namespace: str, name: str) -> q.CollectionInfo:
    """The collection once a graph over it has been swapped in."""
    deadline = time.monotonic() + 120
    async with grpc.aio.insecure_channel(edge.address) as channel:
        collections = q.CollectionsStub(channel)  # type: ignore[no-untyped-call]
        while time.monotonic() < deadline:
            request = q.GetCollectionInfoRequest(collection_name=name)
            info: q.CollectionInfo = (await collections.Get(request, timeout=30)).result
            if info.indexed_vectors_count:
                return info
    raise AssertionError("no graph was built")


async def test_a_graph_is_built_beside_reads_and_writes(edge: RunningEdge) -> None:
    index = QdrantIndex(edge.address)
    await index.create_namespace("busy", DIMENSION)
    everything = records(0, 3_000)
    query = everything[5].vector
    await index.upsert("busy", everything[:2_000])
    # While it is built: more records, other attributes, deletions.
    folder = edge.data / "collections" / "busy"
    while len(list(folder.glob("shard-*"))) < 2:
        assert await index.search("busy", query, Kind.IMAGE, limit=1)
    await index.upsert("busy", everything[2_000:])
    await index.delete("busy", [record.name for record in everything[100:200]])
    await index.upsert("busy", [replace(record, attributes={"sold": True}) for record in everything[:10]])

    info = await built(edge, "busy", "busy")
    left = everything[:100] + everything[200:]

    assert info.points_count == 2_900
    assert "attributes.folder" in info.payload_schema
    assert {name async for name in index.names("busy")} == {record.name for record in left}
    sold = Comparison("sold", Operator.EQ, True)
    assert await index.count("busy", Kind.IMAGE, sold) == 1_450 + 5
    cosines = np.stack([record.vector for record in left]) @ query
    exact = {left[row].name for row in np.argsort(-cosines)[:20]}
    hits = await index.search("busy", query, Kind.IMAGE, limit=20)
    assert len(exact & {hit.name for hit in hits}) >= 19
    await index.close()


async def test_a_filter_that_lets_few_through_loses_none_in_the_graph(edge: RunningEdge) -> None:
    """More than is scanned, less than holds a graph together, of an attribute that nothing in it links."""
    index, dimension, count = QdrantIndex(edge.address), 2_048, 6_000
    draw = np.random.default_rng(1)
    centres = draw.standard_normal((30, dimension)).astype(np.float32)
    rows = centres[draw.integers(0, 30, count)] + draw.standard_normal((count, dimension)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    await index.create_namespace("few", dimension)
    for start in range(0, count, 500):
        await index.upsert(
            "few",
            [
                VectorRecord(
                    name=f"n{number}",
                    kind=Kind.IMAGE,
                    vector=rows[number],
                    attributes={"labels": [f"l{number % 4}"]},
                )
                for number in range(start, start + 500)
            ],
        )
    while (await built(edge, "few", "few")).indexed_vectors_count < 0.7 * count:
        await asyncio.sleep(0.1)
    allowed = np.arange(1, count, 4)
    found = 0
    for query in rows[:20]:
        exact = {f"n{row}" for row in allowed[np.argsort(-(rows[allowed] @ query))[:10]]}
        hits = await index.search(
            "few", query, Kind.IMAGE, limit=10, filter=Comparison("labels", Operator.EQ, "l1")
        )
        found += len(exact & {hit.name for hit in hits})
    assert found >= 0.98 * 200
    await index.close()


async def test_a_deleted_collection_ends_its_build(edge: RunningEdge) -> None:
    index = QdrantIndex(edge.address)
    await index.create_namespace("gone", DIMENSION)
    await index.upsert("gone", records(0, 2_000))
    while len(list((edge.data / "collections" / "gone").glob("shard-*"))) < 2:
        assert await index.ready()
    await index.delete_namespace("gone")
    await index.create_namespace("gone", DIMENSION)
    await index.upsert("gone", records(0, 3))
    assert await index.count("gone", Kind.IMAGE) == 3
    assert edge.stop() == 0
    await index.close()
    with running_edge(edge.data) as again:
        index = QdrantIndex(again.address)
        assert await index.count("gone", Kind.IMAGE) == 3
        await index.close()
        assert [entry.name for entry in (edge.data / "collections").iterdir()] == ["gone"]


def test_a_server_that_cannot_start_says_so(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(RuntimeError, match="status 1"):
        start_edge(tmp_path / "data")


async def test_a_collection_made_without_words_gets_them(edge: RunningEdge) -> None:
    """As it was before records had words: found all the while, but short, until it is written anew."""
    everything = [replace(record, terms={1: 1.0, 2: 0.5}) for record in records(0, 20)]
    with grpc.insecure_channel(edge.address) as channel:
        collections = q.CollectionsStub(channel)  # type: ignore[no-untyped-call]
        points = q.PointsStub(channel)  # type: ignore[no-untyped-call]
        params = q.VectorParams(size=DIMENSION, distance=q.Cosine)
        made = q.CreateCollection(collection_name="old", vectors_config=q.VectorsConfig(params=params))
        collections.Create(made, timeout=10)
        before = [point(replace(record, terms={})) for record in everything]
        for each in before:
            del each.payload["format"]
        points.Upsert(q.UpsertPoints(collection_name="old", wait=True, points=before), timeout=10)

    index = QdrantIndex(edge.address)
    for _ in range(2):
        await index.create_namespace("old", DIMENSION)
    query = everything[3].vector
    assert (await index.search("old", query, Kind.IMAGE, limit=1))[0].name == "n3"
    assert await index.count("old", Kind.IMAGE) == 0
    assert await index.search_words("old", {1: 1.0}, Kind.IMAGE, limit=99) == []
    assert {name async for name in index.names("old")} == {record.name for record in everything}

    await index.upsert("old", everything)
    assert await index.count("old", Kind.IMAGE) == 20
    assert len(await index.search_words("old", {1: 1.0}, Kind.IMAGE, limit=99)) == 20
    await index.close()
    assert edge.stop() == 0
    with running_edge(edge.data) as again:
        index = QdrantIndex(again.address)
        await index.create_namespace("old", DIMENSION)
        assert len(await index.search_words("old", {2: 1.0}, Kind.IMAGE, limit=99)) == 20
        await index.close()


async def test_words_are_found_while_and_after_a_graph_is_built(edge: RunningEdge) -> None:
    index = QdrantIndex(edge.address)
    await index.create_namespace("worded", DIMENSION)
    everything = [replace(record, terms={number % 5: 1.0}) for number, record in enumerate(records(0, 3_000))]
    await index.upsert("worded", everything[:2_000])
    while len(list((edge.data / "collections" / "worded").glob("shard-*"))) < 2:
        assert len(await index.search_words("worded", {1: 1.0}, Kind.IMAGE, limit=999)) == 400
    await index.upsert("worded", everything[2_000:])
    await index.delete("worded", [everything[1].name])
    await built(edge, "worded", "worded")
    assert len(await index.search_words("worded", {1: 1.0}, Kind.IMAGE, limit=999)) == 599
    await index.close()

"""`python -m tests.benchmarks.indexes`: rows into each index, and filtered search in the embedded one.

Rates of one run on one machine, and the ratios that say something elsewhere too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]
from numpy.typing import NDArray
from rich.console import Console

from orchestrator.adapters.index.edge.layout import Manifest, read_loose
from orchestrator.adapters.index.pinecone import PineconeIndex
from orchestrator.adapters.index.pinecone_indexes import Serverless
from orchestrator.adapters.index.qdrant import QdrantIndex
from orchestrator.adapters.index.safe_names import safe_name
from orchestrator.application.ports import Kind, VectorIndex, VectorRecord
from orchestrator.domain.filter import Attributes, Comparison, Filter, Operator
from orchestrator.domain.lexical import document_terms
from orchestrator.log import configure_logging
from tests.benchmarks import machine
from tests.benchmarks.index_figures import DIMENSION, RECALL, Filling, Report, Searching, show
from tests.benchmarks.queries import COLOURS, PLACES, THINGS, VectorSource
from tests.fakes.pinecone import Cloud, running_pinecone
from tests.fakes.pinecone.server import API_KEY
from tests.fixtures.edge import running_edge

BATCH = 1_000
HITS = 10
FOLDERS = 20
"""A filter by folder lets one record in so many through."""

NAMESPACE = "bench--random@1+1"
_BUILD_SECONDS = 7_200
_PINECONE_ROWS = 5_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints, and answers 1 where recall is below the goal."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.indexes", description=__doc__)
    parser.add_argument("--vectors", type=int, default=100_000, help="rows in the embedded index (100000)")
    parser.add_argument("--queries", type=int, default=200, help="queries of each kind (200)")
    parser.add_argument("--qdrant", help="HOST:PORT of a Qdrant server, to fill it too")
    parser.add_argument("--json", action="store_true", help="figures as JSON; the tables go to stderr")
    given = parser.parse_args(arguments)
    configure_logging("warning", "console")  # of what of the orchestrator runs in here, on stderr
    about = machine.describe()
    told = Console(stderr=True, highlight=False)
    report = asyncio.run(_measure(given, about, told))
    if given.json:
        print(json.dumps(asdict(report), indent=2))  # noqa: T201 - a program
    show(report, told if given.json else Console(highlight=False))
    return 0 if all(found.recall >= RECALL for found in report.searching) else 1


async def _measure(given: argparse.Namespace, about: dict[str, str], told: Console) -> Report:
    source = VectorSource(DIMENSION)
    rows = source.draw(given.vectors)
    queries = source.draw(given.queries)
    filling: list[Filling] = []
    told.print("Pinecone's adapter, against a stand-in …")
    with running_pinecone(Cloud()) as address:
        where = Serverless(prefix="bench", cloud="aws", region="us-east-1")
        pinecone = PineconeIndex(API_KEY, where, host=address)
        some = rows[: min(len(rows), _PINECONE_ROWS)]
        filling.append(await _fill(pinecone, "Pinecone's adapter, stand-in", some))
        await pinecone.close()
    if given.qdrant:
        told.print("Qdrant …")
        qdrant = QdrantIndex(given.qdrant, timeout=300)
        filling.append(await _fill(qdrant, "Qdrant", rows))
        await qdrant.delete_namespace(NAMESPACE)
        await qdrant.close()
    with tempfile.TemporaryDirectory(prefix="sightline-bench-") as folder:
        data = Path(folder)
        told.print(f"the embedded index, {len(rows):,} rows …")
        with running_edge(data) as edge:
            index = QdrantIndex(edge.address, timeout=300)
            filling.append(await _fill(index, "Qdrant Edge", rows))
            told.print("queries, as the index is then …")
            searching = [await _search(index, "while its tail is outside the graph", rows, queries, FOLDER)]
            await index.close()
            edge.stop()
        told.print("the rest of the graph …")
        with running_edge(data, "--build-threshold", "1", "--build-share", "0", timeout=600) as edge:
            graph_seconds = _wait_for_graph(data)
            told.print("queries, everything in the graph …")
            index = QdrantIndex(edge.address, timeout=300)
            searching += [
                await _search(index, "one folder in twenty", rows, queries, FOLDER),
                await _search(index, "unfiltered", rows, queries, None),
            ]
            rss = int(psutil.Process(edge.process.pid).memory_info().rss)
            await index.close()
    return Report(
        machine=about,
        vectors=len(rows),
        filling=filling,
        searching=searching,
        graph_seconds=graph_seconds,
        rss=rss,
    )


FOLDER: Filter = Comparison("folder", Operator.EQ, "f7")


def _records(rows: NDArray[np.float32]) -> Iterator[list[VectorRecord]]:
    for start in range(0, len(rows), BATCH):
        yield [_record(number, rows[number]) for number in range(start, min(start + BATCH, len(rows)))]


def _record(number: int, vector: NDArray[np.float32]) -> VectorRecord:
    """As full of attributes as an image that somebody described."""
    thing, colour, place = (words[number % len(words)] for words in (THINGS, COLOURS, PLACES))
    attributes: Attributes = {
        "folder": [f"f{number % FOLDERS}"],
        "caption": f"a {colour} {thing} {place}",
        "labels": [thing, colour],
        "display_name": f"image-{number:07d}.jpg",
        "width": 1280.0,
        "height": 960.0,
        "create_time": 1_700_000_000.0 + number,
    }
    return VectorRecord(
        name=f"collections/bench/images/{number}",
        kind=Kind.IMAGE,
        vector=vector,
        attributes=attributes,
        terms=document_terms(attributes),
    )


async def _fill(index: VectorIndex, name: str, rows: NDArray[np.float32]) -> Filling:
    await index.create_namespace(NAMESPACE, DIMENSION)
    seconds = []
    for records in _records(rows):
        started = time.perf_counter()
        await index.upsert(NAMESPACE, records)
        seconds.append(time.perf_counter() - started)
    return Filling(
        index=name,
        rows=len(rows),
        rows_per_second=len(rows) / sum(seconds),
        first_seconds=seconds[0],
        last_seconds=seconds[-1],
    )


async def _search(
    index: VectorIndex,
    what: str,
    rows: NDArray[np.float32],
    queries: NDArray[np.float32],
    filter: Filter | None,
) -> Searching:
    numbers = np.arange(len(rows)) if filter is None else np.arange(7, len(rows), FOLDERS)
    allowed = rows if filter is None else np.ascontiguousarray(rows[numbers])
    await index.search(NAMESPACE, queries[0], Kind.IMAGE, limit=HITS, filter=filter)  # warm
    took, scans, found = [], [], 0
    for query in queries:
        started = time.perf_counter()
        hits = await index.search(NAMESPACE, query, Kind.IMAGE, limit=HITS, filter=filter)
        took.append(time.perf_counter() - started)
        started = time.perf_counter()
        cosines = allowed @ query
        nearest = np.argpartition(-cosines, HITS)[:HITS]
        scans.append(time.perf_counter() - started)
        exact = {f"collections/bench/images/{numbers[row]}" for row in nearest}
        found += len(exact & {hit.name for hit in hits})
    return Searching(
        what=what,
        p50=float(np.percentile(took, 50)) * 1e3,
        p95=float(np.percentile(took, 95)) * 1e3,
        recall=found / (HITS * len(queries)),
        scan=float(np.median(scans)) * 1e3,
    )


def _wait_for_graph(data: Path) -> float:
    """Waits until everything is in the graph; the seconds that took."""
    folder = data / "collections" / safe_name(NAMESPACE)
    started, before = time.monotonic(), Manifest.read(folder).shard
    if read_loose(folder) == 0:
        return 0.0
    while Manifest.read(folder).shard == before:
        if time.monotonic() - started > _BUILD_SECONDS:
            raise SystemExit(f"no graph after {_BUILD_SECONDS} s")
        time.sleep(0.2)
    return time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())

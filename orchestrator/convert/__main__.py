"""The program; its settings are those of the orchestrators.

Exit status: 0 where all of it was converted, 1 where something was left out or went wrong, 2 for what makes
no sense, 130 when interrupted.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from orchestrator.application.ports import Ports
from orchestrator.application.snapshots.foreign import snapshot_of_index
from orchestrator.application.snapshots.to_index import index_of_snapshot
from orchestrator.bootstrap import CannotStart, open_ports
from orchestrator.domain.errors import SightlineError
from orchestrator.domain.names import parse_collection
from orchestrator.log import configure_logging
from orchestrator.settings import parse
from orchestrator.tools import faiss_writer, foreign_index, foreign_rows, picture_files


async def _tell(said: Mapping[str, Any]) -> None:
    if "why" in said:
        print(f"line {said['line']} is left out: {said['why']}", file=sys.stderr, flush=True)


async def _from_index(ports: Ports, given: argparse.Namespace) -> dict[str, Any]:
    space = ports.models.embedder(given.embedder).space
    index = await asyncio.to_thread(foreign_index, given.index, given.format, space.dimension)
    counts = await snapshot_of_index(
        ports,
        index=index,
        rows=foreign_rows(given.rows),
        pictures=picture_files(given.pictures.resolve()),
        place=ports.places.open(_uri(given.snapshot), field="snapshot", create=True),
        name=parse_collection(f"collections/{given.collection}", "collection"),
        embedder=given.embedder,
        report=_tell,
    )
    return dict(counts)


async def _to_faiss(ports: Ports, given: argparse.Namespace) -> dict[str, Any]:
    place = ports.places.open(_uri(given.snapshot), field="snapshot")
    writer = partial(faiss_writer, given.folder)
    return {"vectors": await index_of_snapshot(ports, place, writer), "left_out": 0}


def _uri(place: str) -> str:
    return place if "://" in place else Path(place).absolute().as_uri()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sightline convert", description="Indexes in and out of snapshots.")
    ways = parser.add_subparsers(required=True, dest="way")
    inward = ways.add_parser("from-index", help="a snapshot of an index that FAISS or hnswlib wrote")
    inward.add_argument("index", type=Path, help="its file")
    inward.add_argument("snapshot", help="a folder, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX, to write to")
    inward.add_argument(
        "--rows", type=Path, required=True, help="JSON lines that say what the vectors are of"
    )
    inward.add_argument("--pictures", type=Path, required=True, help="folder that the rows' files lie below")
    inward.add_argument("--embedder", required=True, help="installed pack that made the vectors")
    inward.add_argument("--format", choices=("faiss", "hnswlib"), required=True, help="who wrote the index")
    inward.add_argument(
        "--metric",
        choices=("cosine", "ip"),
        help="hnswlib's space, which its files do not tell; l2 cannot be taken",
    )
    inward.add_argument("--collection", default="imported", help="id that the snapshot bears")
    outward = ways.add_parser("to-faiss", help="an index for FAISS of a snapshot's vectors")
    outward.add_argument("snapshot", help="a folder, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX")
    outward.add_argument("folder", type=Path, help="where vectors.faiss and vectors.jsonl are written")
    return parser


async def _run(given: argparse.Namespace) -> dict[str, Any]:
    settings = parse([])
    configure_logging(settings.log_level, settings.log_format)
    async with open_ports(settings) as ports:
        return await (_from_index if given.way == "from-index" else _to_faiss)(ports, given)


def main() -> int:
    """Converts; returns the exit status."""
    parser = _parser()
    given = parser.parse_args()
    if given.way == "from-index" and given.format == "hnswlib" and not given.metric:
        parser.error("--metric: hnswlib's files do not say which; cosine or ip")
    try:
        done = asyncio.run(_run(given))
    except (CannotStart, SightlineError, OSError) as error:
        said = error.message if isinstance(error, SightlineError) else str(error)
        print(f"error: {said}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(json.dumps(done))
    return 1 if done["left_out"] else 0


if __name__ == "__main__":
    sys.exit(main())

"""Records as Pinecone takes them, and where they lie."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from orchestrator.adapters.index.pinecone_metadata import metadata
from orchestrator.adapters.index.safe_names import safe_name
from orchestrator.application.ports import Kind, VectorRecord

_UPSERT_BYTES = 2_000_000
_UPSERT_RECORDS = 1_000


def place_of(namespace: str, kind: Kind) -> str:
    """Pinecone's namespace for a kind of record."""
    return f"{safe_name(namespace)}.{kind.value}s"


def kind_of(name: str) -> str:
    """The kind of a record: `collections/c/images/i` is an image."""
    return name.split("/")[-2].removesuffix("s")


def upserts(records: Iterable[VectorRecord]) -> Iterator[list[dict[str, Any]]]:
    """Records in batches that one request may hold."""
    batch: list[dict[str, Any]] = []
    size = 0
    for record in records:
        fresh = _vector(record)
        bytes = len(orjson.dumps(fresh)) + 1
        if batch and (len(batch) >= _UPSERT_RECORDS or size + bytes > _UPSERT_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(fresh)
        size += bytes
    if batch:
        yield batch


def _vector(record: VectorRecord) -> dict[str, Any]:
    fresh: dict[str, Any] = {
        "id": record.name,
        "values": record.vector.tolist(),
        "metadata": metadata(record.attributes),
    }
    if record.terms:
        fresh["sparse_values"] = {"indices": list(record.terms), "values": list(record.terms.values())}
    return fresh

"""Operations on an index's records."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.fakes.pinecone.cloud import (
    MAX_METADATA_BYTES,
    MAX_TOP_K,
    Index,
    Namespace,
    Record,
    Refused,
    Weather,
)
from tests.fakes.pinecone.filters import fulfils

MAX_UPSERT_BYTES = 2 * 1024 * 1024
MAX_RESULT_BYTES = 4 * 1024 * 1024
MAX_PAGE = 100

Answer = tuple[int, dict[str, Any], dict[str, str]]
"""Status, body, headers."""


def upsert(index: Index, weather: Weather, body: Mapping[str, Any], size: int) -> Answer:
    if size > MAX_UPSERT_BYTES:
        raise _bad(f"a request of {size} bytes")
    fresh = {each["id"]: _record(index, each) for each in body["vectors"]}
    namespace = index.namespaces.setdefault(body.get("namespace", ""), Namespace())
    lsn = namespace.write(weather, lambda records: records.update(fresh))
    return 200, {"upsertedCount": len(body["vectors"])}, {"x-pinecone-request-lsn": str(lsn)}


def query(index: Index, body: Mapping[str, Any]) -> Answer:
    top_k, metadata = body["topK"], body.get("includeMetadata", False)
    if not 1 <= top_k <= MAX_TOP_K:
        raise _bad(f"top_k {top_k}")
    if len(body["vector"]) != index.dimension:
        raise _bad(f"Vector dimension {len(body['vector'])} does not match {index.dimension}")
    sparse = body.get("sparseVector")
    if sparse and index.metric != "dotproduct":
        raise _bad("Index configuration does not support sparse values")
    terms = dict(zip(sparse["indices"], sparse["values"], strict=True)) if sparse else {}
    dense = np.asarray(body["vector"], np.float32)
    if not dense.any():
        raise _bad("Dense vectors must contain at least one non-zero value")
    namespace = index.namespace(body.get("namespace", ""))
    records = namespace.read()
    wanted = body.get("filter") or {}
    found = [
        (record.score(dense, terms), id, record)
        for id, record in records.items()
        if fulfils(record.metadata, wanted)
    ]
    found.sort(key=lambda each: -each[0])
    matches = [
        {"id": id, "score": score, **({"metadata": record.metadata} if metadata else {})}
        for score, id, record in found[:top_k]
    ]
    answer = {"matches": matches, "namespace": body.get("namespace", ""), "usage": {"readUnits": 5}}
    if len(json.dumps(answer)) > MAX_RESULT_BYTES:
        raise _bad("a result of more than 4 MB")
    return 200, answer, {"x-pinecone-max-indexed-lsn": str(namespace.indexed)}


def delete(index: Index, weather: Weather, body: Mapping[str, Any]) -> Answer:
    namespace = index.namespace(body.get("namespace", ""))
    if not body.get("ids"):
        raise _bad("by ids alone")
    gone = set(body["ids"])

    def change(records: dict[str, Record]) -> None:
        for id in gone:
            records.pop(id, None)

    return 200, {}, {"x-pinecone-request-lsn": str(namespace.write(weather, change))}


def fetch(index: Index, name: str, ids: list[str]) -> Answer:
    records = index.namespace(name).read()
    found = {id: _shown(id, records[id]) for id in ids if id in records}
    return 200, {"namespace": name, "vectors": found, "usage": {"readUnits": 1}}, {}


def fetch_by_metadata(index: Index, body: Mapping[str, Any]) -> Answer:
    name, limit = body.get("namespace", ""), body.get("limit", 100)
    records = index.namespace(name).read()
    found = sorted(id for id, record in records.items() if fulfils(record.metadata, body["filter"]))
    start = int(body.get("paginationToken", "0"))
    page = {id: _shown(id, records[id]) for id in found[start : start + limit]}
    answer: dict[str, Any] = {"namespace": name, "vectors": page, "usage": {"readUnits": 1}}
    if start + limit < len(found):
        answer["pagination"] = {"next": str(start + limit)}
    return 200, answer, {}


def list_ids(index: Index, name: str, limit: int, token: str | None) -> Answer:
    if not 1 <= limit <= MAX_PAGE:
        raise _bad(f"limit {limit}")
    ids = sorted(index.namespace(name).read())
    page = [id for id in ids if token is None or id > token][: limit + 1]
    answer: dict[str, Any] = {"namespace": name, "vectors": [{"id": id} for id in page[:limit]]}
    if len(page) > limit:
        answer["pagination"] = {"next": page[limit - 1]}
    return 200, answer | {"usage": {"readUnits": 1}}, {}


def stats(index: Index) -> Answer:
    counts = {name: {"vectorCount": len(each.read())} for name, each in index.namespaces.items()}
    total = sum(each["vectorCount"] for each in counts.values())
    return 200, {"dimension": index.dimension, "namespaces": counts, "totalVectorCount": total}, {}


def create_namespace(index: Index, body: Mapping[str, Any]) -> Answer:
    if body["name"] in index.namespaces:
        raise Refused(409, "ALREADY_EXISTS", "Namespace already exists")
    index.namespaces[body["name"]] = Namespace()
    return 200, {"name": body["name"], "record_count": 0}, {}


def describe_namespace(index: Index, name: str) -> Answer:
    return 200, {"name": name, "record_count": len(index.namespace(name).read())}, {}


def delete_namespace(index: Index, name: str) -> Answer:
    index.namespace(name)
    del index.namespaces[name]
    return 200, {}, {}


def _record(index: Index, vector: Mapping[str, Any]) -> Record:
    if len(vector.get("values", ())) != index.dimension:
        raise _bad(f"Vector dimension {len(vector.get('values', ()))} does not match {index.dimension}")
    values = np.asarray(vector["values"], np.float32)
    if not values.any():
        raise _bad("Dense vectors must contain at least one non-zero value")
    metadata = vector.get("metadata", {})
    if len(json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode()) > MAX_METADATA_BYTES:
        raise _bad("metadata of more than 40 KB")
    for name, value in metadata.items():
        listed = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if name.startswith("$") or not (listed or isinstance(value, str | int | float | bool)):
            raise _bad(f"metadata {name} is no text, number, truth value or list of texts")
    sparse = vector.get("sparseValues")
    if sparse and len(sparse["indices"]) != len(sparse["values"]):
        raise _bad("sparse indices and values differ in number")
    if sparse and not all(0 <= each < 2**32 for each in sparse["indices"]):
        raise _bad("a sparse index of more than 32 bits")
    terms = dict(zip(sparse["indices"], sparse["values"], strict=True)) if sparse else {}
    return Record(values, terms, metadata)


def _shown(id: str, record: Record) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": id, "values": record.values.tolist(), "metadata": record.metadata}
    if record.sparse:
        shown["sparseValues"] = {"indices": list(record.sparse), "values": list(record.sparse.values())}
    return shown


def _bad(message: str) -> Refused:
    return Refused(400, "INVALID_ARGUMENT", message)

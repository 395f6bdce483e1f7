"""`VectorIndex` over Qdrant's gRPC contract: the embedded edge server and a Qdrant server alike."""

from collections.abc import AsyncIterator, Iterator, Sequence

import grpc.aio

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.missing import Missing
from orchestrator.adapters.index.qdrant_calls import Calls, open_channel
from orchestrator.adapters.index.qdrant_filter import current_filter, search_filter
from orchestrator.adapters.index.qdrant_payload import NAME, WORDS, point, point_id, sparse
from orchestrator.adapters.index.qdrant_schema import (
    Sharding,
    consistency,
    indexes,
    new_collection,
    search_params,
    words_vector,
)
from orchestrator.adapters.index.ranked import by_score, ranked_page
from orchestrator.adapters.index.safe_names import safe_name
from orchestrator.application.ports import Kind, Neighbour, VectorRecord, WordMatch
from orchestrator.domain.embedding import Vector
from orchestrator.domain.errors import SightlineError
from orchestrator.domain.filter import Filter
from orchestrator.domain.lexical import Terms

MAX_RESULTS = 16_384
"""How deep a search can be paged."""

_UPSERT_BYTES = 4 * 1024 * 1024
_UPSERT_POINTS = 1_000
_IDS = 5_000
_READY_SECONDS = 2.0
_SCHEMA_SECONDS = 300.0

_NAMED = q.WithPayloadSelector(include=q.PayloadIncludeSelector(fields=[NAME]))


class QdrantIndex:
    """A Qdrant server, or the edge server. Raises Unavailable without an answer, or without the namespace."""

    lag = 0.0

    def __init__(
        self,
        address: str,
        *,
        api_key: str | None = None,
        tls: bool = False,
        timeout: float = 30.0,
        beam: int = 128,
        made: Sharding | None = None,
    ) -> None:
        """`address` is host:port of its gRPC; `timeout` in seconds a call; `beam` is ef of a search; `made`
        says how a cluster keeps the collections that are made."""
        self._channel: grpc.aio.Channel = open_channel(address, tls=tls)
        self._points = q.PointsStub(self._channel)  # type: ignore[no-untyped-call]
        self._collections = q.CollectionsStub(self._channel)  # type: ignore[no-untyped-call]
        self._health = q.QdrantStub(self._channel)  # type: ignore[no-untyped-call]
        self._call = Calls(timeout, api_key)
        self._made = made or Sharding()
        self._params = search_params(beam)
        self._reading, self._writing = consistency(self._made)

    async def close(self) -> None:
        """Lets go of the connection."""
        await self._channel.close()

    async def create_namespace(self, namespace: str, dimension: int) -> None:
        """Makes a namespace with its payload indexes; one that exists is left as it is."""
        name = safe_name(namespace)
        if not await self._exists(name):
            try:
                await self._call(self._collections.Create, new_collection(name, dimension, self._made))
            except SightlineError:
                # Somebody else was faster; servers differ in the code that says so.
                if not await self._exists(name):
                    raise
        info = await self._call(self._collections.Get, q.GetCollectionInfoRequest(collection_name=name))
        if WORDS not in info.result.config.params.sparse_vectors_config.map:
            await self._call(self._points.CreateVectorName, words_vector(name), _SCHEMA_SECONDS)
        for index in indexes(name):
            if index.field_name not in info.result.payload_schema:
                await self._call(self._points.CreateFieldIndex, index, _SCHEMA_SECONDS)

    async def _exists(self, name: str) -> bool:
        request = q.CollectionExistsRequest(collection_name=name)
        response = await self._call(self._collections.CollectionExists, request)
        return bool(response.result.exists)

    async def delete_namespace(self, namespace: str) -> None:
        """Deletes a namespace and its vectors; one that does not exist is no error."""
        request = q.DeleteCollection(collection_name=safe_name(namespace))
        await self._call(self._collections.Delete, request)

    async def upsert(self, namespace: str, records: Sequence[VectorRecord]) -> None:
        """Writes records, in batches bounded by bytes; durable when it returns."""
        name = safe_name(namespace)
        for points in _batches(records):
            await self._call(
                self._points.Upsert,
                q.UpsertPoints(collection_name=name, wait=True, points=points, ordering=self._writing),
            )

    async def delete(self, namespace: str, names: Sequence[str]) -> None:
        """Deletes records; missing ones, and a missing namespace, are no error."""
        name = safe_name(namespace)
        try:
            for selector in _selectors(names):
                await self._call(
                    self._points.Delete,
                    q.DeletePoints(collection_name=name, wait=True, points=selector, ordering=self._writing),
                )
        except Missing:
            return

    async def names(self, namespace: str) -> AsyncIterator[str]:
        """The names of all records, in no order. None for a namespace that does not exist."""
        request = q.ScrollPoints(
            collection_name=safe_name(namespace),
            limit=_IDS,
            with_payload=_NAMED,
            read_consistency=self._reading,
        )
        while True:
            try:
                page = await self._call(self._points.Scroll, request)
            except Missing:
                return
            for record in page.result:
                yield record.payload[NAME].string_value
            if not page.HasField("next_page_offset"):
                return
            request.offset.CopyFrom(page.next_page_offset)

    async def search(
        self,
        namespace: str,
        vector: Vector,
        kind: Kind,
        *,
        limit: int,
        offset: int = 0,
        filter: Filter | None = None,
        token: str | None = None,
    ) -> Sequence[Neighbour]:
        """The nearest records, the best first; of equal cosine (to six decimals), by name.

        Every write is seen once it is acknowledged: there are no tokens, and another engine's change nothing.
        """
        request = q.QueryPoints(
            collection_name=safe_name(namespace),
            query=q.Query(nearest=q.VectorInput(dense=q.DenseVector(data=vector.tolist()))),
            filter=search_filter(kind, filter),
            params=self._params,
            with_payload=_NAMED,
            read_consistency=self._reading,
        )

        async def nearest(limit: int) -> list[tuple[str, float]]:
            request.limit = limit
            found = (await self._call(self._points.Query, request)).result
            return [(hit.payload[NAME].string_value, hit.score) for hit in found]

        return await ranked_page(nearest, offset=offset, limit=limit, deepest=MAX_RESULTS)

    async def search_words(
        self,
        namespace: str,
        terms: Terms,
        kind: Kind,
        *,
        limit: int,
        filter: Filter | None = None,
        token: str | None = None,
    ) -> Sequence[WordMatch]:
        """The records with most of the terms, the best first; Qdrant weighs each by how rare it is."""
        if not terms or not limit:
            return []
        request = q.QueryPoints(
            collection_name=safe_name(namespace),
            query=q.Query(nearest=q.VectorInput(sparse=sparse(terms))),
            using=WORDS,
            filter=search_filter(kind, filter),
            with_payload=_NAMED,
            limit=limit,
            read_consistency=self._reading,
        )
        found = (await self._call(self._points.Query, request)).result
        return by_score((hit.payload[NAME].string_value, hit.score) for hit in found)

    async def count(self, namespace: str, kind: Kind, filter: Filter | None = None) -> int:
        """How many records there are in the format of now. 0 for a namespace that does not exist."""
        request = q.CountPoints(
            collection_name=safe_name(namespace),
            filter=current_filter(kind, filter),
            exact=True,
            read_consistency=self._reading,
        )
        try:
            return int((await self._call(self._points.Count, request)).result.count)
        except Missing:
            return 0

    async def ready(self) -> bool:
        """Whether the engine answers; never raises."""
        try:
            await self._call(self._health.HealthCheck, q.HealthCheckRequest(), _READY_SECONDS)
        except SightlineError:
            return False
        return True


def _batches(records: Sequence[VectorRecord]) -> Iterator[list[q.PointStruct]]:
    batch: list[q.PointStruct] = []
    size = 0
    for record in records:
        fresh = point(record)
        bytes = fresh.ByteSize()
        if batch and (len(batch) >= _UPSERT_POINTS or size + bytes > _UPSERT_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(fresh)
        size += bytes
    if batch:
        yield batch


def _selectors(names: Sequence[str]) -> Iterator[q.PointsSelector]:
    for start in range(0, len(names), _IDS):
        part = [point_id(name) for name in names[start : start + _IDS]]
        yield q.PointsSelector(points=q.PointsIdsList(ids=part))

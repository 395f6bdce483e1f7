"""`VectorIndex` over Pinecone, through its own SDK, over HTTP.

A namespace is one of Pinecone's for each kind of record, in the index of its vectors' length. A record's id
is its name, and its attributes are tags (`pinecone_metadata`). The SDK's gRPC client does not know asyncio.
"""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from pinecone.async_client.async_index import AsyncIndex
from pinecone.async_client.pinecone import AsyncPinecone

from orchestrator.adapters.index.missing import Missing
from orchestrator.adapters.index.pinecone_calls import call
from orchestrator.adapters.index.pinecone_filter import NOTHING, narrowing
from orchestrator.adapters.index.pinecone_indexes import Indexes, Serverless
from orchestrator.adapters.index.pinecone_lsn import Lsns, committed
from orchestrator.adapters.index.pinecone_query import MAX_RESULTS, Query, checker
from orchestrator.adapters.index.pinecone_records import kind_of, place_of, upserts
from orchestrator.adapters.index.pinecone_words import Rarities, words_alone
from orchestrator.adapters.index.ranked import by_score, ranked_page
from orchestrator.application.ports import Kind, Neighbour, VectorRecord, WordMatch
from orchestrator.domain.embedding import Vector
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.filter import Filter
from orchestrator.domain.lexical import Terms

_DELETE_IDS = 1_000
_LIST_IDS = 100
_PAGE = 100
_READY_SECONDS = 10.0


class PineconeIndex:
    """Pinecone. Raises Unavailable without an answer, or without the namespace.

    `lag`: seconds after which its counts are believed. `patience`: how long a search waits for the write that
    its token is of. `timeout`: seconds a call, repetitions included.
    """

    def __init__(
        self,
        api_key: str | None,
        where: Serverless,
        *,
        host: str | None = None,
        timeout: float = 30.0,
        lag: float = 60.0,
        patience: float = 5.0,
    ) -> None:
        self.lag = lag
        self._timeout = timeout
        self._patience = patience
        self._indexes = Indexes(AsyncPinecone(api_key, host=host, timeout=timeout), where, timeout)
        self._homes: dict[str, AsyncIndex] = {}
        self._dimensions: dict[str, int] = {}
        self._lsns = Lsns()
        self._rarities = Rarities()
        self._looked, self._was_ready = -_READY_SECONDS, False

    async def close(self) -> None:
        """Lets go of the connections."""
        await self._indexes.close()

    async def create_namespace(self, namespace: str, dimension: int) -> None:
        """Makes a namespace, and the index that it lies in where there is none; waits until that is ready."""
        index = await self._indexes.of(dimension)
        for kind in Kind:
            await self._create(index, place_of(namespace, kind))
        self._homes[namespace], self._dimensions[namespace] = index, dimension

    async def delete_namespace(self, namespace: str) -> None:
        """Deletes a namespace and its vectors; one that does not exist is no error."""
        try:
            index = await self._home(namespace)
            for kind in Kind:
                await call(index.delete_namespace(name=place_of(namespace, kind)), self._timeout)
        except Missing:
            pass
        finally:
            self._homes.pop(namespace, None)

    async def upsert(self, namespace: str, records: Sequence[VectorRecord]) -> str | None:
        """Writes records, in batches within Pinecone's limits; the token of what was written last."""
        index = await self._home(namespace)
        self._check_lengths(namespace, [record.vector for record in records])
        for kind in Kind:
            for batch in upserts(record for record in records if record.kind is kind):
                answer = await call(
                    index.upsert(vectors=batch, namespace=place_of(namespace, kind)), self._timeout
                )
                self._lsns.wrote(namespace, kind, committed(answer.response_info))
        return self._lsns.token(namespace)

    async def delete(self, namespace: str, names: Sequence[str]) -> None:
        """Deletes records; missing ones, and a missing namespace, are no error.

        A search may find them for a while: the SDK does not tell what number a deletion has.
        """
        try:
            index = await self._home(namespace)
            for kind in Kind:
                ids = [name for name in names if kind_of(name) == kind.value]
                for start in range(0, len(ids), _DELETE_IDS):
                    part = ids[start : start + _DELETE_IDS]
                    await call(index.delete(ids=part, namespace=place_of(namespace, kind)), self._timeout)
        except Missing:
            return

    async def names(self, namespace: str) -> AsyncIterator[str]:
        """The names of all records, in no order. None for a namespace that does not exist."""
        try:
            index = await self._home(namespace)
        except Missing:
            return
        for kind in Kind:
            after: str | None = None
            while True:
                page = await call(
                    index.list_paginated(
                        limit=_LIST_IDS, pagination_token=after, namespace=place_of(namespace, kind)
                    ),
                    self._timeout,
                )
                for item in page.vectors:
                    yield str(item.id)
                after = page.pagination.next if page.pagination else None
                if not after:
                    break

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

        With a token it waits, for a while, until it sees the write.
        """
        query = await self._query(namespace, kind, filter, token)
        self._check_lengths(namespace, [vector])
        query = replace(query, ask={"vector": vector.tolist()})
        return await ranked_page(query.best, offset=offset, limit=limit, deepest=MAX_RESULTS)

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
        """The records with most of the terms, the best first, each weighed by how rare it is in its kind."""
        query = await self._query(namespace, kind, filter, token)
        if not terms or not limit:
            return []
        dimension = self._dimensions[namespace]
        weights = await self._rarities.weighted(query, dimension, terms)
        return by_score(await replace(query, ask=words_alone(weights, dimension)).best(limit))

    async def count(self, namespace: str, kind: Kind, filter: Filter | None = None) -> int:
        """How many records there are, as far as Pinecone tells yet. 0 for a namespace that does not exist.

        With a filter it reads every record that fulfils it.
        """
        narrowed, place = narrowing(filter), place_of(namespace, kind)
        if narrowed.filter is NOTHING:
            return 0
        try:
            index = await self._home(namespace)
            if filter is None:
                stats = await call(index.describe_index_stats(), self._timeout)
                return stats.namespaces[place].vector_count if place in stats.namespaces else 0
            counted, after, check = 0, None, checker(None if narrowed.exact else filter)
            while True:
                page = await call(
                    index.fetch_by_metadata(
                        filter=narrowed.filter, namespace=place, limit=_PAGE, pagination_token=after
                    ),
                    self._timeout,
                )
                counted += sum(map(check, page.vectors.values()))
                after = page.pagination.next if page.pagination else None
                if not after:
                    return counted
        except Missing:
            return 0

    async def ready(self) -> bool:
        """Whether the engine answers, asked every ten seconds at most; never raises."""
        if time.monotonic() - self._looked >= _READY_SECONDS:
            self._was_ready = await self._indexes.ready()
            self._looked = time.monotonic()
        return self._was_ready

    async def _query(self, namespace: str, kind: Kind, filter: Filter | None, token: str | None) -> Query:
        return Query(
            index=await self._home(namespace),
            place=place_of(namespace, kind),
            ask={},
            filter=filter,
            since=self._lsns.of(token, kind),
            timeout=self._timeout,
            patience=self._patience,
        )

    async def _home(self, namespace: str) -> AsyncIndex:
        """The index that a namespace lies in. Raises Missing."""
        if namespace not in self._homes:
            for dimension, index in (await self._indexes.all()).items():
                if await self._holds(index, place_of(namespace, Kind.IMAGE)):
                    self._homes[namespace], self._dimensions[namespace] = index, dimension
                    break
            else:
                raise Missing()
        return self._homes[namespace]

    async def _create(self, index: AsyncIndex, place: str) -> None:
        if await self._holds(index, place):
            return
        try:
            await call(index.create_namespace(name=place), self._timeout)
        except InvalidArgument:  # another was faster
            if not await self._holds(index, place):
                raise

    async def _holds(self, index: AsyncIndex, place: str) -> bool:
        try:
            await call(index.describe_namespace(name=place), self._timeout)
        except Missing:
            return False
        return True

    def _check_lengths(self, namespace: str, vectors: Sequence[Vector]) -> None:
        if any(vector.shape != (self._dimensions[namespace],) for vector in vectors):
            raise InvalidArgument("the vector index does not take this request")

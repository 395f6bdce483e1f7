"""Pinecone's indexes: one for each length of vectors, made when it is needed and waited for."""

import asyncio
import re
from dataclasses import dataclass

import structlog
from pinecone.async_client.async_index import AsyncIndex
from pinecone.async_client.pinecone import AsyncPinecone
from pinecone.errors.exceptions import ConflictError, PineconeError
from pinecone.models.indexes.specs import ServerlessSpec

from orchestrator.adapters.index.missing import Missing
from orchestrator.adapters.index.pinecone_calls import call, translate
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, Unavailable

METRIC = "dotproduct"
"""What words and vectors together need. Vectors are of unit length, so it is their cosine."""

_READY_SECONDS = 300.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Serverless:
    """Where an index is made: its name is `prefix`-DIMENSION, and it is serverless."""

    prefix: str
    cloud: str
    region: str


class Indexes:
    """The indexes below a prefix, and a client for each. Raises domain errors."""

    def __init__(self, pinecone: AsyncPinecone, where: Serverless, timeout: float) -> None:
        self._pinecone = pinecone
        self._where = where
        self._timeout = timeout
        self._open: dict[int, AsyncIndex] = {}

    async def close(self) -> None:
        """Lets go of the connections."""
        for index in self._open.values():
            await index.close()
        await self._pinecone.close()

    async def all(self) -> dict[int, AsyncIndex]:
        """The indexes that there are, by the length of their vectors."""
        named = re.compile(re.escape(self._where.prefix) + r"-(\d+)")
        listed = await call(self._pinecone.indexes.list(), self._timeout)
        found = [int(match[1]) for each in listed if (match := named.fullmatch(each.name))]
        return {dimension: await self.of(dimension) for dimension in found}

    async def of(self, dimension: int) -> AsyncIndex:
        """The index of a length, made and waited for where there is none. Raises FailedPrecondition for one
        of another metric, or that could not be made."""
        if dimension not in self._open:
            name = f"{self._where.prefix}-{dimension}"
            host = await self._host(name, dimension)
            index = await call(self._pinecone.index(host=host), self._timeout)
            if self._open.setdefault(dimension, index) is not index:  # another call was faster
                await index.close()
        return self._open[dimension]

    async def ready(self) -> bool:
        """Whether the control plane answers."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._pinecone.indexes.list()
        except (PineconeError, TimeoutError):
            return False
        return True

    async def _host(self, name: str, dimension: int) -> str:
        if not await call(self._pinecone.indexes.exists(name), self._timeout):
            await self._create(name, dimension)
        pause, waited = _FIRST_PAUSE, 0.0
        while True:
            index = await call(self._pinecone.indexes.describe(name), self._timeout)
            if index.metric != METRIC:
                raise FailedPrecondition(
                    f"the Pinecone index {name} compares by {index.metric}, not by {METRIC}, which "
                    "a search by words needs",
                    reason="INDEX_METRIC",
                )
            if index.status.ready and index.host:
                return str(index.host)
            if index.status.state in ("InitializationFailed", "Terminating"):
                raise FailedPrecondition(f"the Pinecone index {name} is {index.status.state}")
            if waited > _READY_SECONDS:
                raise Unavailable(f"the Pinecone index {name} is not ready yet", retry_after=_LONGEST_PAUSE)
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, _LONGEST_PAUSE)

    async def _create(self, name: str, dimension: int) -> None:
        _log.info("index.pinecone.create", index=name, dimension=dimension, metric=METRIC)
        spec = ServerlessSpec(cloud=self._where.cloud, region=self._where.region)
        try:
            async with asyncio.timeout(self._timeout):
                await self._pinecone.indexes.create(
                    name=name, spec=spec, dimension=dimension, metric=METRIC, timeout=-1
                )
        except ConflictError:
            return  # another orchestrator was faster
        except TimeoutError as error:
            raise Unavailable("the vector index does not answer in time", retry_after=1.0) from error
        except PineconeError as error:
            told = translate(error)
            if isinstance(told, InvalidArgument | Missing):
                raise FailedPrecondition(
                    f"Pinecone does not make the index {name} in {self._where.cloud} {self._where.region}",
                    reason="INDEX_NOT_MADE",
                ) from error
            raise told from error

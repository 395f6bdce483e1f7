"""Builds everything from the settings. The only room that names concrete adapters."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import timedelta

import structlog

from orchestrator.adapters.blobs.object_store import ObjectStoreBlobs
from orchestrator.adapters.blobs.places import ObjectStorePlaces
from orchestrator.adapters.blobs.stores import open_store
from orchestrator.adapters.cache.counted import CountedCache
from orchestrator.adapters.cache.memory import MemoryCache
from orchestrator.adapters.cache.redis import RedisCache
from orchestrator.adapters.catalog.import_rows import SqlImports
from orchestrator.adapters.catalog.operation_rows import SqlOperations
from orchestrator.adapters.catalog.peer_rows import SqlPeers
from orchestrator.adapters.catalog.schedule_rows import SqlSchedules
from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.adapters.imaging.pictures import PillowPictures
from orchestrator.adapters.index.pinecone import PineconeIndex
from orchestrator.adapters.index.pinecone_indexes import Serverless
from orchestrator.adapters.index.qdrant import QdrantIndex
from orchestrator.adapters.index.qdrant_schema import Sharding
from orchestrator.adapters.snapshots.parquet import ParquetSnapshots
from orchestrator.adapters.sources.places import Places
from orchestrator.adapters.sources.sources import ConfiguredSources
from orchestrator.adapters.sources.web.addresses import Allowed
from orchestrator.adapters.sources.web.fetcher import Fetcher, FetchLimits
from orchestrator.adapters.triton.client import TritonSession
from orchestrator.adapters.triton.models import TritonModels
from orchestrator.application.collections import ensure_default_collection
from orchestrator.application.imports.budget import Budget
from orchestrator.application.imports.job import import_kind
from orchestrator.application.imports.schedules import keep_running_schedules
from orchestrator.application.jobs import JobKind, Jobs
from orchestrator.application.operations import keep_forgetting_operations
from orchestrator.application.permits import Permits
from orchestrator.application.ports import Ports
from orchestrator.application.predict_anew import Predictor, keep_predicting_anew
from orchestrator.application.recaption import Recaptioner
from orchestrator.application.recover import keep_recovering
from orchestrator.application.relabel import Labeller
from orchestrator.application.snapshots.operations import transfer_kinds
from orchestrator.domain.collection import Segmentation
from orchestrator.domain.errors import SightlineError
from orchestrator.grpc_api.health import Health
from orchestrator.grpc_api.server import Server, ServerOptions
from orchestrator.settings import Settings
from orchestrator.topology import Presence, check_catalog_file, claim_blobs

_FIRST_RETRY = 0.5
_LAST_RETRY = 15.0
_CACHE_TOLD_EVERY = 60.0
_SCHEDULES = 5.0
_FORGETTING = 600.0

_log = structlog.get_logger("orchestrator")


class CannotStart(Exception):
    """Something that the settings name cannot be used; the message names the setting, in one line."""


@asynccontextmanager
async def open_ports(settings: Settings, *, serving: bool = False) -> AsyncIterator[Ports]:
    """The ports over the engines that the settings name, closed with the block.

    Triton and the index need not be up; the catalog and the object store must. Without `serving` this is no
    orchestrator that others know of, or follow. Raises CannotStart.
    """
    async with AsyncExitStack() as stack:
        with _named("the catalog (SIGHTLINE_CATALOG_URL)"):
            catalog = SqlCatalog(settings.catalog)
            stack.push_async_callback(catalog.close)
            if catalog.database.file is not None:
                check_catalog_file(catalog.database.file)
            await catalog.open()
        with _named("the object store (SIGHTLINE_BLOBS_URL)"):
            blobs = ObjectStoreBlobs(settings.blobs)
            await blobs.open()
            await claim_blobs(SqlPeers(catalog.database), blobs)
        with _named("the catalog (SIGHTLINE_CATALOG_URL)"):
            presence = await stack.enter_async_context(_presence(settings, catalog, serving))
        with _named("the cache (SIGHTLINE_CACHE_URL)"):
            cache = await stack.enter_async_context(_cache(settings))
        triton = TritonSession(settings.triton_address, timeout=settings.triton_timeout)
        stack.push_async_callback(triton.close)
        with _named("the vector index (SIGHTLINE_INDEX_ENGINE)"):
            index = vector_index(settings)
        stack.push_async_callback(index.close)
        with _named("the packs (SIGHTLINE_PACKS_DIR)"):
            tree = settings.models_dir if settings.models_dir.is_dir() else None
            models = TritonModels(triton, settings.packs_dir, tree, cache)
        pictures = PillowPictures(settings.decoders)
        stack.callback(pictures.close)
        with _named("what may be fetched (SIGHTLINE_FETCH_ALLOW)"):
            allowed = Allowed(settings.fetch_allowed)
        folders = Places(settings.readable_folders, open_store)
        sources = ConfiguredSources(
            folders,
            Fetcher(
                allowed,
                FetchLimits(
                    timeout=settings.fetch_timeout,
                    idle_timeout=settings.fetch_idle_timeout,
                    at_once=settings.fetch_at_once,
                    per_host=settings.fetch_per_host,
                    rate=settings.fetch_rate,
                    user_agent=settings.fetch_user_agent,
                ),
            ),
            reddit_url=settings.reddit_url,
        )
        stack.push_async_callback(sources.close)
        yield Ports(
            models=models,
            pictures=pictures,
            index=index,
            blobs=blobs,
            catalog=catalog,
            cache=cache,
            sources=sources,
            operations=SqlOperations(catalog.database),
            imports=SqlImports(catalog.database),
            schedules=SqlSchedules(catalog.database),
            places=ObjectStorePlaces(folders.check, own=settings.blobs),
            snapshots=ParquetSnapshots(),
            default_embedder=settings.embedder,
            default_segmenter=settings.segmenter,
            permits=Permits(settings.max_creates, settings.max_waiting),
            leads=presence.leads,
        )


@asynccontextmanager
async def _presence(settings: Settings, catalog: SqlCatalog, serving: bool) -> AsyncIterator[Presence]:
    """Among the orchestrators of the catalog, until the block ends; raises CannotWork where that cannot be.

    What does not serve only looks whether it could.
    """
    index = settings.index_address
    if settings.index_engine == "pinecone":
        index = f"{settings.pinecone_index} at {settings.pinecone_host or 'Pinecone'}"
    presence = Presence(SqlPeers(catalog.database), settings.index_engine, index)
    await presence.join(catalog_is_file=catalog.database.file is not None)
    if not serving:
        await presence.leave()
        yield presence
        return
    keeping = asyncio.create_task(presence.keep(), name="presence")
    try:
        yield presence
    finally:
        keeping.cancel()
        await presence.leave()


@asynccontextmanager
async def _cache(settings: Settings) -> AsyncIterator[CountedCache]:
    async with AsyncExitStack() as stack:
        kept: MemoryCache | RedisCache = MemoryCache(settings.cache_bytes, settings.cache_seconds)
        if url := settings.cache_url.get_secret_value():
            kept = RedisCache(url, settings.cache_seconds)
            stack.push_async_callback(kept.close)
        cache = CountedCache(kept)
        telling = asyncio.create_task(cache.keep_telling(_CACHE_TOLD_EVERY), name="cache")
        stack.callback(telling.cancel)
        yield cache


def vector_index(settings: Settings) -> QdrantIndex | PineconeIndex:
    """The vector index that the settings name."""
    api_key = settings.index_api_key.get_secret_value() or None
    if settings.index_engine == "pinecone":
        where = Serverless(
            prefix=settings.pinecone_index, cloud=settings.pinecone_cloud, region=settings.pinecone_region
        )
        return PineconeIndex(api_key, where, host=settings.pinecone_host or None)
    return QdrantIndex(
        settings.index_address,
        api_key=api_key,
        tls=settings.index_tls,
        made=Sharding(
            shards=settings.qdrant_shards,
            replicas=settings.qdrant_replicas,
            write_consistency=settings.qdrant_write_consistency,
        ),
    )


@contextmanager
def _named(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise CannotStart(f"{what} cannot be used: {why}") from error


async def serve(settings: Settings, ended: asyncio.Event, started: Callable[[int], None]) -> None:
    """Serves until `ended` is set; `started` is told the port. Raises as `open_ports`, and PortTaken."""
    async with open_ports(settings, serving=True) as ports:
        health = Health(ports, settings.health_interval)
        server = Server(
            ports,
            health,
            ServerOptions(
                address=settings.address,
                max_rpcs=settings.max_rpcs,
                bulk_in_flight=settings.max_bulk_in_flight,
            ),
        )
        with suppress(SightlineError):  # tried again below, which tells why
            await _ensure_default_collection(ports, settings)
        port = await server.start()
        predictors: list[Predictor] = [Labeller(), Recaptioner()]
        jobs = Jobs(ports.operations, job_kinds(ports, settings), lease=timedelta(seconds=settings.job_lease))
        background = [
            asyncio.create_task(jobs.keep_running(), name="jobs"),
            asyncio.create_task(keep_running_schedules(ports, every=_SCHEDULES), name="schedules"),
            asyncio.create_task(
                keep_forgetting_operations(
                    ports, age=timedelta(days=settings.operation_days), every=_FORGETTING
                ),
                name="forgetting operations",
            ),
            asyncio.create_task(health.run(), name="health"),
            asyncio.create_task(_keep_default_collection(ports, settings), name="default collection"),
            asyncio.create_task(keep_recovering(ports, every=settings.recover_interval), name="recovery"),
            *(
                asyncio.create_task(
                    keep_predicting_anew(ports, predictor, every=settings.recover_interval),
                    name=f"predicting {predictor.prediction.value.lower()} anew",
                )
                for predictor in predictors
            ),
        ]
        for task in background:
            task.add_done_callback(_tell)
        try:
            started(port)
            await ended.wait()
            _log.info("draining", seconds=settings.drain_seconds)
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await server.stop(settings.drain_seconds)


def job_kinds(ports: Ports, settings: Settings) -> list[JobKind]:
    """Every kind of operation that is worked on."""
    budget = Budget(
        settings.import_items,
        settings.import_bytes,
        beside=settings.import_items_beside,
        traffic=ports.traffic,
    )
    lease = timedelta(seconds=settings.job_lease)
    return [import_kind(ports, budget, lease=lease), *transfer_kinds(ports)]


async def _ensure_default_collection(ports: Ports, settings: Settings) -> None:
    segmentation = Segmentation(settings.segmentation if settings.segmenter else "OFF")
    await ensure_default_collection(ports, segmentation)


async def _keep_default_collection(ports: Ports, settings: Settings) -> None:
    """Tries, ever less often, until `collections/default` is there."""
    pause = _FIRST_RETRY
    while True:
        try:
            return await _ensure_default_collection(ports, settings)
        except SightlineError as error:
            _log.warning("no default collection yet", why=error.message)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LAST_RETRY)


def _tell(task: asyncio.Task[None]) -> None:
    with suppress(asyncio.CancelledError):
        if error := task.exception():
            _log.error("task ended", task=task.get_name(), exc_info=error)

"""Health, service by service: what needs a model is not healthy without one, and what does not is."""

import asyncio
from collections.abc import Awaitable, Mapping
from enum import Enum

import structlog
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio as health_aio

from orchestrator.application.ports import PackInfo, Ports

PROBE_SECONDS = 2.0
"""An engine that has not answered by then is taken for gone."""

_log = structlog.get_logger("health")


class Engine(Enum):
    """What services need."""

    EMBEDDER = "embedder"
    SEGMENTER = "segmenter"
    INDEX = "index"
    BLOBS = "blobs"
    CATALOG = "catalog"


_EVERYTHING = frozenset(Engine)

NEEDS: Mapping[str, frozenset[Engine]] = {
    "": _EVERYTHING,
    "sightline.v1.CollectionService": frozenset({Engine.CATALOG}),
    "sightline.v1.ModelService": frozenset({Engine.CATALOG}),
    "sightline.v1.ImageService": _EVERYTHING,
    "sightline.v1.SegmentationService": _EVERYTHING,
    "sightline.v1.TextService": frozenset({Engine.EMBEDDER, Engine.INDEX, Engine.CATALOG}),
    "sightline.v1.SearchService": _EVERYTHING - {Engine.SEGMENTER},
    "sightline.v1.ImportService": frozenset({Engine.CATALOG}),
    "google.longrunning.Operations": frozenset({Engine.CATALOG}),
    "sightline.v1.EmbeddingService": frozenset({Engine.EMBEDDER, Engine.CATALOG}),
}
"""Service → the engines that all of its calls together need. Those that need less answer all the same."""


class Health:
    """Looks at the engines every `interval` seconds and tells grpc.health.v1."""

    def __init__(self, ports: Ports, interval: float) -> None:
        self._ports = ports
        self._interval = interval
        self._told: dict[str, bool] = {}
        self.servicer = health_aio.HealthServicer()

    async def run(self) -> None:
        """Looks until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._interval)

    async def look(self) -> None:
        """Looks once."""
        embedder, segmenter, index, blobs, catalog = await asyncio.gather(
            _within(self._embedder_ready()),
            _within(self._segmenter_ready()),
            _within(self._ports.index.ready()),
            _within(self._ports.blobs.ready()),
            _within(self._ports.catalog.ready()),
        )
        answers = {
            Engine.EMBEDDER: embedder,
            Engine.SEGMENTER: segmenter,
            Engine.INDEX: index,
            Engine.BLOBS: blobs,
            Engine.CATALOG: catalog,
        }
        away = frozenset(engine for engine, answered in answers.items() if not answered)
        for service, needs in NEEDS.items():
            await self._tell(service, needs & away)

    async def drain(self) -> None:
        """Says NOT_SERVING everywhere, for good: a load balancer then sends no more calls."""
        await self.servicer.enter_graceful_shutdown()

    async def _embedder_ready(self) -> bool:
        pack = self._pack(self._ports.default_embedder)
        needed = set(pack.embedder_models) if pack else set()
        return bool(needed) and await self._served(needed)

    async def _segmenter_ready(self) -> bool:
        """Whether it is served; a server without one does not miss it."""
        pack = self._pack(self._ports.default_segmenter)
        return await self._served(set(pack.segmenter_models) if pack else set())

    def _pack(self, name: str) -> PackInfo | None:
        return next((pack for pack in self._ports.models.packs() if pack.name == name), None)

    async def _served(self, models: set[str]) -> bool:
        ready = await self._ports.models.ready()
        return all(ready.get(model, False) for model in models)

    async def _tell(self, service: str, missing: frozenset[Engine]) -> None:
        serving = not missing
        if self._told.get(service) == serving:
            return
        self._told[service] = serving
        status = health_pb2.HealthCheckResponse
        await self.servicer.set(service, status.SERVING if serving else status.NOT_SERVING)
        if not service:
            _log.info(
                "health",
                status="SERVING" if serving else "NOT_SERVING",
                missing=sorted(engine.value for engine in missing),
            )


async def _within(probe: Awaitable[bool]) -> bool:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return await probe
    except Exception as error:
        _log.debug("probe failed", error=repr(error))
        return False

"""The gRPC server: its services, limits, health, reflection, and its orderly end."""

from dataclasses import dataclass

import grpc
from google.longrunning import operations_pb2_grpc
from grpc_channelz.v1 import channelz
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from orchestrator.application.permits import Permits
from orchestrator.application.ports import Ports
from orchestrator.grpc_api.collection_service import CollectionServicer
from orchestrator.grpc_api.embedding_service import EmbeddingServicer
from orchestrator.grpc_api.health import NEEDS, Health
from orchestrator.grpc_api.image_service import ImageServicer
from orchestrator.grpc_api.import_service import ImportServicer
from orchestrator.grpc_api.interceptors import CallInterceptor
from orchestrator.grpc_api.model_service import ModelServicer
from orchestrator.grpc_api.operations_service import OperationsServicer
from orchestrator.grpc_api.search_service import SearchServicer
from orchestrator.grpc_api.segmentation_service import SegmentationServicer
from orchestrator.grpc_api.text_service import TextServicer
from sightline.v1 import (
    collection_service_pb2_grpc,
    embedding_service_pb2_grpc,
    image_service_pb2_grpc,
    import_service_pb2_grpc,
    model_service_pb2_grpc,
    search_service_pb2_grpc,
    segmentation_service_pb2_grpc,
    text_service_pb2_grpc,
)

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
MAX_UPLOADS = 64
"""Chunked uploads received at once: each holds up to 32 MiB."""

OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),  # a taken port is an error, not a second server behind it
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.max_ping_strikes", 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """Where to listen (`host:port`, port 0 for a free one), and bounds."""

    address: str
    max_rpcs: int = 512
    bulk_in_flight: int = 16


class PortTaken(Exception):
    """Nobody can listen there."""


class Server:
    """Serves sightline.v1 over the ports."""

    def __init__(self, ports: Ports, health: Health, options: ServerOptions) -> None:
        self._health = health
        self._options = options
        self._server = grpc.aio.server(interceptors=(CallInterceptor(options.max_rpcs),), options=OPTIONS)
        images = ImageServicer(ports, Permits(MAX_UPLOADS, 0), options.bulk_in_flight)
        server = self._server
        collection_service_pb2_grpc.add_CollectionServiceServicer_to_server(CollectionServicer(ports), server)
        image_service_pb2_grpc.add_ImageServiceServicer_to_server(images, server)
        segmentation_service_pb2_grpc.add_SegmentationServiceServicer_to_server(
            SegmentationServicer(ports), server
        )
        text_service_pb2_grpc.add_TextServiceServicer_to_server(TextServicer(ports), server)
        search_service_pb2_grpc.add_SearchServiceServicer_to_server(SearchServicer(ports), server)
        embedding_service_pb2_grpc.add_EmbeddingServiceServicer_to_server(EmbeddingServicer(ports), server)
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(ModelServicer(ports), server)
        import_service_pb2_grpc.add_ImportServiceServicer_to_server(ImportServicer(ports), server)
        operations_pb2_grpc.add_OperationsServicer_to_server(OperationsServicer(ports), server)
        health_pb2_grpc.add_HealthServicer_to_server(health.servicer, server)
        channelz.add_channelz_servicer(server)
        named = [service for service in NEEDS if service]
        others = ("grpc.health.v1.Health", "grpc.channelz.v1.Channelz", reflection.SERVICE_NAME)
        reflection.enable_server_reflection((*named, *others), server)

    async def start(self) -> int:
        """Listens, and returns the port. Raises PortTaken."""
        try:
            port: int = self._server.add_insecure_port(self._options.address)
        except RuntimeError as error:
            raise PortTaken(f"cannot listen on {self._options.address}: the port is taken") from error
        await self._server.start()
        return port

    async def stop(self, drain_seconds: float) -> None:
        """Health turns NOT_SERVING, no call is taken any more, and open ones have some seconds to end."""
        await self._health.drain()
        await self._server.stop(drain_seconds)

# Made from _async/calls.py by generate_sync.py. Do not edit.
"""The channel, and how a call is made over it."""

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sightline._channel import channel_options, resolve_address
from sightline.errors import Unavailable, from_rpc_error
from sightline.v1 import (
    collection_service_pb2_grpc,
    embedding_service_pb2_grpc,
    image_service_pb2_grpc,
    model_service_pb2_grpc,
    search_service_pb2_grpc,
    segmentation_service_pb2_grpc,
)

Answer = TypeVar("Answer")


class Calls:
    """An open channel to one server. Close it, or use it in `with`."""

    def __init__(
        self,
        address: str | None = None,
        *,
        timeout: float = 60.0,
        credentials: grpc.ChannelCredentials | None = None,
        metadata: Sequence[tuple[str, str]] = (),
    ) -> None:
        """`address`: HOST:PORT, else SIGHTLINE_ORCHESTRATOR_ADDRESS, else 127.0.0.1:50051.

        `timeout`: seconds that a call may take, its retries included. `credentials`: for TLS.
        `metadata`: pairs sent with every call. Raises ConfigurationError.
        """
        self.address = resolve_address(address)
        self.timeout = timeout
        self._metadata = tuple(metadata)
        options = channel_options()
        if credentials is None:
            self._channel = grpc.insecure_channel(self.address, options=options)
        else:
            self._channel = grpc.secure_channel(self.address, credentials, options=options)
        self._health: Any = health_pb2_grpc.HealthStub(self._channel)
        self._collections = collection_service_pb2_grpc.CollectionServiceStub(self._channel)
        self._images = image_service_pb2_grpc.ImageServiceStub(self._channel)
        self._segmentation = segmentation_service_pb2_grpc.SegmentationServiceStub(self._channel)
        self._search = search_service_pb2_grpc.SearchServiceStub(self._channel)
        self._embeddings = embedding_service_pb2_grpc.EmbeddingServiceStub(self._channel)
        self._models = model_service_pb2_grpc.ModelServiceStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the channel; calls under way are cancelled."""
        self._channel.close()

    def _call(self, method: Callable[..., Answer], request: Any, timeout: float | None = None) -> Answer:
        try:
            return method(request, timeout=timeout or self.timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise from_rpc_error(error, self.address) from error

    def is_serving(self, service: str = "", *, timeout: float = 5.0) -> bool:
        """Whether the server, or one of its services such as "sightline.v1.SearchService", answers now."""
        request = health_pb2.HealthCheckRequest(service=service)
        try:
            answer = self._call(self._health.Check, request, timeout)
        except Unavailable:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    def wait_until_serving(self, service: str = "", *, timeout: float = 60.0) -> None:
        """Returns once it serves. Raises Unavailable when that takes longer than `timeout` seconds."""
        until = time.monotonic() + timeout
        while not self.is_serving(service):
            if time.monotonic() > until:
                raise Unavailable(
                    f"{service or 'the server'} at {self.address} does not serve after {timeout:g} s"
                )
            time.sleep(0.2)

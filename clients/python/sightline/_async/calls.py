"""The channel, and how a call is made over it."""

import asyncio
import copy
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import grpc
import grpc.aio
from google.longrunning import operations_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sightline._channel import channel_options, check_address, tls_credentials
from sightline._consistency import Tokens, begun_async
from sightline._inputs import ServingStatus
from sightline._settings import read_settings
from sightline.errors import NO_SERVER, DeadlineExceeded, Unavailable, Unimplemented, from_rpc_error
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

Answer = TypeVar("Answer")


class AsyncCalls:
    """An open channel to one server. Close it, or use it in `async with`.

    `address` and `timeout` are what it was made with. One that is dropped unclosed is a ResourceWarning.
    """

    _original: Self | None = None  # whose channel this one's is, where it is a view

    def __init__(
        self,
        address: str | None = None,
        *,
        timeout: float | None = None,
        tls: bool | None = None,
        credentials: grpc.ChannelCredentials | None = None,
        metadata: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Opens nothing yet: the first call connects.

        `address`: HOST:PORT. `timeout`: seconds that a call may take, its retries included. `tls`: whether to
        speak TLS. What is left out is as SIGHTLINE_ORCHESTRATOR_ADDRESS, SIGHTLINE_CLIENT_TIMEOUT,
        SIGHTLINE_CLIENT_TLS and SIGHTLINE_CLIENT_TLS_CA say, in the environment or `.env`, else
        127.0.0.1:50051, 60 and False. `credentials`: gRPC's own, instead of `tls`. `metadata`: pairs sent
        with every call, such as a token for a proxy. Raises ConfigurationError.
        """
        settings = read_settings()
        self.address: str = check_address(address or settings.address)
        self.timeout: float = settings.timeout if timeout is None else timeout
        self._metadata = tuple(metadata)
        self._tokens = Tokens()
        if credentials is None and (settings.tls if tls is None else tls):
            credentials = tls_credentials(settings.tls_ca)
        options = channel_options()
        if credentials is None:
            self._channel = grpc.aio.insecure_channel(self.address, options=options)
        else:
            self._channel = grpc.aio.secure_channel(self.address, credentials, options=options)
        self._open = [True]  # which views share
        self._health: Any = health_pb2_grpc.HealthStub(self._channel)
        self._operations: Any = operations_pb2_grpc.OperationsStub(self._channel)
        self._collections = collection_service_pb2_grpc.CollectionServiceStub(self._channel)
        self._images = image_service_pb2_grpc.ImageServiceStub(self._channel)
        self._imports = import_service_pb2_grpc.ImportServiceStub(self._channel)
        self._segmentation = segmentation_service_pb2_grpc.SegmentationServiceStub(self._channel)
        self._texts = text_service_pb2_grpc.TextServiceStub(self._channel)
        self._search = search_service_pb2_grpc.SearchServiceStub(self._channel)
        self._embeddings = embedding_service_pb2_grpc.EmbeddingServiceStub(self._channel)
        self._models = model_service_pb2_grpc.ModelServiceStub(self._channel)

    @classmethod
    async def connect(
        cls,
        address: str | None = None,
        *,
        timeout: float | None = None,
        tls: bool | None = None,
        credentials: grpc.ChannelCredentials | None = None,
        metadata: Sequence[tuple[str, str]] = (),
        connect_timeout: float = 5.0,
    ) -> Self:
        """A client of a server that answers: it is asked for its health once, ready or not.

        As the class otherwise, which says what is wrong with an address at the first call only. Raises
        Unavailable, within `connect_timeout` seconds where nobody answers, and ConfigurationError.
        """
        client = cls(address, timeout=timeout, tls=tls, credentials=credentials, metadata=metadata)
        try:
            await client._check_health("", connect_timeout)
        except Unimplemented:
            pass  # it answers, though not about its health
        except DeadlineExceeded as error:
            await client.aclose()
            said = f"nobody answers at {client.address} within {connect_timeout:g} s"
            raise Unavailable(said, reason=NO_SERVER) from error
        except BaseException:
            await client.aclose()
            raise
        return client

    def with_timeout(self, timeout: float) -> Self:
        """This client with another deadline, in seconds, for the calls made through what it returns.

        ```python
        image = await sightline.with_timeout(5).create_image("holiday/beach.jpg")
        ```

        Both share one channel: to close one is to close the other. Raises ValueError unless it is above 0.
        """
        if not 0 < timeout < float("inf"):
            raise ValueError(f"a timeout of {timeout!r}: it is a number of seconds above 0")
        view = copy.copy(self)
        view._original, view.timeout = self, timeout
        return view

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.address}{', closed' if self.is_closed else ''}>"

    def __del__(self, warn: Callable[..., None] = warnings.warn) -> None:
        if self._original is None and not self.is_closed:
            warn(f"{self!r} was not closed: aclose() does, and `async with`", ResourceWarning, source=self)

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the channel; calls under way are cancelled. A second time, it does nothing."""
        self._open.clear()
        await self._channel.close()

    @property
    def is_closed(self) -> bool:
        """Whether it was closed. Calls raise RuntimeError then."""
        return not getattr(self, "_open", None)  # nothing is open until there is a channel

    def _check_open(self) -> None:
        if self.is_closed:
            raise RuntimeError(f"{self!r} makes no more calls")

    async def _call(
        self, method: Callable[..., Awaitable[Answer]], request: Any, timeout: float | None = None
    ) -> Answer:
        self._check_open()
        try:
            answer: Answer = await begun_async(
                method, self._tokens, request, timeout or self.timeout, self._metadata
            )
            return answer
        except grpc.RpcError as error:
            raise from_rpc_error(error, self.address) from error

    async def _check_health(self, service: str, timeout: float) -> bool:
        request = health_pb2.HealthCheckRequest(service=service)
        answer = await self._call(self._health.Check, request, timeout)
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    async def is_serving(self, service: str = "", *, timeout: float = 5.0) -> bool:
        """Whether the server, or one of its services such as "sightline.v1.SearchService", answers now.

        Raises NotFound for a service that the server does not know, DeadlineExceeded after `timeout` seconds.
        """
        try:
            return await self._check_health(service, timeout)
        except Unavailable:
            return False

    async def wait_until_serving(self, service: str = "", *, timeout: float = 60.0) -> None:
        """Returns once it serves. Raises Unavailable when that takes longer than `timeout` seconds."""
        until = time.monotonic() + timeout
        while not await self.is_serving(service):
            if time.monotonic() > until:
                raise Unavailable(
                    f"{service or 'the server'} at {self.address} does not serve after {timeout:g} s"
                )
            await asyncio.sleep(0.2)

    async def watch_health(self, service: str = "") -> AsyncIterator[ServingStatus]:
        """How the server, or one of its services, is: now, and at every change, until the caller stops.

        "SERVICE_UNKNOWN" is a service that the server does not know. There is no deadline. Raises Unavailable
        when the server goes away, Unimplemented where it does not tell of its health.
        """
        self._check_open()
        request = health_pb2.HealthCheckRequest(service=service)
        stream = self._health.Watch(request, metadata=self._metadata)
        try:
            async for answer in stream:
                name = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
                yield cast(ServingStatus, name)
        except grpc.RpcError as error:
            raise from_rpc_error(error, self.address) from error
        finally:
            stream.cancel()

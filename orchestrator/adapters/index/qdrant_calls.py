"""Calls of Qdrant's gRPC contract: the channel, deadlines, retries, and what its errors mean to callers."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
import grpc.aio

from orchestrator.adapters.index.missing import Missing
from orchestrator.domain.errors import (
    InvalidArgument,
    ResourceExhausted,
    SightlineError,
    Unavailable,
)

MAX_MESSAGE_BYTES = 64 * 1024 * 1024

_RETRIES = {
    "methodConfig": [
        {
            # Every call of the index may be repeated. A health check shall tell how things are now.
            "name": [{"service": "qdrant.Points"}, {"service": "qdrant.Collections"}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.05s",
                "maxBackoff": "1s",
                "backoffMultiplier": 4,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}

_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.service_config", json.dumps(_RETRIES)),
    # A server that was started again is found within a second.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.keepalive_time_ms", 60_000),
)

_CODES: dict[grpc.StatusCode, SightlineError] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgument("the vector index does not take this request"),
    grpc.StatusCode.RESOURCE_EXHAUSTED: ResourceExhausted("the vector index is busy", retry_after=1.0),
}

Answer = TypeVar("Answer")


def open_channel(address: str, *, tls: bool = False) -> grpc.aio.Channel:
    """A channel to `host:port`; connects when it is used."""
    if tls:
        return grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(), options=_OPTIONS)
    return grpc.aio.insecure_channel(address, options=_OPTIONS)


class Calls:
    """Sends requests with the API key and a deadline; raises domain errors."""

    def __init__(self, timeout: float, api_key: str | None) -> None:
        self._timeout = timeout
        self._metadata = (("api-key", api_key),) if api_key else ()

    async def __call__(
        self, method: Callable[..., Awaitable[Answer]], request: Any, timeout: float | None = None
    ) -> Answer:
        """Raises Missing where the collection is not there, Unavailable where the engine does not answer."""
        try:
            return await method(request, timeout=timeout or self._timeout, metadata=self._metadata)
        except grpc.aio.AioRpcError as error:
            raise translate(error) from error


def translate(error: grpc.aio.AioRpcError) -> SightlineError:
    """What callers are told of an engine's error: never the engine's own words."""
    if error.code() is grpc.StatusCode.NOT_FOUND:
        return Missing()
    known = _CODES.get(error.code())
    if known is not None:
        return type(known)(known.message, retry_after=known.retry_after)
    return Unavailable("the vector index does not answer", retry_after=1.0)

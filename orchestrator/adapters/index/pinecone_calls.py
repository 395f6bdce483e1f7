"""Calls of Pinecone's SDK: their deadlines, and what its errors mean to callers.

The SDK itself repeats what was throttled or broken off (408, 429, 5xx), after `Retry-After` or ever longer:
nothing here does so again.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from pinecone.errors.exceptions import (
    ApiError,
    ForbiddenError,
    NotFoundError,
    PineconeError,
    PineconeTypeError,
    PineconeValueError,
    RateLimitError,
    ServiceError,
    UnauthorizedError,
)

from orchestrator.adapters.index.missing import Missing
from orchestrator.domain.errors import InvalidArgument, ResourceExhausted, SightlineError, Unavailable

Answer = TypeVar("Answer")

_PAUSE = 1.0


async def call(work: Awaitable[Answer], seconds: float) -> Answer:
    """Awaits a call of the SDK. Raises Missing for what is not there, and domain errors."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as error:
        raise Unavailable("the vector index does not answer in time", retry_after=_PAUSE) from error
    except PineconeError as error:
        raise translate(error) from error


def translate(error: PineconeError) -> SightlineError:
    """What callers are told of an engine's error: never the engine's own words."""
    match error:
        case NotFoundError():
            return Missing()
        case RateLimitError():
            return ResourceExhausted("the vector index is busy", retry_after=error.retry_after or _PAUSE)
        case UnauthorizedError() | ForbiddenError():
            return Unavailable("the vector index does not take the server's API key")
        case ServiceError():
            return Unavailable("the vector index does not answer", retry_after=_PAUSE)
        case ApiError() | PineconeValueError() | PineconeTypeError():
            return InvalidArgument("the vector index does not take this request")
    return Unavailable("the vector index does not answer", retry_after=_PAUSE)

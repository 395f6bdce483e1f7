"""Reads request bodies: within a limit, within the memory that all requests share, and not for ever."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import grpc

from gateway.codings import Unpacker, unpacker
from gateway.errors import RequestError

_LINGER = 5.0
Receive = Callable[[], Awaitable[Any]]


class Disconnected(Exception):
    """The client hung up: there is nobody to answer."""


@dataclass(slots=True)
class Budget:
    """Bytes of request bodies that may be held at once, over all requests."""

    limit: int
    used: int = 0


class BodyReader:
    """The body of one request.

    `limit` is the most bytes that `read` takes, `idle_timeout` the longest wait for more of them in seconds.
    `min_rate` is the least of them a second, counted from `idle_timeout` on while they are awaited; 0: any.
    """

    def __init__(
        self, receive: Receive, length: str | None, limit: int, budget: Budget, idle_timeout: float,
        min_rate: int = 0,
    ) -> None:  # fmt: skip
        self._receive = receive
        self._limit = limit
        self._budget = budget
        self._idle_timeout = idle_timeout
        self._min_rate = min_rate
        self._held = 0
        self._paced = False
        self._waited, self._came = 0.0, 0  # of what the least rate holds for: seconds, bytes
        self._unpacker: Unpacker | None = None
        self.ended = False
        # uvicorn has refused lengths that are no numbers; another server may not.
        self.length = int(length) if length is not None and length.isdecimal() else None

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes, in its own time and without a limit on its whole.

        Its reader tells by `pace` of what is to keep up the least rate. Raises Disconnected, and RequestError
        (408) where nothing more comes.
        """
        async for chunk in self._arriving(paced=False):
            yield chunk

    def pace(self, unfinished: bool) -> None:
        """Has the least rate hold from now on for the rest of a message that has begun, else for none."""
        if unfinished and not self._paced:
            self._waited, self._came = 0.0, 0
        self._paced = unfinished

    async def steady(self) -> AsyncIterator[bytes]:
        """The body as `chunks` gives it, of a sender who is to keep up the least rate (408)."""
        async for chunk in self._arriving(paced=True):
            yield chunk

    async def bounded(self) -> AsyncIterator[bytes]:
        """The body as `steady` gives it, to be held. Raises RequestError as `hold` does too."""
        self._check_length()
        async for chunk in self._arriving(paced=True, limit=self._limit):
            self.hold(len(chunk))
            yield chunk

    async def read(self) -> bytes:
        """The whole body. Raises as `bounded` does."""
        self._check_length()
        out: list[bytes] = []
        async for chunk in self._arriving(paced=True, limit=self._limit):
            self.hold(len(chunk))
            out.append(chunk)
        return out[0] if len(out) == 1 else b"".join(out)

    def unpack(self, encoding: str | None) -> None:
        """Has what follows give the body without its Content-Encoding. Raises RequestError (415).

        A body that is not of that coding is refused (400) where it is read. Limits go by what is unpacked,
        and by what comes.
        """
        self._unpacker = unpacker(encoding)

    def hold(self, size: int) -> None:
        """Counts bytes that stay until `release`.

        Raises RequestError: 413 over the limit, 429 over the shared budget.
        """
        if self._held + size > self._limit:
            raise self._too_large()
        self.charge(size)

    @property
    def held(self) -> int:
        """The bytes counted."""
        return self._held

    def charge(self, size: int) -> None:
        """Counts bytes that a stream holds for a while, and gives back with a negative size.

        Raises RequestError (429) over the shared budget.
        """
        self._held += size
        self._budget.used += size
        if size > 0 and self._budget.used > self._budget.limit:
            raise RequestError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                "too many uploads at once; try again later",
                headers=[*_CLOSE, ("retry-after", "1")],
            )

    async def _arriving(self, *, paced: bool, limit: int | None = None) -> AsyncIterator[bytes]:
        self._paced = paced
        size = 0
        while not self.ended:
            patience = self._idle_timeout
            if self._paced and self._min_rate:
                patience = min(patience, patience + self._came / self._min_rate - self._waited)
            begun = time.monotonic()
            try:
                async with asyncio.timeout(patience):
                    message = await self._receive()
            except TimeoutError as error:
                raise RequestError(
                    grpc.StatusCode.DEADLINE_EXCEEDED,
                    "the body did not come in time",
                    status=408,
                    headers=_CLOSE,
                ) from error
            self._waited += time.monotonic() - begun
            if message["type"] == "http.disconnect":
                raise Disconnected
            self.ended = not message.get("more_body", False)
            body = message.get("body", b"")
            size += len(body)
            self._came += len(body)
            if limit is not None and size > limit:  # packed bytes may stand for nothing at all
                raise self._too_large()
            if body and self._unpacker is None:
                yield body
            elif body and self._unpacker is not None:
                for piece in self._unpacker.unpack(body):
                    yield piece
                    await asyncio.sleep(0)  # a few bytes may stand for very many
        if self._unpacker is not None:
            self._unpacker.finish()

    async def drain(self) -> None:
        """Throws away what the client still sends, for a while: most read an early answer only afterwards."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                while not self.ended:
                    message = await self._receive()
                    self.ended = message["type"] == "http.disconnect" or not message.get("more_body", False)

    def release(self) -> None:
        """Gives what was read back to the shared budget."""
        self._budget.used -= self._held
        self._held = 0

    def _check_length(self) -> None:
        if self.length is not None and self.length > self._limit:
            raise self._too_large()

    def _too_large(self) -> RequestError:
        return RequestError(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"the body is larger than the limit of {self._limit} bytes",
            status=413,
            headers=_CLOSE,
        )


_CLOSE = (("connection", "close"),)

"""Watches the client during a call: feeds what it sends, and cancels the RPC when it hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import structlog

from gateway.body import Disconnected
from gateway.errors import RequestError

_log = structlog.get_logger("gateway")

# A call that feeds nothing is watched after so many seconds: most are over then, and need no task.
_SOON = 0.02


class Watch:
    """One task beside a call. `failure` is why it cancelled the call, None while all is well."""

    def __init__(
        self,
        receive: Callable[[], Awaitable[Any]],
        call: Any,
        feed: Callable[[Any], Awaitable[None]] | None = None,
    ) -> None:
        self.failure: RequestError | Disconnected | None = None
        self._receive = receive
        self._call = call
        self._feed = feed
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        if feed is None:
            self._timer = asyncio.get_running_loop().call_later(_SOON, self._start)
        else:
            self._start()

    def _start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            if self._feed is not None:
                await self._feed(self._call)
            while (await self._receive())["type"] != "http.disconnect":
                pass  # a body that no rule asks for
            raise Disconnected
        except (RequestError, Disconnected) as error:
            self.failure = error.with_traceback(None)  # whose frames hold what came of the upload
            self._call.cancel()
        except (asyncio.InvalidStateError, grpc.aio.AioRpcError):
            pass  # the server has answered without waiting for the rest: its answer stands
        except Exception:
            _log.exception("feeding a stream failed")
            self.failure = RequestError(grpc.StatusCode.INTERNAL, "internal error")
            self._call.cancel()

    def stop(self) -> None:
        """Ends the watch, and lets go of its failure: whoever raises it is part of its traceback."""
        self.failure = None
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

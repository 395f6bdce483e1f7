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


class Watch:
    """One task beside a call. `failure` is why it cancelled the call, None while all is well."""

    def __init__(
        self,
        receive: Callable[[], Awaitable[Any]],
        call: Any,
        feed: Callable[[Any], Awaitable[None]] | None = None,
    ) -> None:
        self.failure: RequestError | Disconnected | None = None
        self._task = asyncio.get_running_loop().create_task(self._run(receive, call, feed))

    async def _run(self, receive: Callable[[], Awaitable[Any]], call: Any, feed: Any) -> None:
        try:
            if feed is not None:
                await feed(call)
            while (await receive())["type"] != "http.disconnect":
                pass  # a body that no rule asks for
            raise Disconnected
        except (RequestError, Disconnected) as error:
            self.failure = error
            call.cancel()
        except (asyncio.InvalidStateError, grpc.aio.AioRpcError):
            pass  # the server has answered without waiting for the rest: its answer stands
        except Exception:
            _log.exception("feeding a stream failed")
            self.failure = RequestError(grpc.StatusCode.INTERNAL, "internal error")
            call.cancel()

    def stop(self) -> None:
        """Ends the watch."""
        self._task.cancel()

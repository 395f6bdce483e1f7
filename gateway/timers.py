"""Timers of a connection, by their names."""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from collections.abc import Callable


class Timers:
    """Named timers of one connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handles: dict[str, TimerHandle] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._handles

    def set(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        """Calls back after a while, instead of what the name stood for before."""
        self.unset(name)
        self._handles[name] = self._loop.call_later(seconds, self._run, name, call)

    def unset(self, name: str) -> None:
        """Calls off one of them."""
        handle = self._handles.pop(name, None)
        if handle is not None:
            handle.cancel()

    def clear(self) -> None:
        """Calls off all of them."""
        for name in list(self._handles):
            self.unset(name)

    def _run(self, name: str, call: Callable[[], None]) -> None:
        del self._handles[name]
        call()

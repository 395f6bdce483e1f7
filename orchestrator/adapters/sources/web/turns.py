"""Politeness: how many requests a host has at once, how many a second, and when it wants no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from orchestrator.application.ports.sources import NO_TURN
from orchestrator.domain.errors import ResourceExhausted

LONGEST_WAIT = 60.0
"""Seconds that a request waits for its turn before it is told to come again."""

_CROWDED = "too many requests wait for this host"
_LONGEST_REST = 3600.0
_MANY_HOSTS = 1024


@dataclass(slots=True)
class _Host:
    places: asyncio.Semaphore
    next_turn: float = 0.0
    resting_until: float = 0.0
    users: int = field(default=0)


class Turns:
    """At most `at_once` requests to a host, begun at most `rate` a second."""

    def __init__(self, at_once: int, rate: float) -> None:
        self._at_once = at_once
        self._interval = 1 / rate
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def take(self, name: str) -> AsyncIterator[None]:
        """Waits for a turn and holds it. Raises ResourceExhausted, saying when to come again, while the host
        rests or where the wait would be long."""
        host = self._host(name)
        host.users += 1
        try:
            try:
                async with asyncio.timeout(LONGEST_WAIT):
                    await host.places.acquire()
            except TimeoutError as error:
                raise _later(_CROWDED, NO_TURN, LONGEST_WAIT) from error
            try:
                await self._wait(host)
                yield
            finally:
                host.places.release()
        finally:
            host.users -= 1

    def rest(self, name: str, seconds: float) -> None:
        """The host said that it wants no requests for so long."""
        host = self._host(name)
        until = asyncio.get_running_loop().time() + min(max(seconds, 0), _LONGEST_REST)
        host.resting_until = max(host.resting_until, until)

    async def _wait(self, host: _Host) -> None:
        now = asyncio.get_running_loop().time()
        if host.resting_until > now:
            raise _later("the host wants no requests now", "HOST_BUSY", host.resting_until - now)
        turn = max(host.next_turn, now)
        if turn - now > LONGEST_WAIT:
            raise _later(_CROWDED, NO_TURN, turn - now)
        host.next_turn = turn + self._interval
        await asyncio.sleep(turn - now)

    def _host(self, name: str) -> _Host:
        if name not in self._hosts and len(self._hosts) >= _MANY_HOSTS:
            now = asyncio.get_running_loop().time()
            self._hosts = {
                each: host
                for each, host in self._hosts.items()
                if host.users or max(host.next_turn, host.resting_until) > now
            }
        return self._hosts.setdefault(name, _Host(asyncio.Semaphore(self._at_once)))


def _later(why: str, reason: str, seconds: float) -> ResourceExhausted:
    return ResourceExhausted(why, reason=reason, retry_after=seconds)

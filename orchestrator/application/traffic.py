"""Says whether somebody waits for an answer now, so that what nobody waits for stands back."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

REMEMBERED = 1.0
"""Seconds after an answer in which the next question is expected."""


class Traffic:
    """Calls of this process that somebody waits for."""

    def __init__(self) -> None:
        self._under_way = 0
        self._last = float("-inf")

    @contextmanager
    def call(self) -> Iterator[None]:
        """One call, from its question to its answer."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._last = time.monotonic()

    @property
    def flows(self) -> bool:
        """Whether a call is under way, or ended just now."""
        return self._under_way > 0 or time.monotonic() - self._last < REMEMBERED

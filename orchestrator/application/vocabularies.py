"""Keeps the embeddings of the vocabularies in use, each made once."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from orchestrator.domain.embedding import Vectors

_KEPT = 8


class EmbeddedVocabularies:
    """The last few, by their stamps. Whoever asks for one that is being made waits for the same work."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[float, asyncio.Task[Vectors]]] = {}

    async def get(
        self, stamp: str, make: Callable[[], Coroutine[Any, Any, Vectors]], patience: float | None = None
    ) -> Vectors:
        """The embeddings of a vocabulary's words: (W, D), in their order.

        Making them goes on when the caller is cancelled. Raises what `make` raises, and TimeoutError where
        they are not there `patience` seconds after the making began.
        """
        begun, task = self._made.pop(stamp, (0.0, None))
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            begun, task = time.monotonic(), asyncio.create_task(make())
            task.add_done_callback(_heard)
        self._made[stamp] = begun, task
        while len(self._made) > _KEPT:
            self._made.pop(next(iter(self._made)))
        if task.done():
            return task.result()
        left = None if patience is None else begun + patience - time.monotonic()
        async with asyncio.timeout(left):
            return await asyncio.shield(task)


def _heard(task: asyncio.Task[Vectors]) -> None:
    if not task.cancelled():
        task.exception()  # nobody may be waiting any more: who asks next makes it anew

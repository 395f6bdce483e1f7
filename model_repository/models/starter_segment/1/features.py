"""Encoder features of recent pictures, kept in this process and bounded in bytes."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Features:
    """What the encoder answered, by output name. Never written to."""

    tensors: dict[str, npt.NDArray[Any]]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(tensor.nbytes for tensor in self.tensors.values())


class FeatureCache:
    """Features by image hash, the least recently used dropped first. For one event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[bytes, Features] = OrderedDict()
        self._size = 0
        self._coming: dict[bytes, asyncio.Task[Features]] = {}

    @property
    def size(self) -> int:
        """Bytes held now; never above the limit."""
        return self._size

    def __len__(self) -> int:
        return len(self._kept)

    async def get(self, key: bytes, encode: Callable[[], Awaitable[Features]] | None) -> Features | None:
        """The features under `key`; else those being encoded, or that `encode` gives; None without one.

        Callers with the same key share one encoding, and its failure. One of them going away does not stop
        it.
        """
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._coming:
            if encode is None:
                return None
            task = asyncio.ensure_future(self._fill(key, encode))
            self._coming[key] = task
            task.add_done_callback(lambda _: self._coming.pop(key, None))
        return await asyncio.shield(self._coming[key])

    async def _fill(self, key: bytes, encode: Callable[[], Awaitable[Features]]) -> Features:
        features = await encode()
        if features.size <= self._limit:
            self._kept[key] = features
            self._size += features.size
        while self._size > self._limit:
            self._size -= self._kept.popitem(last=False)[1].size
        return features

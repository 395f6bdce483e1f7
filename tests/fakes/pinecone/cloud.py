"""Indexes and namespaces of the stand-in: what was written, and what a read may see of it yet."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_METADATA_BYTES = 40 * 1024
MAX_TOP_K = 10_000


class Refused(Exception):
    """An answer that is an error: its status, and its code as Pinecone names it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(slots=True, kw_only=True)
class Weather:
    """How the cloud behaves. `delay`: seconds until a write is visible. `throttled`: share of requests that
    are refused with 429 or 503. `slow`: seconds that an index takes to be ready."""

    delay: float = 0.0
    throttled: float = 0.0
    slow: float = 0.0
    seed: int = 5
    draw: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)


@dataclass(slots=True)
class Record:
    """A vector with what belongs to it."""

    values: NDArray[np.float32]
    sparse: dict[int, float]
    metadata: dict[str, Any]

    def score(self, dense: NDArray[np.float32], sparse: dict[int, float]) -> float:
        common = sum(weight * self.sparse.get(term, 0.0) for term, weight in sparse.items())
        return float(self.values @ dense) + common


@dataclass(slots=True)
class Namespace:
    """Records by id. A write has a number, and is seen some time after it was acknowledged."""

    records: dict[str, Record] = field(default_factory=dict)
    lsn: int = 0
    indexed: int = 0
    _waiting: list[tuple[float, int, Callable[[dict[str, Record]], None]]] = field(default_factory=list)

    def write(self, weather: Weather, change: Callable[[dict[str, Record]], None]) -> int:
        self.lsn += 1
        self._waiting.append((time.monotonic() + weather.delay, self.lsn, change))
        return self.lsn

    def read(self) -> dict[str, Record]:
        """The records as reads see them now."""
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _, self.indexed, change = self._waiting.pop(0)
            change(self.records)
        return self.records


@dataclass(slots=True)
class Index:
    """An index and its namespaces."""

    name: str
    dimension: int
    metric: str
    spec: dict[str, Any]
    ready_at: float
    namespaces: dict[str, Namespace] = field(default_factory=dict)

    def namespace(self, name: str) -> Namespace:
        """Raises Refused where there is none."""
        if name not in self.namespaces:
            raise Refused(404, "NOT_FOUND", "Namespace not found")
        return self.namespaces[name]


@dataclass(slots=True)
class Cloud:
    """All indexes of a project. Every request and answer is noted: method, path, status."""

    weather: Weather = field(default_factory=Weather)
    indexes: dict[str, Index] = field(default_factory=dict)
    seen: list[tuple[str, str, int]] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)

    def index(self, name: str) -> Index:
        """Raises Refused where there is none."""
        if name not in self.indexes:
            raise Refused(404, "NOT_FOUND", "Resource not found")
        return self.indexes[name]

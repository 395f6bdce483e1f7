"""Rounds in which the sides take turns, so that a drift of the machine meets all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

Latencies = dict[str, list[list[float]]]
"""Side → one list of milliseconds a round."""


def alternate(sides: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Measures every side once a round, in an order that turns by one each time."""
    names = list(sides)
    measured: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        for name in turned(names, number):
            measured[name].append(sides[name]())
    return measured


def interleave(sides: Mapping[str, Callable[[int], object]], *, rounds: int, queries: int) -> Latencies:
    """Asks every side query after query, one at a time, in an order that turns by one each time."""
    names = list(sides)
    measured: Latencies = {name: [] for name in names}
    for number in range(rounds):
        for name in names:
            measured[name].append([])
        for query in range(number * queries, (number + 1) * queries):
            for name in turned(names, query):
                started = time.perf_counter()
                sides[name](query)
                measured[name][-1].append((time.perf_counter() - started) * 1000)
    return measured


def turned(names: Sequence[str], by: int) -> list[str]:
    """The names from another one on."""
    start = by % len(names)
    return [*names[start:], *names[:start]]


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the rounds' own ratios."""
    return statistics.median(one / other for one, other in zip(above, below, strict=True))


def percentile(rounds: Sequence[Sequence[float]], share: float) -> float:
    """The median over rounds of each round's percentile."""
    return statistics.median(float(np.percentile(one, share)) for one in rounds)


def added(rounds: Sequence[Sequence[float]], bare: Sequence[Sequence[float]]) -> float:
    """The median over rounds of the difference between two sides' p50, in milliseconds."""
    return statistics.median(
        float(np.median(one) - np.median(other)) for one, other in zip(rounds, bare, strict=True)
    )

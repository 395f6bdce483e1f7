"""A search through the gateway, through grpc-gateway and by a bare grpc.aio client."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.gateway import peers
from tests.benchmarks.gateway.answer import answer
from tests.benchmarks.gateway.peers import PeerError, Worker
from tests.benchmarks.rounds import alternate

CONNECTIONS = 16
GOAL_SHARE = 0.7
GOAL_ADDED_MS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Medians of the rounds. `a_core_second`: searches a second of the processor."""

    name: str
    p50_ms: float
    searches_a_second: float
    a_core_second: float


def measure_sides(folder: Path, *, rounds: int, seconds: float, core: int, other_core: int) -> list[Side]:
    """All sides in turn, each worker alone on `core`, the server and the load on `other_core`."""
    canned = folder / "answer.binpb"
    canned.write_bytes(answer().SerializeToString())
    with ExitStack() as running:
        server = running.enter_context(peers.peer(["serve", str(canned)], other_core))
        ours = running.enter_context(peers.our_gateway(server.said, core, folder / "gateway.log"))
        theirs = running.enter_context(peers.peer(["gateway", server.said], core))
        if peers.ask(ours.said) != peers.ask(theirs.said):
            raise PeerError("the gateway and grpc-gateway answer differently")
        measured: dict[str, list[tuple[float, float, float]]] = {"bare": [], "ours": [], "theirs": []}

        def side(name: str, measure: Callable[[], tuple[float, float, float]]) -> Callable[[], float]:
            def run() -> float:
                measured[name].append(measure())
                return 0.0

            return run

        alternate(
            {
                "bare": side("bare", lambda: _bare(server.said, seconds, core)),
                "ours": side("ours", lambda: _gateway(ours, seconds, other_core)),
                "theirs": side("theirs", lambda: _gateway(theirs, seconds, other_core)),
            },
            rounds,
        )
    names = {
        "bare": "bare grpc.aio client",
        "ours": "gateway, one worker",
        "theirs": "grpc-gateway, one core",
    }
    return [_side(names[name], found) for name, found in measured.items()]


def _gateway(worker: Worker, seconds: float, core: int) -> tuple[float, float, float]:
    one = peers.load(worker.said, connections=1, seconds=seconds, core=core)
    before = worker.processor_seconds()
    many = peers.load(worker.said, connections=CONNECTIONS, seconds=seconds, core=core)
    used = worker.processor_seconds() - before
    if one["failed"] or many["failed"]:
        raise PeerError(f"{one['failed'] + many['failed']} searches failed")
    return one["p50"], many["requests"] / many["seconds"], many["requests"] / used


def _bare(target: str, seconds: float, core: int) -> tuple[float, float, float]:
    one = peers.load_bare(target, connections=1, seconds=seconds, core=core)
    many = peers.load_bare(target, connections=CONNECTIONS, seconds=seconds, core=core)
    return one["p50"], many["requests"] / many["seconds"], many["requests"] / many["processor_seconds"]


def _side(name: str, found: list[tuple[float, float, float]]) -> Side:
    p50, rate, core_rate = (statistics.median(figures) for figures in zip(*found, strict=True))
    return Side(name=name, p50_ms=p50, searches_a_second=rate, a_core_second=core_rate)

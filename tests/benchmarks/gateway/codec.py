"""The JSON codec beside json_format, by the processor time that each takes."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format

from gateway.codec import Codec, loads
from sightline.v1 import search_service_pb2 as pb
from tests.benchmarks.gateway.answer import answer
from tests.benchmarks.rounds import alternate, ratio

GOAL = 4.0
CALLS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One direction: microseconds of each side for a ten-hit answer, medians of the rounds."""

    name: str
    ours: float
    json_format: float
    times_as_fast: float


def measure_codec(rounds: int) -> list[Way]:
    """Writing and reading, the sides in turn."""
    message = answer()
    codec = Codec(message.DESCRIPTOR.file.pool)
    text = codec.dumps(message)
    always: Any = {"always_print_fields_with_no_presence": True}
    assert json.loads(text) == json_format.MessageToDict(message, **always)
    read = pb.SearchResponse()
    codec.merge(loads(text), read)
    assert read == message
    return [
        _way(
            "write",
            lambda: codec.dumps(message),
            lambda: json_format.MessageToJson(message, indent=None, **always),
            rounds,
        ),
        _way(
            "read",
            lambda: codec.merge(loads(text), pb.SearchResponse()),
            lambda: json_format.Parse(text, pb.SearchResponse()),
            rounds,
        ),
    ]


def _way(name: str, ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> Way:
    found = alternate({"ours": lambda: _microseconds(ours), "theirs": lambda: _microseconds(theirs)}, rounds)
    return Way(
        name=name,
        ours=statistics.median(found["ours"]),
        json_format=statistics.median(found["theirs"]),
        times_as_fast=ratio(found["theirs"], found["ours"]),
    )


def _microseconds(call: Callable[[], object]) -> float:
    started = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - started) / CALLS * 1e6

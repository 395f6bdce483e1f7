"""`python -m tests.benchmarks.gateway.bare ADDRESS CONCURRENCY SECONDS`: a bare grpc.aio client."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time

import grpc
import uvloop

from sightline.v1 import search_service_pb2_grpc as services
from tests.benchmarks.gateway.answer import request


async def measure(address: str, concurrency: int, seconds: float) -> dict[str, float]:
    """What `peer load` finds of an HTTP server, and the processor seconds that it took."""
    times: list[float] = []
    async with grpc.aio.insecure_channel(address) as channel:
        search = services.SearchServiceStub(channel).Search
        asked = request()
        await search(asked)
        end = time.perf_counter() + seconds

        async def ask() -> None:
            while (begun := time.perf_counter()) < end:
                await search(asked)
                times.append(time.perf_counter() - begun)

        started, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*(ask() for _ in range(concurrency)))
        took, used = time.perf_counter() - started, time.process_time() - used
    return {
        "requests": len(times),
        "failed": 0,
        "seconds": took,
        "p50": statistics.median(times) * 1000,
        "p99": statistics.quantiles(times, n=100)[-1] * 1000,
        "processor_seconds": used,
    }


if __name__ == "__main__":
    found = uvloop.run(measure(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
    sys.stdout.write(json.dumps(found))

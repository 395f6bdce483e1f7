"""The embedded vector index, a process of its own: `python -m orchestrator.adapters.index.edge_server`.

It serves the part of Qdrant's gRPC contract that Sightline uses, out of Qdrant Edge shards in a directory.
"""

import argparse
import gc
import logging
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from orchestrator.adapters.index.contract import q
from orchestrator.adapters.index.edge.collections_servicer import Collections
from orchestrator.adapters.index.edge.errors import DirectoryTaken
from orchestrator.adapters.index.edge.parent import die_with_parent
from orchestrator.adapters.index.edge.servicers import Health, Points
from orchestrator.adapters.index.edge.store import Store, Upkeep

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
_THREADS = 8
_MAX_CALLS = 512
_GRACE_SECONDS = 5.0

_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    # Two servers on one port would each answer half the calls.
    ("grpc.so_reuseport", 0),
)


def serve(store: Store, address: str) -> grpc.Server:
    """A started server over a store. Raises RuntimeError where the address is taken."""
    # Edge blocks and holds the interpreter's lock: threads keep the transport going, more bring nothing.
    server = grpc.server(
        ThreadPoolExecutor(_THREADS, "call"), options=_OPTIONS, maximum_concurrent_rpcs=_MAX_CALLS
    )
    q.add_CollectionsServicer_to_server(Collections(store), server)  # type: ignore[no-untyped-call]
    q.add_PointsServicer_to_server(Points(store), server)  # type: ignore[no-untyped-call]
    q.add_QdrantServicer_to_server(Health(), server)  # type: ignore[no-untyped-call]
    healthy = health.HealthServicer()
    healthy.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    server.add_insecure_port(address)
    server.start()
    return server


def main() -> None:
    """Serves until SIGTERM or SIGINT; then answers what is under way, flushes and ends with status 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    defaults = Upkeep()
    parser.add_argument(
        "--data", type=Path, required=True, help="directory of the shards; made where missing"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=6334)
    parser.add_argument("--die-with-parent", action="store_true")
    parser.add_argument(
        "--build-threshold", type=int, default=defaults.threshold, help="points outside the graph"
    )
    parser.add_argument("--build-share", type=float, default=defaults.share, help="and their share of all")
    arguments = parser.parse_args()
    if arguments.die_with_parent:
        die_with_parent(os.getppid())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s edge: %(message)s")
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    address = f"{arguments.host}:{arguments.port}"
    upkeep = Upkeep(threshold=max(arguments.build_threshold, 1), share=arguments.build_share)
    try:
        store = Store(arguments.data, upkeep)
    except (DirectoryTaken, OSError) as error:
        sys.exit(f"edge server: {error}")
    try:
        server = serve(store, address)
    except RuntimeError:
        store.close()
        sys.exit(f"edge server: {address} is taken")
    gc.collect()
    gc.freeze()  # what start-up made stays to the end
    logging.getLogger(__name__).info("%s is served on %s", arguments.data, address)
    ending.wait()
    server.stop(_GRACE_SECONDS).wait()
    store.close()


if __name__ == "__main__":
    main()

"""Builds the graph of a copy of a shard, in a process of its own: `python -m …edge.build DIRECTORY`.

Qdrant Edge holds the interpreter's lock while it builds, seconds to minutes: a server must not.
"""

import argparse
import os
from pathlib import Path

import qdrant_edge as edge

from orchestrator.adapters.index.edge.layout import shard_config
from orchestrator.adapters.index.edge.parent import die_with_parent

NICENESS = 19


def main() -> None:
    """Optimises the shard and leaves it flushed. Exit status 0: all of it is on disk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shard", type=Path)
    parser.add_argument("--parent", type=int, required=True, help="the process that it dies with")
    parser.add_argument("--dimension", type=int, required=True)
    parser.add_argument("--distance", required=True)
    arguments = parser.parse_args()
    die_with_parent(arguments.parent)
    os.nice(NICENESS)
    shard = edge.EdgeShard.load(
        str(arguments.shard),
        shard_config(arguments.dimension, arguments.distance, indexing_threads=os.cpu_count() or 1),
    )
    shard.optimize()
    shard.flush()
    shard.close()


if __name__ == "__main__":
    main()

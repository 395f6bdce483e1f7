"""What a figure depends on: the machine, and the versions of what ran."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil  # type: ignore[import-untyped]

LIBRARIES = ("onnxruntime", "numpy", "pillow", "grpcio", "qdrant-edge-py", "sqlalchemy", "tritonclient")
GIB = 1 << 30


def cores() -> int:
    """The cores that this process may use; every engine here is given as many."""
    return len(os.sched_getaffinity(0))


def describe() -> dict[str, str]:
    """Label → value, for the head of a report."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return {
        "processor": f"{_processor()}, {cores()} cores",
        "memory": f"{psutil.virtual_memory().total / GIB:.0f} GiB",
        "system": platform.platform(terse=True),
        "Python": platform.python_version(),
        "versions": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        "load before": f"{load} (1, 5, 15 minutes): what else runs takes its share of both sides",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()

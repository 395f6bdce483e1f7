"""Processor time of the mesh's processes: unlike a speed, hardly touched by what else runs on the machine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import psutil  # type: ignore[import-untyped]

CLIENT = "client"


def seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Processor seconds so far of each process and its children, and of this one as `client`."""
    used = {name: _of(psutil.Process(pid), children=True) for name, pid in pids.items()}
    return {**used, CLIENT: _of(psutil.Process(), children=False)}


def _of(process: psutil.Process, *, children: bool) -> float:
    total = 0.0
    for one in [process, *(process.children(recursive=True) if children else [])]:
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system
    return total

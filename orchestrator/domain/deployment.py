"""Which orchestrators can work on one catalog."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Orchestrator:
    """A process that works on a catalog, and what decides whether others can beside it.

    `machine` tells running kernels apart, `network` the loopback interfaces of one, `process` the processes
    that have run on one, as far as they see each other; `host` is for people.
    `index` names the vector index: an address or a name, `index_is_local` where it is on the loopback.
    """

    id: str
    host: str
    machine: str
    network: str
    process: str
    index_engine: str
    index: str
    index_is_local: bool
    start_time: datetime


Refusal = Callable[[Sequence[Orchestrator]], str | None]
"""Why an orchestrator cannot work beside those that are there; None: it can."""

Gone = Callable[[Orchestrator], bool]
"""Whether an orchestrator has certainly ended."""


def refusal(newcomer: Orchestrator, others: Sequence[Orchestrator], *, catalog_is_file: bool) -> str | None:
    """Why an orchestrator cannot work beside others on its catalog; None where nothing is known against it.

    Only what is certain is refused: two names of an index's server may mean the same one.
    """
    for other in others:
        if why := _refusal(newcomer, other, catalog_is_file):
            return why
    return None


def _refusal(newcomer: Orchestrator, other: Orchestrator, catalog_is_file: bool) -> str | None:
    if catalog_is_file and newcomer.machine != other.machine:
        return (
            f"it is an SQLite file that an orchestrator on another machine ({other.host}) has open, and "
            "SQLite locks its file on one machine alone: orchestrators on several need PostgreSQL "
            "(postgresql://…)"
        )
    if newcomer.index_engine != other.index_engine:
        return (
            f"an orchestrator on {other.host} keeps its vectors in {other.index_engine}, and this one would "
            f"in {newcomer.index_engine}: neither would find what the other adds (SIGHTLINE_INDEX_ENGINE)"
        )
    if newcomer.index_engine == "pinecone" and newcomer.index != other.index:
        return (
            f"an orchestrator on {other.host} keeps its vectors in the indexes {other.index}, and this one "
            f"would in {newcomer.index}: neither would find what the other adds (SIGHTLINE_PINECONE_INDEX)"
        )
    if newcomer.index_is_local and other.index_is_local:
        together = (newcomer.machine, newcomer.network) == (other.machine, other.network)
        if not together or _port(newcomer) != _port(other):
            return (
                f"an orchestrator on {other.host} keeps its vectors in the index at {other.index}, its own "
                f"machine's or container's, and this one would in another at {newcomer.index}: neither would "
                "find what the other adds. They need one that all can reach (SIGHTLINE_INDEX_ADDRESS)"
            )
    return None


def _port(one: Orchestrator) -> str:
    return one.index.rpartition(":")[2]

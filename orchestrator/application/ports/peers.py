"""The orchestrators that work on one catalog."""

from collections.abc import Sequence
from typing import Protocol

from orchestrator.domain.deployment import Gone, Orchestrator, Refusal


class Peers(Protocol):
    """Who is there. One that has not been heard of for a while counts as gone. Raises Unavailable."""

    async def join(self, newcomer: Orchestrator, refuse: Refusal, gone: Gone) -> str | None:
        """Takes those out that are gone, and adds an orchestrator unless `refuse` says of the others why not,
        which is returned then; one joins at a time."""
        ...

    async def beat(self, one: Orchestrator) -> Sequence[Orchestrator]:
        """Says that it is still there; returns all who are, the oldest first."""
        ...

    async def leave(self, id: str) -> None:
        """Takes it out."""
        ...

    async def catalog_id(self) -> str:
        """The catalog's id, for good."""
        ...

    async def blobs_are_marked(self) -> bool:
        """Whether an object store once bore this catalog's id."""
        ...

    async def mark_blobs(self) -> None:
        """Keeps that one does."""
        ...

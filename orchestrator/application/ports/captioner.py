"""Captioning: sentences about pictures."""

from collections.abc import Sequence
from typing import Protocol

from orchestrator.domain.image import Picture


class Captioner(Protocol):
    """A pack's captioner."""

    @property
    def stamp(self) -> str:
        """Equal for equal captions."""
        ...

    async def caption(self, pictures: Sequence[Picture], *, bulk: bool = False) -> list[str]:
        """A sentence about each of N pictures of any sizes; `bulk` lets others go before. Raises
        Unavailable."""
        ...

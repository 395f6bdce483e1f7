"""What annotations say of one picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.domain.import_source import AnnotatedRegion, SourceItem

MOST_REGIONS = 1000
"""Regions that are taken of a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Regions, captions, and what is wrong with the rest."""

    regions: Sequence[AnnotatedRegion] = ()
    captions: Sequence[str] = ()


class Annotator(Protocol):
    """Knows what is said of the pictures of a source."""

    async def load(self) -> None:
        """Reads what lies in files for all pictures together. Raises InvalidArgument for what is none."""
        ...

    async def said(self, item: SourceItem) -> Said | None:
        """What is said of a picture; None: nothing."""
        ...

    def close(self) -> None:
        """Takes temporary files away."""
        ...

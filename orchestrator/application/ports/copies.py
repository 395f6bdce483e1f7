"""What a migration has copied, remembered beyond the loss of its process."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Copies(Protocol):
    """Versions of records by their names: what the engine that is filled holds of each."""

    async def versions(self, names: Sequence[str]) -> Mapping[str, str]:
        """Those of them that were copied, and in which version."""
        ...

    async def remember(self, versions: Mapping[str, str]) -> None:
        """Durable when it returns."""
        ...

    async def forget(self, names: Sequence[str]) -> None:
        """Has them copied again."""
        ...

"""The object store: files by key."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

OWNER_KEY = "sightline-catalog"
"""The file that holds the id of the catalog whose pictures a store keeps. It belongs to no image."""


class Blobs(Protocol):
    """Files by key. A put is durable, and all or nothing."""

    async def put(self, key: str, content: bytes, *, content_type: str = "") -> None:
        """Writes a file, over one that is there. `content_type` is what its URL will answer."""
        ...

    async def get(self, key: str, *, limit: int | None = None) -> bytes:
        """Reads a file. Raises DataLoss where it is gone, InvalidArgument where it is above `limit` bytes."""
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Deletes files; missing ones are no error."""
        ...

    def list(self, prefix: str = "") -> AsyncIterator[tuple[str, datetime]]:
        """Keys below a prefix and when each was written."""
        ...

    async def sign(self, key: str, *, lifetime: timedelta) -> str:
        """A URL from which anybody may read the file so long.

        Raises FailedPrecondition where no URL leads to it.
        """
        ...

    async def ready(self) -> bool:
        """Whether the store answers; never raises."""
        ...

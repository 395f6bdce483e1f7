"""The cache of what can be made again."""

from typing import Protocol


class Cache(Protocol):
    """Bytes by key, bounded in size and age. What it lost is made again: it never answers wrongly."""

    async def get(self, key: str) -> bytes | None:
        """None where it has none."""
        ...

    async def put(self, key: str, value: bytes) -> None:
        """Keeps a value for a while."""
        ...

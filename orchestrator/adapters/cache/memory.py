"""The Cache port inside the process."""

from cachetools import TLRUCache


class MemoryCache:
    """Keeps at most `max_bytes`, keys counted, each value for `seconds`; the least recently used go first.

    A value larger than an eighth of the cache is not kept: it would empty it.
    """

    def __init__(self, max_bytes: int = 64 * 1024 * 1024, seconds: float = 3600.0) -> None:
        self._largest = max_bytes // 8
        self._kept: TLRUCache[str, bytes] = TLRUCache(
            maxsize=max_bytes,
            ttu=lambda _key, _value, now: now + seconds,
            getsizeof=lambda value: len(value) + _OVERHEAD,
        )

    async def get(self, key: str) -> bytes | None:
        """None where it has none."""
        return self._kept.get(key)

    async def put(self, key: str, value: bytes) -> None:
        """Keeps a value for a while."""
        if len(value) + _OVERHEAD <= self._largest:
            self._kept[key] = value


_OVERHEAD = 400  # bytes that an entry takes beside its value: the key, the links, the expiry

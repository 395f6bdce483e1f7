"""Files in an object store: a local directory now, any store that obstore knows by its URL."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from orchestrator.domain.errors import DataLoss, InvalidArgument, Unavailable

_DELETED_TOGETHER = 200
_log = structlog.get_logger(__name__)


class ObjectStoreBlobs:
    """`ports.Blobs` over obstore. `url`: `file:///a/directory`, made where it is missing, or another store's.

    A local put writes a file beside its place and renames it, so that it is there whole or not at all; then
    file and directories are synced, for obstore does not, so that it survives the loss of power.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._root: Path | None = None
        self._lasting: set[Path] = set()  # directories whose own entries are on the disk already
        if parts.scheme == "file":
            self._root = Path(unquote(parts.path))
            self._store: ObjectStore = LocalStore(self._root, mkdir=True)
        else:
            self._store = from_url(url)

    async def put(self, key: str, content: bytes) -> None:
        """Writes a file, over one that is there; durable when it returns. Raises Unavailable."""
        _check(key)
        try:
            await obstore.put_async(self._store, key, content)
            if self._root is not None:
                await asyncio.to_thread(self._sync, self._root, self._root / key)
        except (BaseError, OSError) as error:
            raise _unavailable(error) from error

    async def get(self, key: str) -> bytes:
        """Reads a file. Raises DataLoss where it is gone, Unavailable."""
        _check(key)
        try:
            answer = await obstore.get_async(self._store, key)
            return bytes(await answer.bytes_async())
        except (NotFoundError, FileNotFoundError) as error:
            raise DataLoss("a stored file is gone", metadata={"key": key}) from error
        except (BaseError, OSError) as error:
            raise _unavailable(error) from error

    async def delete(self, keys: Sequence[str]) -> None:
        """Deletes files; missing ones are no error. Raises Unavailable."""
        for start in range(0, len(keys), _DELETED_TOGETHER):
            await asyncio.gather(*map(self._delete, keys[start : start + _DELETED_TOGETHER]))

    async def list(self, prefix: str = "") -> AsyncIterator[tuple[str, datetime]]:
        """Keys below a prefix (whole parts of a key) and when each was written. Raises Unavailable."""
        try:
            async for chunk in obstore.list(self._store, prefix or None, chunk_size=1000):
                for found in chunk:
                    yield found["path"], found["last_modified"]
        except (BaseError, OSError) as error:
            raise _unavailable(error) from error

    async def ready(self) -> bool:
        """Whether the store answers; never raises."""
        if self._root is not None:
            return await asyncio.to_thread(os.access, self._root, os.W_OK | os.X_OK)
        try:
            await anext(self.list(), None)
        except Unavailable:
            return False
        return True

    async def _delete(self, key: str) -> None:
        _check(key)
        try:
            await obstore.delete_async(self._store, key)
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise _unavailable(error) from error

    def _sync(self, root: Path, path: Path) -> None:
        _fsync(path)
        place = path.parent
        _fsync(place)
        while place != root and place not in self._lasting:
            _fsync(place.parent)
            self._lasting.add(place)
            place = place.parent


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check(key: str) -> None:
    """Keeps keys inside the store, whoever made them."""
    if not key or any(part in ("", ".", "..") for part in key.split("/")) or "\0" in key or "\\" in key:
        raise InvalidArgument.field("key", "is no key of the object store")


def _unavailable(error: Exception) -> Unavailable:
    _log.warning("blobs.failed", exc_info=error)
    return Unavailable("the object store does not answer", retry_after=1.0)

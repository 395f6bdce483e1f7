"""Files in an object store: a local directory, or a bucket of S3 or GCS."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import obstore
from obstore.store import GCSStore, LocalStore, S3Store

from orchestrator.adapters.blobs.failures import FAILURES, unavailable
from orchestrator.adapters.blobs.stores import local_root, open_store
from orchestrator.domain.errors import DataLoss, FailedPrecondition, InvalidArgument

_DELETED_TOGETHER = 100
_DELETED_BY_ONE_CALL = 1000  # S3's DeleteObjects
_PART_BYTES = 8 * 1024 * 1024
_PARTS_AT_ONCE = 4
_NO_FILE = "sightline-looks-whether-the-store-answers"


class ObjectStoreBlobs:
    """`ports.Blobs` over obstore, in the place that a URL names: see `open_store`.

    A put is all or nothing: in a bucket by its nature, one of several parts too; in a directory a file is
    written beside its place and renamed. Then file and directories are synced, for obstore does not, so that
    it survives the loss of power.
    """

    def __init__(self, url: str) -> None:
        self._root = local_root(url)
        self._store = open_store(url)
        self._lasting: set[Path] = set()  # directories whose own entries are on the disk already

    async def open(self) -> None:
        """Reads the first page of a list. Raises Unavailable, which says what the store answered."""
        async for _ in self.list():
            break

    async def put(self, key: str, content: bytes, *, content_type: str = "") -> None:
        """Writes a file, over one that is there; durable when it returns. Raises Unavailable."""
        _check(key)
        bucket = not isinstance(self._store, LocalStore)
        try:
            await obstore.put_async(
                self._store,
                key,
                content,
                attributes={"Content-Type": content_type} if content_type and bucket else None,
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )
            if self._root is not None:
                await asyncio.to_thread(self._sync, self._root, self._root / key)
        except FAILURES as error:
            raise unavailable(error, "put") from error

    async def get(self, key: str, *, limit: int | None = None) -> bytes:
        """Reads a file. Raises DataLoss where it is gone, InvalidArgument above `limit`, Unavailable."""
        _check(key)
        try:
            answer = await obstore.get_async(self._store, key)
            if limit is not None and answer.meta["size"] > limit:
                raise InvalidArgument(f"{key} has more than {limit} bytes", reason="FILE_TOO_LARGE")
            return bytes(await answer.bytes_async())
        except FileNotFoundError as error:
            raise DataLoss("a stored file is gone", metadata={"key": key}) from error
        except FAILURES as error:
            raise unavailable(error, "get") from error

    async def delete(self, keys: Sequence[str]) -> None:
        """Deletes files; missing ones are no error. Raises Unavailable."""
        for key in keys:
            _check(key)
        if isinstance(self._store, S3Store):
            for start in range(0, len(keys), _DELETED_BY_ONE_CALL):
                await self._delete(keys[start : start + _DELETED_BY_ONE_CALL])
            return
        for start in range(0, len(keys), _DELETED_TOGETHER):
            some = keys[start : start + _DELETED_TOGETHER]
            await asyncio.gather(*(self._delete([key]) for key in some))

    async def list(self, prefix: str = "") -> AsyncIterator[tuple[str, datetime]]:
        """Keys below a prefix (whole parts of a key) and when each was written. Raises Unavailable."""
        try:
            async for page in obstore.list(self._store, prefix or None, chunk_size=1000):
                for found in page:
                    yield found["path"], found["last_modified"]
        except FAILURES as error:
            raise unavailable(error, "list") from error

    async def sign(self, key: str, *, lifetime: timedelta) -> str:
        """A URL from which anybody may read the file so long; whether it is there is not asked.

        Raises FailedPrecondition for a directory, Unavailable where GCS is to sign and does not answer.
        """
        _check(key)
        if not isinstance(self._store, S3Store | GCSStore):
            raise FailedPrecondition(
                "the pictures lie in a directory of the server: no URL leads to them",
                reason="BLOBS_WITHOUT_URLS",
            )
        try:
            return await obstore.sign_async(self._store, "GET", key, lifetime)
        except FAILURES as error:
            raise unavailable(error, "sign") from error

    async def ready(self) -> bool:
        """Whether the store answers; never raises."""
        if self._root is not None:
            return await asyncio.to_thread(os.access, self._root, os.W_OK | os.X_OK)
        try:
            await obstore.head_async(self._store, _NO_FILE)
        except FileNotFoundError:
            return True  # so it answers
        except FAILURES:
            return False
        return True

    async def _delete(self, keys: Sequence[str]) -> None:
        try:
            await obstore.delete_async(self._store, keys)
        except FileNotFoundError:
            return
        except FAILURES as error:
            raise unavailable(error, "delete") from error

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

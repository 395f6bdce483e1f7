"""All collections of a data directory, the lock on it, and the thread that keeps their graphs up."""

import fcntl
import logging
import os
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from orchestrator.adapters.index.edge import layout
from orchestrator.adapters.index.edge.collection import Collection
from orchestrator.adapters.index.edge.errors import (
    BadRequest,
    CollectionExists,
    DirectoryTaken,
    NoCollection,
)

log = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}")
MAX_DIMENSION = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """When graphs are built: `threshold` points lie outside them, and `share` of all points. Seconds."""

    threshold: int = 10_000
    share: float = 0.25
    flush_every: float = 30.0
    retry_after: float = 30.0
    look_every: float = 1.0


class Store:
    """The collections below a directory. Raises DirectoryTaken where another process holds it."""

    def __init__(self, data: Path, upkeep: Upkeep | None = None) -> None:
        self._root = data / "collections"
        self._root.mkdir(parents=True, exist_ok=True)
        self._lock_file = _lock(data)
        self._upkeep = upkeep or Upkeep()
        self._changing = threading.Lock()
        self._collections = {entry.name: Collection(entry) for entry in layout.sweep(self._root)}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep_up, name="upkeep", daemon=True)
        self._thread.start()

    def names(self) -> list[str]:
        """The collections."""
        return sorted(self._collections)

    def get(self, name: str) -> Collection:
        """A collection. Raises NoCollection."""
        try:
            return self._collections[name]
        except KeyError:
            raise NoCollection(f"collection {name!r} does not exist") from None

    def create(self, name: str, dimension: int, distance: str, sparse: tuple[str, ...] = ()) -> None:
        """Makes a collection, all or nothing. Raises BadRequest, CollectionExists."""
        if not _NAME.fullmatch(name):
            raise BadRequest(f"{name!r} is no name for a collection: {_NAME.pattern}")
        if not 1 <= dimension <= MAX_DIMENSION:
            raise BadRequest(f"vectors of {dimension} numbers; 1 to {MAX_DIMENSION} can be kept")
        with self._changing:
            if name in self._collections:
                raise CollectionExists(f"collection {name!r} already exists")
            self._collections[name] = Collection(layout.create(self._root, name, dimension, distance, sparse))

    def delete(self, name: str) -> bool:
        """Deletes a collection; False where there is none."""
        with self._changing:
            collection = self._collections.pop(name, None)
            if collection is None:
                return False
            collection.close(flush=False)
            layout.delete(self._root / name)
            return True

    def close(self) -> None:
        """Flushes and closes everything, and lets go of the directory."""
        self._ending.set()
        with self._changing:
            for collection in self._collections.values():
                collection.close()
        self._thread.join()
        os.close(self._lock_file)

    def _keep_up(self) -> None:
        flushed = time.monotonic()
        not_before: dict[str, float] = {}
        while not self._ending.wait(self._upkeep.look_every):
            now = time.monotonic()
            flush = now - flushed >= self._upkeep.flush_every
            flushed = now if flush else flushed
            for name, collection in list(self._collections.items()):
                try:
                    if flush:
                        collection.flush()
                    waits = now < not_before.get(name, 0.0)
                    wanted = not waits and collection.wants_build(self._upkeep.threshold, self._upkeep.share)
                    if wanted and not collection.build():
                        not_before[name] = time.monotonic() + self._upkeep.retry_after
                except Exception:
                    # One collection's trouble (a full disk, say) must not end the others' upkeep.
                    log.exception("upkeep of %s failed", name)
                    not_before[name] = time.monotonic() + self._upkeep.retry_after


def _lock(data: Path) -> int:
    handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise DirectoryTaken(f"{data} is served by another process already") from None
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
    return handle

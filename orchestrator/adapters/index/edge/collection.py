"""One collection: a live shard, and the exchange of it for an optimised copy.

There is one live shard at any time; it answers every read and takes every write (its write-ahead log makes
them durable). To build a graph, writes wait while the shard's folder is copied; a second process optimises
the copy; what was written meanwhile is then carried over, by id, from the live shard; the manifest names the
copy; the old folder goes. Killed anywhere, the manifest names a shard that holds every acknowledged write.
"""

import logging
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from os import getpid
from pathlib import Path
from typing import Any

import qdrant_edge as edge

from orchestrator.adapters.index.edge import layout
from orchestrator.adapters.index.edge.errors import ShuttingDown

log = logging.getLogger(__name__)

_SLICE = 64
"""Points a write: Edge holds the interpreter's lock meanwhile, and searches wait."""

_REST = 256
"""So many changed points may be left to carry over while writes wait."""


class Collection:
    """A collection of points. Its methods may be called from any thread."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._manifest = layout.Manifest.read(directory)
        self._shard: Any = edge.EdgeShard.load(str(directory / self._manifest.shard))
        self._write_lock = threading.Lock()
        self._closed = False
        self._builder: subprocess.Popen[bytes] | None = None
        # What was written since the copy was made; None while there is no copy.
        self._changed: set[Any] | None = None
        self._changed_schema: list[Any] = []
        # Points written or deleted since the graph's copy was made. Edge counts a point that left the graph
        # as indexed still, so its own figures do not tell how much lies outside.
        self._loose = layout.read_loose(directory)
        self._writes = 0
        self._flushed_writes = 0
        self._checked_writes = -1

    @property
    def dimension(self) -> int:
        """Length of its vectors."""
        return self._manifest.dimension

    @property
    def distance(self) -> str:
        """How its vectors are compared, as Edge names it."""
        return self._manifest.distance

    @property
    def sparse(self) -> tuple[str, ...]:
        """The names of its sparse vectors."""
        return self._manifest.sparse

    @property
    def shard(self) -> Any:
        """The live shard, to read from."""
        if self._closed:
            raise ShuttingDown("the collection is closed")
        return self._shard

    def upsert(self, points: Sequence[Any]) -> None:
        """Writes points over those of the same ids."""
        self._update(points, lambda point: point.id, edge.UpdateOperation.upsert_points)

    def delete(self, ids: Sequence[Any]) -> None:
        """Deletes points; missing ones are no error."""
        self._update(ids, lambda id: id, edge.UpdateOperation.delete_points)

    def set_payload(self, ids: Sequence[Any], payload: dict[str, Any], overwrite: bool) -> None:
        """Sets keys of points' payloads, or replaces the payloads. Missing points are no error."""
        change = edge.UpdateOperation.overwrite_payload if overwrite else edge.UpdateOperation.set_payload

        def operation(part: list[Any]) -> Any:
            # Edge refuses the whole operation where one point is missing.
            present = self.shard.retrieve(part, with_payload=False, with_vector=False)
            return change([record.id for record in present], payload)

        self._update(ids, lambda id: id, operation)

    def create_index(self, field: str, schema: Any) -> None:
        """Indexes a field of the payloads."""
        operation = edge.UpdateOperation.create_field_index(field, schema)
        with self._write_lock:
            self.shard.update(operation)
            self._writes += 1
            if self._changed is not None:
                self._changed_schema.append(operation)

    def create_sparse(self, name: str) -> None:
        """Makes room for a sparse vector beside the dense one; points have none yet."""
        operation = edge.UpdateOperation.create_sparse_vector(name, edge.Modifier.Idf)
        with self._write_lock:
            self.shard.update(operation)
            self._writes += 1
            if name not in self.sparse:
                # A crash before this leaves a vector that is made again, which changes nothing.
                self._manifest = replace(self._manifest, sparse=(*self.sparse, name))
                self._manifest.write(self._directory)
            if self._changed is not None:
                self._changed_schema.append(operation)

    def _update(
        self, items: Sequence[Any], id_of: Callable[[Any], Any], operation: Callable[[list[Any]], Any]
    ) -> None:
        for start in range(0, len(items), _SLICE):
            part = list(items[start : start + _SLICE])
            with self._write_lock:
                shard = self.shard
                if self._changed is not None:
                    self._changed.update(id_of(item) for item in part)
                shard.update(operation(part))
                self._writes += len(part)
                self._loose += len(part)

    def wants_build(self, threshold: int, share: float) -> bool:
        """Whether more points changed since the graph was built than `threshold` and than `share` of all."""
        if self._closed or self._checked_writes == self._writes:
            return False
        self._checked_writes = self._writes
        info = self._shard.info()
        loose = max(self._loose, info.points_count - info.indexed_vectors_count)
        return bool(loose >= threshold and loose >= share * info.points_count)

    def build(self) -> bool:
        """Exchanges the live shard for an optimised copy. False where that failed, and nothing changed."""
        manifest = self._manifest.next()
        folder = self._directory / manifest.shard
        before = 0
        try:
            shutil.rmtree(folder, ignore_errors=True)
            with self._write_lock:
                self.shard.flush()
                shutil.copytree(self._directory / self._manifest.shard, folder)
                self._changed, self._changed_schema = set(), []
                before, self._loose = self._loose, 0
            started = time.monotonic()
            if not self._optimise(folder):
                return False
            log.info("%s: a graph was built in %.1f s", self._directory.name, time.monotonic() - started)
            self._exchange(manifest, edge.EdgeShard.load(str(folder)))
            return True
        except ShuttingDown:
            return False
        finally:
            self._changed, self._changed_schema = None, []
            if self._manifest.shard != manifest.shard:
                self._loose += before
                shutil.rmtree(folder, ignore_errors=True)

    def _optimise(self, folder: Path) -> bool:
        command = [sys.executable, "-m", "orchestrator.adapters.index.edge.build", str(folder)]
        command += ["--parent", str(getpid()), "--dimension", str(self.dimension)]
        command += ["--distance", self.distance]
        with self._write_lock:
            if self._closed:
                return False
            self._builder = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - our own module
        status = self._builder.wait()
        self._builder = None
        if status != 0 and not self._closed:
            log.error("%s: building a graph ended with status %d", self._directory.name, status)
        return status == 0

    def _exchange(self, manifest: layout.Manifest, fresh: Any) -> None:
        while True:
            with self._write_lock:
                if self._closed:
                    raise ShuttingDown("the collection is closed")
                changed, self._changed = self._changed or set(), set()
                schema, self._changed_schema = self._changed_schema, []
                last = len(changed) <= _REST
                if last:
                    self._carry_over(fresh, changed, schema)
                    manifest = replace(manifest, sparse=self.sparse)
                    manifest.write(self._directory)
                    old, self._shard = self._directory / self._manifest.shard, fresh
                    self._manifest = manifest
                    break
            self._carry_over(fresh, changed, schema)
            fresh.flush()
        # Readers that still hold the old shard keep its mapped files alive until they are done.
        shutil.rmtree(old, ignore_errors=True)

    def _carry_over(self, fresh: Any, changed: set[Any], schema: Sequence[Any]) -> None:
        """Brings points and indexes that changed since the copy into it, as they are now."""
        for operation in schema:
            fresh.update(operation)
        ids = list(changed)
        for start in range(0, len(ids), _SLICE):
            part = ids[start : start + _SLICE]
            records = self.shard.retrieve(part, with_payload=True, with_vector=True)
            gone = set(part) - {record.id for record in records}
            if records:
                points = [edge.Point(record.id, record.vector, record.payload) for record in records]
                fresh.update(edge.UpdateOperation.upsert_points(points))
            if gone:
                fresh.update(edge.UpdateOperation.delete_points(list(gone)))

    def flush(self) -> None:
        """Moves what is in the write-ahead log into the segments, where there is anything."""
        with self._write_lock:
            if not self._closed and self._flushed_writes != self._writes:
                self._flushed_writes = self._writes
                self._shard.flush()
                layout.write_loose(self._directory, self._loose)

    def close(self, flush: bool = True) -> None:
        """Ends a build that runs, and lets go of the shard."""
        if flush:
            self.flush()
        with self._write_lock:
            self._closed = True
            if self._builder is not None:
                self._builder.kill()
            self._shard = None

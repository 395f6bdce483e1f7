"""Parquet and Arrow files: gone through in batches, and read at a row. All of it blocks."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, Protocol

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from orchestrator.domain.errors import InvalidArgument

_LISTED = 256  # rows a batch of the listing
_READ = 8  # rows a batch where pictures are among them
_KEPT_BYTES = 64 << 20


class Table(Protocol):
    """An open file of rows, in groups. One thread at a time reads it."""

    schema: pa.Schema

    def scan(self, columns: Sequence[str], image: str) -> Iterator[tuple[int, int, pa.RecordBatch]]:
        """Group, first row in the group, and a batch with `columns` and, where it takes no reading of whole
        pictures, or cannot be helped, `image`."""
        ...

    def value(self, group: int, row: int, column: str) -> Any:
        """One value. Raises InvalidArgument where there is no such row."""
        ...

    def close(self) -> None:
        """Closes the file."""
        ...


def open_table(file: BinaryIO, path: str) -> Table:
    """A table by the ending of its path. Raises InvalidArgument for what is none."""
    with broken():
        if path.lower().endswith(".parquet"):
            return ParquetTable(file)
        return ArrowTable(file)


class ParquetTable:
    """A Parquet file: row groups are read in small batches, forwards from the last row that was asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._parquet = pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20)
        self.schema = self._parquet.schema_arrow
        self._lock = threading.Lock()
        self._place: tuple[int, str] | None = None
        self._batches: Iterator[pa.RecordBatch] = iter(())
        self._recent: deque[tuple[int, pa.RecordBatch]] = deque()
        self._next = 0

    def scan(self, columns: Sequence[str], image: str) -> Iterator[tuple[int, int, pa.RecordBatch]]:
        """Batches of all groups."""
        for group in range(self._parquet.num_row_groups):
            wanted, size = [*columns], _LISTED
            if image:
                leaf, whole = self._leaf(group, image)
                wanted += [leaf] if leaf else []
                size = _READ if whole else _LISTED
            first = 0
            rows = self._parquet.metadata.row_group(group).num_rows
            if not wanted:  # nothing is asked of the rows but how many they are
                wanted = [self._smallest(group)]
            with broken():
                for batch in self._parquet.iter_batches(
                    batch_size=size, row_groups=[group], columns=wanted, use_threads=False
                ):
                    yield group, first, batch
                    first += batch.num_rows
            if first != rows:
                raise InvalidArgument("a row group has fewer rows than it says", reason="SOURCE_BROKEN")

    def value(self, group: int, row: int, column: str) -> Any:
        """One value; those read last are at hand."""
        with self._lock, broken():
            if not 0 <= group < self._parquet.num_row_groups:
                raise _no_row()
            self._recent_from(group, row, column)
            while self._next <= row:
                batch = next(self._batches, None)
                if batch is None:
                    raise _no_row()
                self._recent.append((self._next, batch))
                self._next += batch.num_rows
                while len(self._recent) > 1 and sum(each.nbytes for _, each in self._recent) > _KEPT_BYTES:
                    self._recent.popleft()
            for first, batch in self._recent:
                if first <= row < first + batch.num_rows:
                    return batch.column(0)[row - first].as_py()
        raise _no_row()

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._parquet.close()
            self._file.close()

    def _recent_from(self, group: int, row: int, column: str) -> None:
        """Begins the group anew where the row lies before what is at hand."""
        if self._place == (group, column) and (not self._recent or self._recent[0][0] <= row):
            return
        self._place, self._next = (group, column), 0
        self._recent.clear()
        self._batches = self._parquet.iter_batches(
            batch_size=_READ, row_groups=[group], columns=[column], use_threads=False
        )

    def _smallest(self, group: int) -> str:
        metadata = self._parquet.metadata.row_group(group)
        leaves = [metadata.column(number) for number in range(metadata.num_columns)]
        return str(min(leaves, key=lambda leaf: leaf.total_compressed_size).path_in_schema)

    def _leaf(self, group: int, image: str) -> tuple[str, bool]:
        """The smallest leaf that tells which rows have a picture, empty where all have; and whether reading
        it means reading pictures."""
        metadata = self._parquet.metadata.row_group(group)
        leaves = {metadata.column(n).path_in_schema: metadata.column(n) for n in range(metadata.num_columns)}
        if f"{image}.path" in leaves:
            return f"{image}.path", False
        for name in (image, f"{image}.bytes"):
            if name in leaves:
                if not pa.types.is_nested(self.schema.field(image).type) and _is_text(self.schema, image):
                    return name, False
                counted = leaves[name].statistics
                full = counted is not None and counted.has_null_count and counted.null_count == 0
                return ("", False) if full else (image, True)
        return image, True


class ArrowTable:
    """An Arrow file of either format, as `save_to_disk` writes them: one record batch is held at a time."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._begin()
        self.schema = self._schema

    def scan(self, columns: Sequence[str], image: str) -> Iterator[tuple[int, int, pa.RecordBatch]]:
        """Batches, each a group."""
        wanted = [*columns, *([image] if image else [])]
        with self._lock:
            self._begin()
            group = 0
            while (batch := self._step()) is not None:
                yield group, 0, batch.select(wanted)
                group += 1

    def value(self, group: int, row: int, column: str) -> Any:
        """One value."""
        with self._lock:
            if group < self._number or group < 0:
                self._begin()
            while self._number < group:
                if self._step() is None:
                    raise _no_row()
            batch = self._batch
            if batch is None or not 0 <= row < batch.num_rows:
                raise _no_row()
            return batch.column(column)[row].as_py()

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._file.close()

    def _begin(self) -> None:
        self._file.seek(0)
        magic = self._file.read(6)
        self._file.seek(0)
        with broken():
            if magic == b"ARROW1":
                reader: Any = pa.ipc.open_file(self._file)
                self._left = iter(map(reader.get_batch, range(reader.num_record_batches)))
            else:
                reader = pa.ipc.open_stream(self._file)
                self._left = iter(reader)
        self._schema = reader.schema
        self._number, self._batch = -1, None

    def _step(self) -> "pa.RecordBatch | None":
        with broken():
            self._batch = next(self._left, None)
            if self._batch is not None:
                self._batch.validate(full=True)  # its offsets are the file's, and may lead anywhere
        self._number += 1
        return self._batch


@contextmanager
def broken() -> Iterator[None]:
    """What pyarrow says of a broken file, as our error."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, KeyError, IndexError, MemoryError) as error:
        raise InvalidArgument("is no table that can be read", reason="SOURCE_BROKEN") from error


def _is_text(schema: pa.Schema, name: str) -> bool:
    kind = schema.field(name).type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _no_row() -> InvalidArgument:
    return InvalidArgument("there is no such row any more", reason="SOURCE_CHANGED")

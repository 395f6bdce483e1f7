"""`ports.SnapshotFiles`: Parquet parts, each row a record with its vector, and a manifest in JSON."""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import TypeAdapter

from orchestrator.adapters.snapshots import rows
from orchestrator.application.ports import ImageEntry, RegionEntry, TextEntry
from orchestrator.domain.embedding import Vector
from orchestrator.domain.errors import InvalidArgument, SightlineError
from orchestrator.domain.names import CollectionName
from orchestrator.domain.snapshot import FORMAT, MAX_PART_BYTES, VERSION, Manifest

_MANIFEST = TypeAdapter(Manifest)
_ROWS_READ_TOGETHER = 64
_UNIT = 1e-3  # how far a vector's length may be from 1

Entry = TypeVar("Entry")


class ParquetSnapshots:
    """Snapshots' files. Vectors are fixed-size lists of float32; what is nested is JSON."""

    def write_manifest(self, manifest: Manifest) -> bytes:
        """Indented JSON."""
        return _MANIFEST.dump_json(manifest, indent=2)

    def read_manifest(self, content: bytes) -> Manifest:
        """Raises InvalidArgument."""
        with _refused("the manifest"):
            given = json.loads(content)
            if not isinstance(given, dict) or given.get("format") != FORMAT:
                raise InvalidArgument("the manifest is none of a snapshot", reason="SNAPSHOT_INVALID")
            if given.get("version") != VERSION:
                said = f"{given.get('version')!r:.20}"
                raise InvalidArgument(
                    f"the snapshot's format is version {said}; this server reads {VERSION}",
                    reason="SNAPSHOT_VERSION",
                )
            return _MANIFEST.validate_json(content)

    def write_images(self, entries: Sequence[ImageEntry], marks: Mapping[str, str]) -> bytes:
        """One row an image."""
        found = [rows.image_row(entry.image, entry.file) for entry in entries]
        return _write(rows.IMAGE_COLUMNS, found, [entry.vector for entry in entries], marks)

    def write_regions(self, entries: Sequence[RegionEntry], marks: Mapping[str, str]) -> bytes:
        """One row a region."""
        found = [rows.region_row(entry.region) for entry in entries]
        return _write(rows.REGION_COLUMNS, found, [entry.vector for entry in entries], marks)

    def write_texts(self, entries: Sequence[TextEntry], marks: Mapping[str, str]) -> bytes:
        """One row a text record."""
        found = [rows.text_row(entry.text) for entry in entries]
        return _write(rows.TEXT_COLUMNS, found, [entry.vector for entry in entries], marks)

    def read_marks(self, content: bytes) -> tuple[int, Mapping[str, str]]:
        """Raises InvalidArgument."""
        with _refused("a part"):
            file = pq.ParquetFile(io.BytesIO(content))
            found = file.schema_arrow.metadata or {}
            return file.metadata.num_rows, {key.decode(): value.decode() for key, value in found.items()}

    def read_images(self, content: bytes, collection: CollectionName, dimension: int) -> Sequence[ImageEntry]:
        """Raises InvalidArgument."""

        def entry(row: rows.Row, vector: Vector) -> ImageEntry:
            return ImageEntry(image=rows.to_image(row, collection), vector=vector, file=row["file"])

        return _read(content, rows.IMAGE_COLUMNS, dimension, entry)

    def read_regions(
        self, content: bytes, collection: CollectionName, dimension: int
    ) -> Sequence[RegionEntry]:
        """Raises InvalidArgument."""

        def entry(row: rows.Row, vector: Vector) -> RegionEntry:
            return RegionEntry(region=rows.to_region(row, collection), vector=vector)

        return _read(content, rows.REGION_COLUMNS, dimension, entry)

    def read_texts(self, content: bytes, collection: CollectionName, dimension: int) -> Sequence[TextEntry]:
        """Raises InvalidArgument."""

        def entry(row: rows.Row, vector: Vector) -> TextEntry:
            return TextEntry(text=rows.to_text(row, collection), vector=vector)

        return _read(content, rows.TEXT_COLUMNS, dimension, entry)


def _write(
    columns: Mapping[str, pa.DataType],
    found: Sequence[rows.Row],
    vectors: Sequence[Vector],
    marks: Mapping[str, str],
) -> bytes:
    matrix = np.stack(vectors).astype(np.float32, copy=False)
    arrays = [pa.array([row[name] for row in found], kind) for name, kind in columns.items()]
    arrays.append(pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1]))
    schema = _schema(columns, matrix.shape[1]).with_metadata(dict(marks))
    file = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), file, compression="zstd")
    return file.getvalue()


def _read(
    content: bytes,
    columns: Mapping[str, pa.DataType],
    dimension: int,
    entry: Callable[[rows.Row, Vector], Entry],
) -> list[Entry]:
    entries: list[Entry] = []
    with _refused("a part"):
        file = pq.ParquetFile(io.BytesIO(content))
        unpacked = sum(
            file.metadata.row_group(number).total_byte_size for number in range(file.num_row_groups)
        )
        if unpacked > MAX_PART_BYTES:
            raise ValueError("a part that unpacks to more than is read")
        if not file.schema_arrow.equals(_schema(columns, dimension)):
            raise ValueError("other columns than a part has")
        for batch in file.iter_batches(_ROWS_READ_TOGETHER):
            vectors = _vectors(batch.column("vector"), dimension)
            for row, vector in zip(batch.drop_columns(["vector"]).to_pylist(), vectors, strict=True):
                _check(row)
                entries.append(entry(row, vector))
    return entries


def _vectors(column: Any, dimension: int) -> NDArray[np.float32]:
    if column.null_count:
        raise ValueError("a row without a vector")
    matrix: NDArray[np.float32] = column.flatten().to_numpy(zero_copy_only=False).reshape(-1, dimension)
    lengths = np.linalg.norm(matrix.astype(np.float64), axis=1)
    if not np.all(np.abs(lengths - 1.0) < _UNIT):  # NaN is not below anything
        raise ValueError("a vector that is not of length 1")
    return matrix


def _schema(columns: Mapping[str, pa.DataType], dimension: int) -> pa.Schema:
    nullable = {"exif", "captioner", "mask_height", "mask_width", "mask_counts"}
    fields = [pa.field(name, kind, nullable=name in nullable) for name, kind in columns.items()]
    return pa.schema([*fields, pa.field("vector", pa.list_(pa.float32(), dimension), nullable=False)])


def _check(row: rows.Row) -> None:
    """No database keeps a NUL in a text; JSON says it as an escape."""
    if any(isinstance(value, str) and ("\0" in value or "\\u0000" in value) for value in row.values()):
        raise ValueError("a text with a NUL")


@contextmanager
def _refused(what: str) -> Iterator[None]:
    """pyarrow's and pydantic's errors are ValueErrors, TypeErrors, KeyErrors or OSErrors."""
    try:
        yield
    except SightlineError:
        raise
    except (
        ValueError,
        TypeError,
        KeyError,
        OSError,
        OverflowError,
        RecursionError,
        pa.ArrowException,
    ) as error:
        raise InvalidArgument(
            f"{what} of the snapshot holds what no snapshot holds", reason="SNAPSHOT_INVALID"
        ) from error

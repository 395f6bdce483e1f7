"""An index that hnswlib saved, read as what it is: a header, and a row of bytes a vector (`hnswalg.h`)."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from orchestrator.domain.embedding import Vectors
from orchestrator.domain.errors import InvalidArgument

_HEADER = struct.Struct("<6QiI3QdQ")
_DELETED = 1
_FLAGS = 2  # byte of a row's links that holds them


class HnswFile:
    """`ports.ForeignIndex` over a file, which is mapped and not loaded. Deleted vectors are left out.

    The file does not say how its vectors compare, nor how long they are: whoever asks knows. Raises
    InvalidArgument for what is no such file, OSError.
    """

    def __init__(self, file: Path, dimension: int) -> None:
        self.dimension = dimension
        with file.open("rb") as opened:
            header = opened.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise _no_index()
        level0, most, count, size, label_at, vector_at, *_ = _HEADER.unpack(header)
        if level0 != 0 or not 0 < count <= most or size != label_at + 8 or vector_at > label_at:
            raise _no_index()
        if label_at - vector_at != 4 * dimension:
            raise InvalidArgument(
                f"the index holds vectors of {(label_at - vector_at) / 4:g} numbers, not {dimension}",
                reason="SPACE_MISMATCH",
            )
        if _HEADER.size + count * size > file.stat().st_size:
            raise _no_index()
        rows = np.memmap(file, np.uint8, mode="r", offset=_HEADER.size, shape=(count, size))
        self._rows = rows
        self._kept = np.flatnonzero((rows[:, _FLAGS] & _DELETED) == 0)
        self._labels, self._vectors = slice(label_at, size), slice(vector_at, label_at)

    def ids(self) -> NDArray[np.int64]:
        """The labels under which they were added."""
        found: NDArray[np.int64] = (
            np.ascontiguousarray(self._rows[self._kept, self._labels]).view("<i8").ravel()
        )
        return found

    def vectors(self, positions: NDArray[np.int64]) -> Vectors:
        """Read from the file."""
        rows = np.ascontiguousarray(self._rows[self._kept[positions], self._vectors])
        found: Vectors = rows.view("<f4").astype(np.float32, copy=False)
        return found


def _no_index() -> InvalidArgument:
    return InvalidArgument("is no index that hnswlib saved", reason="INDEX_INVALID")

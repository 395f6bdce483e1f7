"""Vectors and records that another program kept: what a snapshot is made of without embedding."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from orchestrator.domain.embedding import Vectors
from orchestrator.domain.image import Label


class ForeignIndex(Protocol):
    """Vectors of another index, in the order of their positions; exact ones, compared by inner product."""

    dimension: int

    def ids(self) -> NDArray[np.int64]:
        """(N,) int64: what each vector is called there."""
        ...

    def vectors(self, positions: NDArray[np.int64]) -> Vectors:
        """(len(positions), D) float32, as they are kept."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRow:
    """What is known of one vector; `line` is where it stands. A picture by its `file`, or a `text`."""

    line: int
    id: int
    name: str
    file: str = ""
    text: str = ""
    display_name: str = ""
    folder: str = ""
    source_uri: str = ""
    caption: str = ""
    labels: tuple[Label, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


class ForeignRows(Protocol):
    """A list of rows that may be read again."""

    def __iter__(self) -> Iterator[ForeignRow]:
        """Raises InvalidArgument, naming the line, for what is no row."""
        ...


class PictureFiles(Protocol):
    """Pictures below a folder."""

    async def read(self, path: str, *, limit: int) -> bytes:
        """Raises InvalidArgument where there is no such file, or one above the limit."""
        ...


class IndexWriter(Protocol):
    """An index for another program, and the rows that say what its vectors are of."""

    def add(self, vectors: Vectors, rows: Sequence[Mapping[str, Any]]) -> None:
        """Vectors in their order."""
        ...

    def finish(self) -> int:
        """Writes it all; how many vectors."""
        ...

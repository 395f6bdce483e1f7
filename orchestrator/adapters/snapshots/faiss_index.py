"""FAISS indexes: read where they hold exact vectors, and written flat."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from orchestrator.domain.embedding import Vectors
from orchestrator.domain.errors import InvalidArgument


class FaissIndex:
    """`ports.ForeignIndex` over a file that FAISS wrote: flat, HNSW or IVF over flat, with ids or without.

    Read it in a process whose loss does no harm: FAISS trusts its files. Raises InvalidArgument for what is
    no such file, holds no exact vectors, or compares otherwise than by inner product.
    """

    def __init__(self, file: Path) -> None:
        try:
            index = faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise InvalidArgument("is no index that FAISS reads", reason="INDEX_INVALID") from error
        self._ids: NDArray[np.int64] = np.arange(index.ntotal, dtype=np.int64)
        if isinstance(index, faiss.IndexIDMap | faiss.IndexIDMap2):
            self._ids = np.array(faiss.vector_to_array(index.id_map), dtype=np.int64)
            self._wrapper = index
            index = faiss.downcast_index(index.index)
        if index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise InvalidArgument(
                "the index does not compare by inner product: its vectors are of another kind",
                reason="INDEX_METRIC",
            )
        exact = index if not isinstance(index, faiss.IndexHNSW) else faiss.downcast_index(index.storage)
        if not isinstance(exact, faiss.IndexFlat | faiss.IndexIVFFlat):
            raise InvalidArgument(
                f"a {type(exact).__name__} keeps no exact vectors: export a flat index",
                reason="INDEX_INEXACT",
            )
        if isinstance(exact, faiss.IndexIVFFlat):
            exact.make_direct_map()
        self._exact = exact
        self._owner = index
        self.dimension = int(index.d)

    def ids(self) -> NDArray[np.int64]:
        """Those of an IDMap; else the positions."""
        return self._ids

    def vectors(self, positions: NDArray[np.int64]) -> Vectors:
        """Read from the index."""
        found: Vectors = self._exact.reconstruct_batch(np.ascontiguousarray(positions, dtype=np.int64))
        return found


class FaissWriter:
    """Writes `vectors.faiss`, flat and by inner product, and `vectors.jsonl`, a row a vector, into a folder.

    The vectors are held until they are written. Raises OSError.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._index = faiss.IndexFlatIP(dimension)
        self._rows = (folder / "vectors.jsonl.part").open("w", encoding="utf-8")

    def add(self, vectors: Vectors, rows: Sequence[Mapping[str, Any]]) -> None:
        """Vectors, and what each is of."""
        for number, row in enumerate(rows, self._index.ntotal):
            self._rows.write(json.dumps({"id": number, **row}, ensure_ascii=False) + "\n")
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def finish(self) -> int:
        """Both files are there whole, or not at all; how many vectors."""
        self._rows.close()
        faiss.write_index(self._index, str(self._folder / "vectors.faiss.part"))
        for name in ("vectors.jsonl", "vectors.faiss"):
            (self._folder / f"{name}.part").replace(self._folder / name)
        return int(self._index.ntotal)

"""Builds what the programs beside the server need: migrations, and conversions of indexes."""

from pathlib import Path

from orchestrator.adapters.blobs.object_store import ObjectStoreBlobs
from orchestrator.adapters.migration.copies import SqliteCopies
from orchestrator.adapters.snapshots.foreign_rows import JsonLines
from orchestrator.adapters.snapshots.hnsw_file import HnswFile
from orchestrator.adapters.sources.folder import FolderStorage
from orchestrator.application.ports.foreign import ForeignIndex, IndexWriter
from orchestrator.bootstrap import CannotStart


def open_copies(file: Path) -> SqliteCopies:
    """What a migration remembers, in a file."""
    return SqliteCopies(file)


def object_store(url: str) -> ObjectStoreBlobs:
    """An object store of pictures. Raises CannotStart."""
    try:
        return ObjectStoreBlobs(url)
    except Exception as error:
        raise CannotStart(f"the object store cannot be used: {str(error).splitlines()[0]}") from error


def foreign_index(file: Path, format: str, dimension: int) -> ForeignIndex:
    """An index that `faiss` or `hnswlib` wrote. Raises InvalidArgument, OSError."""
    if format == "hnswlib":
        return HnswFile(file, dimension)
    from orchestrator.adapters.snapshots.faiss_index import FaissIndex

    return FaissIndex(file)


def foreign_rows(file: Path) -> JsonLines:
    """What the vectors of such an index are of."""
    return JsonLines(file)


def picture_files(folder: Path) -> FolderStorage:
    """Pictures below a folder, which no link leads out of."""
    return FolderStorage(folder)


def faiss_writer(folder: Path, dimension: int) -> IndexWriter:
    """What writes an index for FAISS. Raises OSError."""
    from orchestrator.adapters.snapshots.faiss_index import FaissWriter

    return FaissWriter(folder, dimension)

"""Which folders and buckets may be read, and the storage that a URI names."""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from obstore.store import from_url

from orchestrator.adapters.sources.bucket import BucketStorage, OpenStore
from orchestrator.adapters.sources.folder import FolderStorage
from orchestrator.adapters.sources.storage import Storage
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument

BUCKETS = frozenset({"s3", "gs"})
FOLDERS = "file"


class Places:
    """The folders below which this server may read, None: any folder; and what opens buckets."""

    def __init__(self, roots: Sequence[Path] | None, open_store: OpenStore = from_url) -> None:
        self._open_store = open_store
        self._roots = None if roots is None else [os.path.realpath(root) for root in roots]

    def check(self, uri: str, field: str = "uri") -> None:
        """Raises InvalidArgument for what is no `file:///…`, `s3://…`, `gs://…`; FailedPrecondition for a
        folder that must not be read."""
        parts = _split(uri)
        if parts is not None and parts.scheme in BUCKETS and parts.netloc and not parts.username:
            return
        if parts is None or parts.scheme != FOLDERS:
            raise InvalidArgument.field(field, "is no file:///…, s3://… or gs://…")
        self._folder(uri, field)

    def open_folder(self, uri: str, field: str = "uri") -> Storage:
        """The storage below a folder or prefix. Raises as `check`, and InvalidArgument for no folder."""
        self.check(uri, field)
        if urlsplit(uri).scheme in BUCKETS:
            return BucketStorage(uri, self._open_store)
        folder = self._folder(uri, field)
        if not folder.is_dir():
            raise InvalidArgument.field(field, "is no folder of the server", reason="SOURCE_NOT_FOUND")
        return FolderStorage(folder)

    def open_file(self, uri: str, field: str = "uri") -> tuple[Storage, str]:
        """The storage around one file, and the file's path in it. Raises as `check`."""
        self.check(uri, field)
        if urlsplit(uri).scheme in BUCKETS:
            folder, _, name = uri.rpartition("/")
            return BucketStorage(folder, self._open_store), unquote(name)
        file = self._folder(uri, field)
        return FolderStorage(file.parent), file.name

    def _folder(self, uri: str, field: str) -> Path:
        parts = urlsplit(uri)
        path = unquote(parts.path, errors="surrogateescape")
        if parts.netloc not in ("", "localhost") or not path.startswith("/") or "\0" in path:
            raise InvalidArgument.field(field, "is no absolute path: file:///folder")
        resolved = Path(os.path.realpath(path))
        # Whether it exists is not told of what must not be read.
        if self._roots is not None and not any(resolved.is_relative_to(root) for root in self._roots):
            raise FailedPrecondition(
                f"{field}: lies outside the folders that may be imported from (SIGHTLINE_IMPORT_ROOTS)",
                reason="SOURCE_FORBIDDEN",
            )
        return resolved


def _split(uri: str) -> SplitResult | None:
    try:
        return urlsplit(uri)
    except ValueError:
        return None

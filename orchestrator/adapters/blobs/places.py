"""Folders and buckets that snapshots lie in."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from orchestrator.adapters.blobs.object_store import ObjectStoreBlobs
from orchestrator.adapters.blobs.stores import local_root
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument


class ObjectStorePlaces:
    """`ports.Places`. `check(uri, field)` raises where a URI is none, or must not be touched.

    `own` is the URL of the server's pictures: nothing is read from there, and nothing written.
    """

    def __init__(self, check: Callable[[str, str], None], own: str) -> None:
        self._check = check
        self._own = own

    def open(self, uri: str, *, field: str, create: bool = False) -> ObjectStoreBlobs:
        """Raises InvalidArgument, FailedPrecondition."""
        self._check(uri, field)
        if _overlap(uri, self._own):
            raise FailedPrecondition(
                f"{field}: is where the server keeps its pictures", reason="PLACE_IS_THE_STORE"
            )
        folder = local_root(uri)
        if folder is not None and not create and not folder.is_dir():
            raise InvalidArgument.field(field, "is no folder of the server", reason="SOURCE_NOT_FOUND")
        try:
            return ObjectStoreBlobs(uri)
        except (ValueError, OSError) as error:
            raise InvalidArgument.field(field, "cannot be opened", reason="SOURCE_NOT_FOUND") from error


def _overlap(one: str, other: str) -> bool:
    """Whether one lies in the other, or is it."""
    first, second = _path(one), _path(other)
    return first.is_relative_to(second) or second.is_relative_to(first)


def _path(url: str) -> Path:
    folder = local_root(url)
    if folder is not None:
        return Path("/file") / folder.resolve().relative_to("/")
    parts = urlsplit(url)
    return Path("/bucket", parts.scheme, parts.netloc, parts.path.strip("/"))

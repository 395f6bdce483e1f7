"""A bucket's prefix (S3, GCS and what else obstore knows), as a storage."""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import quote

import obstore
import structlog
from obstore.exceptions import (
    BaseError,
    InvalidPathError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import ObjectStore

from orchestrator.adapters.sources.range_file import buffered
from orchestrator.adapters.sources.storage import Entry, changed, gone, too_large
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, SightlineError, Unavailable

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta

OpenStore = Callable[[str], ObjectStore]
"""Opens the store of a URI, with the server's credentials; raises ValueError for what is none."""

_PAGE = 1000
_CODE = re.compile(r"<Code>(\w{1,64})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_DENIED = (PermissionDeniedError, UnauthenticatedError, PermissionError)
_log = structlog.get_logger(__name__)


class BucketStorage:
    """`Storage` below `s3://bucket/prefix`, `gs://bucket/prefix`, of the stores that `open_store` opens."""

    sorted = True

    def __init__(self, uri: str, open_store: OpenStore) -> None:
        self._uri = uri.rstrip("/")
        with _errors(self._uri):
            self._store = open_store(self._uri)

    async def list(self, prefix: str = "") -> AsyncIterator[Entry]:
        """Objects below a prefix, whole parts of their keys."""
        with _errors(self._uri, listing=True):
            async for page in obstore.list(self._store, prefix or None, chunk_size=_PAGE):
                for found in page:
                    yield _to_entry(found)

    async def stat(self, path: str) -> Entry:
        """One object, as a listing has it."""
        with _errors(path):
            return _to_entry(await obstore.head_async(self._store, path))

    async def find(self, paths: Sequence[str]) -> Sequence[Entry | None]:
        """Those objects that are there; each costs a request."""
        found: list[Entry | None] = []
        for path in paths:
            try:
                found.append(await self.stat(path))
            except InvalidArgument:
                found.append(None)
        return found

    async def read(self, path: str, *, limit: int, version: str = "") -> bytes:
        """A whole object."""
        content = bytearray()
        async for piece in self._get(path, version, limit):
            content += piece
            if len(content) > limit:
                raise too_large(path, limit)
        return bytes(content)

    async def read_range(self, path: str, offset: int, size: int, *, version: str = "") -> bytes:
        """A part of an object."""
        content = bytearray()
        async for piece in self._get(path, version, None, (offset, offset + size)):
            content += piece
        return bytes(content)

    async def stream(self, path: str, *, version: str = "") -> AsyncIterator[bytes]:
        """A whole object, piece by piece."""
        async for piece in self._get(path, version, None):
            yield piece

    def open(self, path: str) -> BinaryIO:
        """An object to seek in."""
        with _errors(path):
            size = obstore.head(self._store, path)["size"]

        def read(offset: int, length: int) -> bytes:
            with _errors(path):
                return bytes(obstore.get_range(self._store, path, start=offset, length=length))

        return cast(BinaryIO, buffered(size, read))

    def uri(self, path: str) -> str:
        """The object's URI."""
        return f"{self._uri}/{quote(path)}"

    async def _get(
        self, path: str, version: str, limit: int | None, part: tuple[int, int] | None = None
    ) -> AsyncIterator[bytes]:
        options: GetOptions = {}
        if version.startswith('"'):  # an etag
            options["if_match"] = version
        if part is not None:
            options["range"] = part
        with _errors(path):
            answer = await obstore.get_async(self._store, path, options=options)
            if version and _to_entry(answer.meta).version != version:
                raise changed(path)
            if limit is not None and answer.meta["size"] > limit:
                raise too_large(path, limit)
            async for piece in answer.stream():
                yield bytes(piece)


def _to_entry(found: "ObjectMeta") -> Entry:
    version = found["e_tag"] or f"{found['size']}-{found['last_modified'].timestamp()}"
    return Entry(path=found["path"], size=found["size"], version=version)


@contextmanager
def _errors(what: str, *, listing: bool = False) -> Iterator[None]:
    try:
        yield
    except SightlineError:
        raise
    except (NotFoundError, FileNotFoundError) as error:
        if listing:
            raise InvalidArgument("there is no such bucket", reason="SOURCE_NOT_FOUND") from error
        raise gone(what) from error
    except PreconditionError as error:
        raise changed(what) from error
    except (InvalidPathError, ValueError) as error:
        raise InvalidArgument("is no URI of a bucket", reason="SOURCE_NOT_FOUND") from error
    except (BaseError, OSError) as error:
        # obstore tells the rest in words alone; they hold signatures and keys, and are not logged.
        code = (_CODE.findall(str(error)) or [""])[0]
        status = (_STATUS.findall(str(error)) or [""])[0]
        if listing and code == "NoSuchBucket":
            raise InvalidArgument("there is no such bucket", reason="SOURCE_NOT_FOUND") from error
        if status in ("401", "403") or isinstance(error, _DENIED):
            raise FailedPrecondition(
                "the bucket refuses the server's credentials", reason="SOURCE_FORBIDDEN"
            ) from error
        _log.warning("source.failed", kind=type(error).__name__, code=code, status=status)
        raise Unavailable("the object store does not answer", retry_after=1.0) from error

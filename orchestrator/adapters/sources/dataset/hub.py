"""A data set of the Hugging Face hub at one commit, as a storage: listed once, read in ranges."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, cast
from urllib.parse import quote

import httpx2
import structlog
from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import (  # type: ignore[attr-defined]  # lazy modules
    build_hf_headers,
    hf_raise_for_status,
    http_backoff,
    validate_repo_id,
)

from orchestrator.adapters.sources.range_file import BLOCK, buffered
from orchestrator.adapters.sources.storage import Entry, gone, too_large
from orchestrator.domain.errors import (
    FailedPrecondition,
    InvalidArgument,
    ResourceExhausted,
    SightlineError,
    Unavailable,
)

CONVERTED = "refs/convert/parquet"
"""The revision in which the hub keeps what it made Parquet of."""

_TIMEOUT = 30.0
_log = structlog.get_logger(__name__)


class HubStorage:
    """`Storage` of a data set on the hub that `HF_ENDPOINT` names, else the public one, with `HF_TOKEN`."""

    sorted = False

    def __init__(self, repository: str, revision: str = "") -> None:
        with _errors():
            validate_repo_id(repository)
        self._repository = repository
        self._asked = revision or "main"
        self._endpoint = os.environ.get("HF_ENDPOINT") or None
        self._files: dict[str, Entry] | None = None
        self.commit = ""
        """The commit that is read; known once it was listed."""

    async def list(self, prefix: str = "") -> AsyncIterator[Entry]:
        """Files at the commit."""
        folder = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        for path, entry in (await self._snapshot()).items():
            if path.startswith(folder):
                yield entry

    async def stat(self, path: str) -> Entry:
        """One file at the commit."""
        entry = (await self._snapshot()).get(path)
        if entry is None:
            raise gone(path)
        return entry

    async def find(self, paths: Sequence[str]) -> Sequence[Entry | None]:
        """Those files that are there at the commit."""
        files = await self._snapshot()
        return [files.get(path) for path in paths]

    async def read(self, path: str, *, limit: int, version: str = "") -> bytes:
        """A whole file."""
        entry = await self.stat(path)
        if entry.size > limit:
            raise too_large(path, limit)
        return await self.read_range(path, 0, entry.size)

    async def read_range(self, path: str, offset: int, size: int, *, version: str = "") -> bytes:
        """A part of a file; at a commit, files do not change."""
        await self.stat(path)
        return await asyncio.to_thread(self._range, path, offset, size)

    async def stream(self, path: str, *, version: str = "") -> AsyncIterator[bytes]:
        """A whole file, piece by piece."""
        size = (await self.stat(path)).size
        for offset in range(0, size, BLOCK):
            yield await self.read_range(path, offset, min(BLOCK, size - offset))

    def open(self, path: str) -> BinaryIO:
        """A file to seek in."""
        entry = (self._files or {}).get(path)
        if entry is None:
            raise gone(path)
        return cast(BinaryIO, buffered(entry.size, lambda offset, size: self._range(path, offset, size)))

    def uri(self, path: str) -> str:
        """Where people find the file, whatever the commit: what is said of unchanged rows stays the same."""
        endpoint = self._endpoint or "https://huggingface.co"
        return f"{endpoint}/datasets/{self._repository}/blob/{self._asked}/{quote(path)}"

    async def _snapshot(self) -> dict[str, Entry]:
        if self._files is None:
            self._files = await asyncio.to_thread(self._list)
        return self._files

    def _list(self) -> dict[str, Entry]:
        with _errors():
            found = HfApi(endpoint=self._endpoint).dataset_info(
                self._repository, revision=self._asked, files_metadata=True, timeout=_TIMEOUT
            )
        self.commit = found.sha or self._asked
        return {
            each.rfilename: Entry(
                path=each.rfilename,
                size=each.size or 0,
                version=each.lfs.sha256 if each.lfs else each.blob_id or self.commit,
            )
            for each in found.siblings or []
        }

    def _range(self, path: str, offset: int, size: int) -> bytes:
        if size <= 0:
            return b""
        url = hf_hub_url(
            self._repository, path, repo_type="dataset", revision=self.commit, endpoint=self._endpoint
        )
        headers = {**build_hf_headers(), "range": f"bytes={offset}-{offset + size - 1}"}
        with _errors():
            answer = http_backoff("GET", url, headers=headers, timeout=_TIMEOUT)
            hf_raise_for_status(answer)
        if answer.status_code != 206 or len(answer.content) > size:
            raise Unavailable("the hub answers no ranges", retry_after=5.0)
        return bytes(answer.content)


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except SightlineError:
        raise
    except HFValidationError as error:
        raise InvalidArgument.field("hub_id", "is no name of a data set") from error
    except GatedRepoError as error:
        raise FailedPrecondition(
            "the data set is open to some accounts alone (HF_TOKEN)", reason="SOURCE_FORBIDDEN"
        ) from error
    except RevisionNotFoundError as error:
        raise InvalidArgument.field(
            "revision", "is none of the data set", reason="SOURCE_NOT_FOUND"
        ) from error
    except RepositoryNotFoundError as error:  # what a hub says of private ones, too
        raise InvalidArgument.field(
            "hub_id", "is no data set of the hub", reason="SOURCE_NOT_FOUND"
        ) from error
    except EntryNotFoundError as error:
        raise gone("a file of the data set") from error
    except HfHubHTTPError as error:
        if error.response.status_code == 429:
            raise ResourceExhausted("the hub wants fewer requests", retry_after=30.0) from error
        if error.response.status_code in (401, 403):
            raise FailedPrecondition("the hub refuses HF_TOKEN", reason="SOURCE_FORBIDDEN") from error
        raise _unavailable(error) from error
    except (httpx2.HTTPError, OfflineModeIsEnabled, OSError) as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    _log.warning("hub.failed", kind=type(error).__name__)  # its words hold addresses, which may be signed
    return Unavailable("the hub does not answer", reason="HOST_FAILED", retry_after=5.0)

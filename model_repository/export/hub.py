"""Reads a model hub through `huggingface_hub`: what a repository holds, and a file of it, resumed.

`hf_hub_download` begins anew after a crash and compares no hash. Its session, addresses, credentials and
errors are used here, and the bytes go to a file of ours.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import HfApi, get_session, hf_hub_url, hf_raise_for_status
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # a lazy module

from model_repository.export.source import DownloadError

TIMEOUT = 30.0
PASSING = {408, 429, 500, 502, 503, 504}
Progress = Callable[[int, int | None], None]  # bytes that are here, and bytes in all where that is known


class HubUnreachable(DownloadError):
    """The hub does not answer, or only with errors that pass."""


class _CutShort(Exception):
    """The connection ended before the file did."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the hub describes it; the hash is known for large files only."""

    path: str
    size: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A repository at a commit, and its files by path."""

    commit: str
    files: Mapping[str, RemoteFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A hub at `endpoint` (`HF_ENDPOINT`, else the public one). What may pass is tried `attempts` times
    without progress, `backoff` seconds apart, doubling."""

    endpoint: str | None = None
    attempts: int = 5
    backoff: float = 1.0

    def snapshot(self, repository: str, revision: str) -> Snapshot:
        """What the repository holds at a revision. Raises `DownloadError`."""
        failed = 0
        while True:
            try:
                info = HfApi(endpoint=self._address()).model_info(
                    repository, revision=revision, files_metadata=True, timeout=TIMEOUT
                )
            except Exception as error:
                failed += 1
                self._wait_or_raise(error, failed, f"{repository} at {revision}")
                continue
            files = {
                each.rfilename: RemoteFile(each.rfilename, each.size, each.lfs.sha256 if each.lfs else None)
                for each in info.siblings or ()
            }
            return Snapshot(info.sha or revision, files)

    def download(
        self, repository: str, commit: str, file: RemoteFile, part: Path, progress: Progress
    ) -> None:
        """Fills `part` up to the whole file, from where it ends. Raises `DownloadError`; then `part` keeps
        what was had."""
        url = hf_hub_url(repository, file.path, revision=commit, endpoint=self._address())
        failed, had = 0, _size(part)
        while True:
            try:
                return _stream(url, part, file.size, progress)
            except Exception as error:
                failed = 1 if _size(part) > had else failed + 1
                had = max(had, _size(part))
                self._wait_or_raise(error, failed, f"{file.path} of {repository} at {commit}")

    def _address(self) -> str | None:
        return (self.endpoint or os.environ.get("HF_ENDPOINT") or "").rstrip("/") or None

    def _wait_or_raise(self, error: Exception, failed: int, what: str) -> None:
        translated = self._translate(error, what)
        if not isinstance(translated, HubUnreachable) or failed >= self.attempts:
            raise translated from error
        time.sleep(self.backoff * 2 ** (failed - 1))

    def _translate(self, error: Exception, what: str) -> DownloadError:
        where = self._address() or "the hub"
        match error:
            case DownloadError():
                return error
            case GatedRepoError():
                return DownloadError(
                    f"{what}: access must be asked for on the repository's page "
                    f"({error.response.status_code}): then set HF_TOKEN"
                )
            case RevisionNotFoundError():
                return DownloadError(f"{what}: no such revision (404): correct source_revision in the pack")
            case RemoteEntryNotFoundError():
                return DownloadError(f"{what}: no such file (404): correct source_files in the pack")
            case RepositoryNotFoundError():
                return DownloadError(
                    f"{what}: no such repository, or a private one "
                    f"({error.response.status_code}): correct source in the pack, or set HF_TOKEN"
                )
            case HfHubHTTPError() if error.response.status_code in PASSING:
                return HubUnreachable(
                    f"{what}: {where} answers {error.response.status_code}: try again later"
                )
            case HfHubHTTPError() if error.response.status_code in (401, 403):
                return DownloadError(
                    f"{what}: {where} refuses ({error.response.status_code}): set HF_TOKEN to a token that "
                    "may read it"
                )
            case HfHubHTTPError():
                return DownloadError(f"{what}: {where} answers {error.response.status_code}")
            case OfflineModeIsEnabled():
                return HubUnreachable(
                    f"{what}: HF_HUB_OFFLINE is set: unset it, or give the files with --from"
                )
            case HFValidationError():
                return DownloadError(f"{what}: {error}")
            case _CutShort() | httpx2.TransportError():
                reason = " ".join(str(error).split()) or type(error).__name__
                return HubUnreachable(
                    f"{what}: {where} cannot be reached ({reason}): run the same again to go on where it "
                    "stopped, or give the files with --from"
                )
            case OSError() if error.errno in (errno.ENOSPC, errno.EDQUOT):
                return DownloadError(
                    f"{what}: the disk is full: free some space, or name another folder with --cache, and "
                    "run the same again"
                )
            case OSError():
                return DownloadError(f"{what}: {error}")
        raise error


def _stream(url: str, part: Path, size: int | None, progress: Progress) -> None:
    have = _size(part)
    if size is not None and have >= size:
        if have == size and part.exists():
            return
        part.unlink(missing_ok=True)
        have = 0
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    with get_session().stream("GET", url, headers=headers, timeout=TIMEOUT) as response:
        if response.status_code == 416:
            part.unlink(missing_ok=True)
            raise _CutShort("what was here is not a part of it")
        if response.is_error:
            response.read()
        hf_raise_for_status(response)
        resumed = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        have = have if resumed and response.status_code == 206 else 0
        with part.open("ab" if have else "wb") as file:
            progress(have, size)
            for chunk in response.iter_bytes():
                file.write(chunk)
                have += len(chunk)
                progress(have, size)
            file.flush()
            os.fsync(file.fileno())
    if size is not None and have < size:
        raise _CutShort(f"{have} of {size} bytes")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0

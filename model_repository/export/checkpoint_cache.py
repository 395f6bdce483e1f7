"""The folder in which fetched checkpoints are kept, one a pack and commit, each file checked.

A file bears its name only once its size and hash are right; until then it is `<name>.part`, which a later
call goes on with. `<commit>.json`, written last, says what is there.
"""

from __future__ import annotations

import fcntl
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import quote

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

from model_repository.export.hub import Hub, HubUnreachable, Progress, RemoteFile
from model_repository.export.install import replace_file
from model_repository.export.shards import shards_of
from model_repository.export.source import (
    INDEX,
    DownloadError,
    Seen,
    Source,
    SourceFile,
    compare,
    fits,
    seen_of,
)

COMMIT = re.compile(r"[0-9a-f]{40}")
CONSOLE = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The only file, or the folder of several; what each was when it was checked; its commit, if known."""

    path: Path
    files: Mapping[str, Seen]
    commit: str | None


def fetch(source: Source, cache: Path, hub: Hub) -> Checkpoint:
    """The checkpoint in `cache`/<pack>/<commit>, fetched unless it is there. Raises `DownloadError`."""
    place = cache / source.pack
    place.mkdir(parents=True, exist_ok=True)
    reference = place / f"{quote(source.revision, safe='')}.ref"
    with _alone(place):
        commit = source.revision if COMMIT.fullmatch(source.revision) else None
        if commit and (kept := _kept(source, place, commit)):
            return kept
        try:
            snapshot = hub.snapshot(source.repository, source.revision)
        except HubUnreachable as error:
            last = reference.read_text() if reference.is_file() and not commit else ""
            if kept := _kept(source, place, last) if last else None:
                CONSOLE.print(f"{error}. Taking {last}, which {source.revision} was when last seen.")
                return kept
            raise
        if commit and snapshot.commit != commit:
            raise DownloadError(f"{source.repository}: asked for {commit}, the hub gave {snapshot.commit}")
        commit = snapshot.commit
        if not COMMIT.fullmatch(commit):
            raise DownloadError(f"{source.repository}: the hub names no commit for {source.revision}")
        if not (kept := _kept(source, place, commit)):
            CONSOLE.print(
                f"{source.pack}: {source.repository} at {commit}, licence {source.licence or 'not stated'}"
            )
            kept = _fetch_files(source, place, commit, snapshot.files, hub)
        reference.write_text(commit)
        return kept


def _fetch_files(
    source: Source, place: Path, commit: str, there: Mapping[str, RemoteFile], hub: Hub
) -> Checkpoint:
    wanted: dict[str, SourceFile] = {}
    for file in source.files:
        name = file.choose(there)
        if name is None and not file.optional:
            raise DownloadError(
                f"{source.repository} at {commit} has no {' or '.join(file.paths)}: correct source_files in "
                "the pack, or give a checkpoint with --from"
            )
        if name is not None:
            # Nothing is fetched that is known to be refused.
            size = there[name].size
            announced = Seen(
                there[name].sha256 or file.sha256 or "", file.size or 0 if size is None else size
            )
            compare(file, announced, source, f"{name} of {source.repository} is not what {source.pack} pins")
            wanted[name] = file
    folder = place / commit
    found: dict[str, Seen] = {}
    for name in [each for each in wanted if each.endswith(INDEX)]:
        found[name] = _fetch_file(source, wanted[name], there[name], folder, commit, hub)
        for shard in shards_of(folder / name, name, there, f"{source.repository} at {commit}"):
            wanted.setdefault(shard, SourceFile(paths=(shard,)))
    for name, file in wanted.items():
        if name not in found:
            found[name] = _fetch_file(source, file, there[name], folder, commit, hub)
    described = {name: asdict(seen) for name, seen in found.items()}
    replace_file(place / f"{commit}.json", json.dumps(described, indent=1).encode())
    return _checkpoint(folder, found, commit)


def _fetch_file(
    source: Source, file: SourceFile, remote: RemoteFile, folder: Path, commit: str, hub: Hub
) -> Seen:
    target = folder / remote.path
    part = target.with_name(f"{target.name}.part")
    expected = replace(
        file, sha256=file.sha256 or remote.sha256, size=remote.size if file.size is None else file.size
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file():  # it was checked before it got this name, but time has passed
        seen = seen_of(target)
        if fits(expected, seen):
            return seen
        target.unlink()
    while True:
        resumed = part.exists()
        missing = (expected.size or 0) - (part.stat().st_size if resumed else 0)
        free = shutil.disk_usage(folder).free
        if missing > free:
            raise DownloadError(
                f"{remote.path} needs {missing:,} bytes more and {folder} has {free:,}: free some space, or "
                "name another folder with --cache"
            )
        with _progress(remote.path, expected.size) as progress:
            hub.download(source.repository, commit, replace(remote, size=expected.size), part, progress)
        seen = seen_of(part)
        if fits(expected, seen):
            part.replace(target)
            return seen
        part.unlink()
        if not resumed:  # else what an earlier run left may be to blame
            problem = f"{remote.path} did not arrive as it should and was removed, run the same again"
            compare(expected, seen, source, problem)


def _kept(source: Source, place: Path, commit: str) -> Checkpoint | None:
    """What an earlier call fetched, if all of it is still what it was. What is not is removed."""
    manifest = place / f"{commit}.json"
    if not manifest.is_file():
        return None
    try:
        described = {name: Seen(**seen) for name, seen in json.loads(manifest.read_text()).items()}
    except (ValueError, TypeError, AttributeError):
        manifest.unlink()
        return None
    if any(not file.optional and file.choose(described) is None for file in source.files):
        return None
    for name, seen in described.items():
        path = place / commit / name
        if not path.is_file() or seen_of(path) != seen:
            CONSOLE.print(f"{path} is not what was fetched: it is fetched again")
            path.unlink(missing_ok=True)
            manifest.unlink()
            return None
    for file in source.files:
        if (chosen := file.choose(described)) is not None:
            compare(file, described[chosen], source, f"{chosen} at {commit} is not what {source.pack} pins")
    return _checkpoint(place / commit, described, commit)


def _checkpoint(folder: Path, files: Mapping[str, Seen], commit: str) -> Checkpoint:
    return Checkpoint(folder / next(iter(files)) if len(files) == 1 else folder, files, commit)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Two downloads of a pack would write the same parts; the lock ends with the process."""
    with (place / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            CONSOLE.print(f"waiting for another download into {place}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _progress(name: str, size: int | None) -> Iterator[Progress]:
    columns = (
        "{task.description}",
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=CONSOLE, disable=not CONSOLE.is_terminal) as bar:
        task = bar.add_task(name, total=size)
        yield lambda have, total: bar.update(task, completed=have, total=total)

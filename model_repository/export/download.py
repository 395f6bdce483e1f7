"""Fetches a pack's checkpoint, checked, into a folder of its own; what is there is not fetched again.

python -m model_repository.export.download PACK [--from FILE_OR_FOLDER] [--pin]
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from model_repository.export.checkpoint_cache import CONSOLE, Checkpoint, fetch
from model_repository.export.hub import Hub
from model_repository.export.shards import shards_of
from model_repository.export.source import (
    INDEX,
    TOWER_FILES,
    DownloadError,
    Seen,
    Source,
    SourceFile,
    compare,
    description,
    pin,
    read_source,
    seen_of,
)

PACKS = Path(__file__).parent.parent / "packs"
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


def cache_folder() -> Path:
    """Where checkpoints are kept: `SIGHTLINE_CHECKPOINTS_DIR`, else `~/.cache/sightline/checkpoints`."""
    named = os.environ.get("SIGHTLINE_CHECKPOINTS_DIR")
    return Path(named).expanduser() if named else Path.home() / ".cache" / "sightline" / "checkpoints"


def obtain(
    pack: str,
    packs: Path,
    given: str | None = None,
    revision: str | None = None,
    *,
    default: Source | None = None,
    cache: Path | None = None,
    hub: Hub | None = None,
) -> Checkpoint:
    """The pack's checkpoint, checked against what the pack pins.

    `given` is a file or folder that is there, the id of a hub repository that holds two towers, or None (or
    `hub`) for what the pack's description names, or `default` where it names nothing. Raises `DownloadError`.
    """
    source = read_source(pack, packs)
    try:
        if given and given != "hub":
            if Path(given).exists():
                return check(source, Path(given))
            if not REPOSITORY.fullmatch(given):
                raise DownloadError(f"{given}: no such file or folder, nor the id of a hub repository")
            if source is None or source.repository != given:
                source = Source(pack=pack, repository=given, revision="main", files=TOWER_FILES)
        source = source or default
        if source is None:
            raise DownloadError(f"{description(pack, packs)} names no checkpoint on a hub: say which to take")
        if revision:
            source = replace(source, revision=revision)
        had = fetch(source, cache or cache_folder(), hub or Hub())
    except KeyboardInterrupt:
        raise DownloadError(f"{pack}: stopped: run the same again to go on where it was") from None
    except OSError as error:
        raise DownloadError(f"{pack}: the checkpoint cannot be read or kept: {error}") from error
    if not source.pinned(had.files):
        for name, seen in had.files.items():
            CONSOLE.print(f"{name}: {seen.size:,} bytes, sha256 {seen.sha256}")
        if description(pack, packs).is_file():
            command = f"python -m model_repository.export.download {pack} --pin"
            CONSOLE.print(f"{pack} does not pin them all: {command} writes these into it")
    return had


def check(source: Source | None, path: Path) -> Checkpoint:
    """A checkpoint that is there, a file or a folder; of a folder, the file, where the pack needs one only.

    Raises `DownloadError` where a file is not what the pack pins.
    """
    names = [] if path.is_file() else _files_below(path)
    if source is None:
        _with_shards(path, TOWER_FILES, names)
        return Checkpoint(path, {}, None)
    if len(source.files) == 1 and path.is_file():  # under whichever name
        chosen = {path.name: source.files[0]}
    else:
        chosen = _with_shards(path, source.files, names)
        for file in source.files:
            if file.choose(chosen) is None and (file.sha256 or len(source.files) == 1):
                raise DownloadError(f"{path} has no {' or '.join(file.paths)}, which {source.pack} needs")
    folder = path.parent if path.is_file() else path
    found: dict[str, Seen] = {}
    for name, file in chosen.items():
        found[name] = seen_of(folder / name)
        compare(file, found[name], source, f"{folder / name} is not the file that {source.pack} pins")
    alone = len(source.files) == len(found) == 1
    return Checkpoint(folder / next(iter(found)) if alone else path, found, None)


def _files_below(folder: Path) -> list[str]:
    return [each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()]


def _with_shards(folder: Path, files: Iterable[SourceFile], there: Sequence[str]) -> dict[str, SourceFile]:
    """Those of a folder's files that are to be taken, by their paths, the shards of each index with them."""
    chosen = {name: file for file in files if (name := file.choose(there)) is not None}
    for index in [name for name in chosen if name.endswith(INDEX)]:
        for shard in shards_of(folder / index, index, there, str(folder)):
            chosen.setdefault(shard, SourceFile(paths=(shard,)))
    return chosen


def main(arguments: list[str] | None = None) -> int:
    """The command line: the checkpoint's path on stdout; 1 with one line on stderr where it cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m model_repository.export.download", description=__doc__)
    parser.add_argument("pack")
    parser.add_argument("--from", dest="given", help="a file or folder that is there, or a hub id")
    parser.add_argument("--revision", help="the hub's commit, tag or branch (default: the pack's)")
    parser.add_argument("--pin", action="store_true", help="write commit, sha256 and sizes into the pack")
    parser.add_argument("--cache", type=Path, help=f"where it is kept (default: {cache_folder()})")
    parser.add_argument("--packs", type=Path, default=PACKS)
    given = parser.parse_args(arguments)
    try:
        had = obtain(given.pack, given.packs, given.given, given.revision, cache=given.cache)
        if given.pin:
            path, source = description(given.pack, given.packs), read_source(given.pack, given.packs)
            if source is None:
                raise DownloadError(f"{path} names no hub repository to pin")
            if had.commit and given.given not in (None, "hub", source.repository):
                raise DownloadError(f"{path} names {source.repository}: {given.given} cannot be pinned there")
            for file in source.files:
                if not file.optional and file.choose(had.files) is None:
                    raise DownloadError(f"{had.path}: no {' or '.join(file.paths)}: nothing was pinned")
            pin(given.pack, given.packs, had.commit, had.files)
            CONSOLE.print(f"{path} pins {len(had.files)} files")
    except DownloadError as error:
        print(error, file=sys.stderr)
        return 1
    print(had.path)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The shards of a large checkpoint, by their index, as `save_pretrained(max_shard_size=…)` writes it."""

from __future__ import annotations

import json
from collections.abc import Container
from pathlib import Path, PurePosixPath

from model_repository.export.source import DownloadError, is_below


def shards_of(index: Path, name: str, there: Container[str], where: str) -> list[str]:
    """The paths of the shards that the file `index` names, in the repository or folder `where`, in which the
    index is at `name`. Raises `DownloadError` for one that is not `there`, and for an index that is none."""
    try:
        named = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise DownloadError(f"{where}: {name} is no index of shards: {error!r}") from error
    if not named or not all(is_below(each) for each in named):
        raise DownloadError(f"{where}: {name} names no files beside it")
    shards = [(PurePosixPath(name).parent / each).as_posix() for each in sorted(named)]
    missing = [each for each in shards if each not in there]
    if missing:
        raise DownloadError(
            f"{where} lacks {len(missing)} of the {len(shards)} shards that {name} names, the first "
            f"{missing[0]}: give a checkpoint that is whole"
        )
    return shards

"""Which files of a data set belong to a configuration and a split, by the hub's conventions.

The README's front matter says so (`configs`), else names do: `train-00000-of-00002.parquet`,
`data/validation/0.parquet`, `CONFIG/SPLIT/0000.parquet`. Files that name no split are `train`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from orchestrator.adapters.sources.patterns import Pattern
from orchestrator.domain.errors import InvalidArgument

ALL = "all"
"""The split that all splits are together."""

_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "dev", "val"), "validation"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}
_SEPARATORS = re.compile(r"[-_./ ]+|(?<=[a-z])(?=[0-9])")
_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)
_MOST_FRONT_MATTER = 1 << 20


def choose(paths: Sequence[str], *, config: str, split: str, readme: str = "") -> list[str]:
    """The paths of a configuration and a split, sorted. Raises
    InvalidArgument, naming those that there are, where it finds none."""
    if not paths:
        return []
    told = _told(readme, config)
    if told is None:
        if config:
            below = [path for path in paths if config in path.split("/")[:-1]]
            if not below:
                raise InvalidArgument.field("config", "is none of this data set", reason="SOURCE_NOT_FOUND")
            paths = below
        splits: dict[str, list[str]] = {}
        for path in paths:
            splits.setdefault(split_of(path, split), []).append(path)
    else:
        splits = {
            name: [path for path in paths if any(Pattern(pattern).matches(path) for pattern in patterns)]
            for name, patterns in told.items()
        }
    found = splits.get(split, []) if split != ALL else [path for each in splits.values() for path in each]
    if not found:
        known = ", ".join(sorted(name for name in splits if splits[name]))[:500]
        raise InvalidArgument.field(
            "split", f"is none of this data set, which has {known or 'none'}", reason="SOURCE_NOT_FOUND"
        )
    return sorted(set(found))


def split_of(path: str, asked: str = "") -> str:
    """The split that a path names, in its last part that names one; `train` where none does."""
    for part in reversed(path.split("/")):
        words = _SEPARATORS.split(part)
        if asked and (part == asked or part.startswith(f"{asked}-") or asked in words):
            return asked
        for word in words:
            if word.lower() in _NAMES:
                return _NAMES[word.lower()]
    return "train"


def _told(readme: str, config: str) -> Mapping[str, list[str]] | None:
    """Patterns by split, as the README tells them of a configuration; None where it does not."""
    found = _FRONT_MATTER.match(readme[:_MOST_FRONT_MATTER])
    if found is None:
        return None
    try:
        told = yaml.safe_load(found[1])
        configs = [each for each in told["configs"] if "data_files" in each]
    except (yaml.YAMLError, KeyError, TypeError, RecursionError, ValueError):
        return None
    if not configs:
        return None
    wanted = [each for each in configs if each.get("config_name", "default") == config] if config else []
    if config and not wanted:
        raise InvalidArgument.field("config", "is none of this data set", reason="SOURCE_NOT_FOUND")
    default = [each for each in configs if each.get("default") or each.get("config_name") == "default"]
    chosen = (wanted or default or configs)[0]
    return _patterns(chosen["data_files"])


def _patterns(data_files: Any) -> Mapping[str, list[str]]:
    match data_files:
        case str():
            return {"train": [data_files]}
        case dict():
            return {str(split): list(_texts(paths)) for split, paths in data_files.items()}
        case list() if all(isinstance(each, dict) for each in data_files):
            return {str(each.get("split", "train")): list(_texts(each.get("path"))) for each in data_files}
        case list():
            return {"train": list(_texts(data_files))}
    return {}


def _texts(found: Any) -> Iterable[str]:
    return [found] if isinstance(found, str) else [each for each in found or [] if isinstance(each, str)]

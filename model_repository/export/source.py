"""Where a pack's checkpoint comes from: what `packs/<pack>.toml` says, and how it is pinned."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeGuard

import tomlkit

from model_repository.export.install import replace_file

PACK_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")
SHA256 = re.compile(r"[0-9a-f]{64}")
INDEX = ".index.json"


class DownloadError(Exception):
    """A checkpoint could not be had; one line that says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file of a checkpoint. `paths` are alternatives: the first that is there, whole or in shards, is
    taken. `sha256` and `size` (bytes) are None where the pack pins none."""

    paths: tuple[str, ...]
    sha256: str | None = None
    size: int | None = None
    optional: bool = False

    def choose(self, there: Iterable[str]) -> str | None:
        """The path to take among those that are there; that of the index where the file is in shards."""
        known = set(there)
        return next((each for path in self.paths for each in (path, path + INDEX) if each in known), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A hub repository at a revision (a commit, a tag or a branch), and the files of it that a pack needs."""

    pack: str
    repository: str
    revision: str
    files: tuple[SourceFile, ...]
    licence: str = ""

    def pinned(self, names: Iterable[str]) -> bool:
        """Whether the hashes of all these files are pinned."""
        return set(names) <= {path for file in self.files if file.sha256 for path in file.paths}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a file's bytes are: their SHA-256 in hexadecimal, and how many there are."""

    sha256: str
    size: int


# Two towers in transformers' layout, else in OpenCLIP's, where no pack says otherwise.
TOWER_FILES = (
    SourceFile(paths=("config.json", "open_clip_config.json")),
    SourceFile(paths=("preprocessor_config.json", "processor_config.json"), optional=True),
    SourceFile(paths=("tokenizer.json",), optional=True),
    SourceFile(paths=("tokenizer_config.json",), optional=True),
    SourceFile(paths=("vocab.json",), optional=True),
    SourceFile(paths=("merges.txt",), optional=True),
    SourceFile(
        paths=(
            "model.safetensors",
            "pytorch_model.bin",
            "open_clip_model.safetensors",
            "open_clip_pytorch_model.safetensors",
            "open_clip_pytorch_model.bin",
        )
    ),
)


def read_source(pack: str, packs: Path) -> Source | None:
    """What `packs/<pack>.toml` says; None where it names no hub repository. Raises `DownloadError`."""
    path = description(pack, packs)
    if not path.is_file():
        return None
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DownloadError(f"{path}: {error}") from error
    source = _text(path, table, "source")
    if not source.startswith("hub:"):
        return None
    files = table.get("source_files", [])
    if not isinstance(files, list) or not all(isinstance(each, dict) for each in files):
        raise DownloadError(f"{path}: source_files must be tables, [[source_files]]")
    return Source(
        pack=pack,
        repository=source.removeprefix("hub:"),
        revision=_text(path, table, "source_revision") or "main",
        files=tuple(_file(path, each) for each in files) or TOWER_FILES,
        licence=_text(path, table, "licence"),
    )


def seen_of(path: Path) -> Seen:
    """Reads a file through."""
    with path.open("rb") as file:
        return Seen(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def fits(file: SourceFile, seen: Seen) -> bool:
    """Whether the bytes are those that are wanted, as far as that is known."""
    return file.sha256 in (None, seen.sha256) and file.size in (None, seen.size)


def compare(file: SourceFile, seen: Seen, source: Source, problem: str) -> None:
    """Raises `DownloadError` unless the bytes are those that are pinned."""
    if file.size not in (None, seen.size):
        raise DownloadError(f"{problem}: {seen.size:,} bytes, not {file.size:,}")
    if file.sha256 not in (None, seen.sha256):
        raise DownloadError(
            f"{problem}: sha256 {seen.sha256}, not {file.sha256} (where that is "
            f"wrong, correct packs/{source.pack}.toml)"
        )


def description(pack: str, packs: Path) -> Path:
    """The pack's file. Raises `DownloadError` for what cannot name a pack."""
    if not PACK_NAME.fullmatch(pack):
        raise DownloadError(f"{pack!r} cannot name a pack: lower-case letters, digits, . and -")
    return packs / f"{pack}.toml"


def pin(pack: str, packs: Path, revision: str | None, seen: Mapping[str, Seen]) -> None:
    """Writes the commit (unless None) and each file's SHA-256 and size into the pack's description."""
    path = description(pack, packs)
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    if revision:
        document["source_revision"] = revision
    files = tomlkit.aot()
    for name, what in seen.items():
        table = tomlkit.table()
        table.update({"path": name, "sha256": what.sha256, "size": what.size})
        files.append(table)
    if files:
        files[-1].add(tomlkit.nl())  # before the next table
    document["source_files"] = files
    replace_file(path, tomlkit.dumps(document).encode())


def _text(path: Path, table: Mapping[str, Any], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise DownloadError(f"{path}: {key} must be a text, not {value!r}")
    return value


def _file(path: Path, table: Mapping[str, Any]) -> SourceFile:
    given = table.get("path")
    paths = [given] if isinstance(given, str) else given
    if not isinstance(paths, list) or not paths or not all(is_below(each) for each in paths):
        raise DownloadError(f"{path}: source_files.path must name a file of the repository, not {given!r}")
    sha256, size = _text(path, table, "sha256"), table.get("size")
    if sha256 and not SHA256.fullmatch(sha256):
        raise DownloadError(f"{path}: source_files.sha256 must be 64 hexadecimal digits, not {sha256!r}")
    if size is not None and (type(size) is not int or size < 0):
        raise DownloadError(f"{path}: source_files.size must be a number of bytes, not {size!r}")
    return SourceFile(
        paths=tuple(paths), sha256=sha256 or None, size=size, optional=table.get("optional") is True
    )


def is_below(path: object) -> TypeGuard[str]:
    """Whether it names a file below the folder that it is relative to."""
    if not isinstance(path, str) or not path:
        return False
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts and "\\" not in path

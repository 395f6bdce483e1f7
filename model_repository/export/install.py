"""Puts a pack's models, files and description in place, all at the end or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from model_repository.export.config import ModelConfig

GRAPH_FILES = ("*.onnx", "*.onnx.data")  # a large graph's weights are apart


@dataclass(slots=True)
class Staging:
    """A place beside `models/` where a pack's models are built. It has the layout of a Triton tree, so that a
    Triton can be started over `tree` to check what is about to be installed."""

    pack: str
    models: Path
    packs: Path
    tree: Path
    _files: dict[str, bytes] = field(default_factory=dict)

    def add_model(self, config: ModelConfig) -> Path:
        """Writes `<model>/config.pbtxt` and returns `<model>/1`, to which the caller writes `model.onnx` or
        `model.py`. The name must start with `<pack>_`."""
        if not config.name.startswith(f"{self.pack}_"):
            raise ValueError(
                f"the models of pack {self.pack!r} are named {self.pack}_<part>, not {config.name!r}"
            )
        version = self.tree / config.name / "1"
        version.mkdir(parents=True)
        (self.tree / config.name / "config.pbtxt").write_text(config.text())
        return version

    def add_pack_file(self, path: str, content: bytes) -> None:
        """Keeps a file for `packs/<path>`, such as a tokenizer."""
        self._files[path] = content

    def install(self, part: str, description: Mapping[str, Any], general: Mapping[str, Any]) -> str:
        """Moves everything into place and returns the pack's revision.

        `part` is `embedder`, `segmenter`, `matcher` or `captioner`, whose table in `packs/<pack>.toml` gets
        `description` and the revision of its own models; `general` are top-level keys, and replace none that
        has a value there. The description is written last: until then its revision differs from
        `revision_of(models, pack)`.
        """
        staged = sorted(path.name for path in self.tree.iterdir())
        if not staged:
            raise ValueError("no model was staged")
        part_revision = revision_of(self.tree, self.pack)
        self.models.mkdir(parents=True, exist_ok=True)
        self.packs.mkdir(parents=True, exist_ok=True)
        with (self.models / ".install.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for name in staged:
                _replace_directory(self.tree / name, self.models / name)
            for path, content in self._files.items():
                replace_file(self.packs / path, content)
            revision = revision_of(self.models, self.pack)
            document = self._described(part, {**description, "revision": part_revision}, general)
            document["revision"] = revision
            replace_file(self.packs / f"{self.pack}.toml", tomlkit.dumps(document).encode())
        return revision

    def _described(
        self, part: str, description: Mapping[str, Any], general: Mapping[str, Any]
    ) -> tomlkit.TOMLDocument:
        path = self.packs / f"{self.pack}.toml"
        document = tomlkit.parse(path.read_text()) if path.exists() else tomlkit.document()
        for key, value in {"name": self.pack, **general}.items():
            if not document.get(key):
                document[key] = value
        # `revision` stands among the top-level keys, before any table.
        document.setdefault("revision", "")
        if part not in document:
            document[part] = tomlkit.table()
        _update(document[part], description)
        return document


@contextmanager
def staging(pack: str, models: Path, packs: Path) -> Iterator[Staging]:
    """A `Staging` on the file system of `models`; what is not installed when the block ends is removed."""
    models.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{models.name}-staging-", dir=models.parent) as tree:
        yield Staging(pack, models, packs, Path(tree))


def undescribed(pack: str, source: str, source_revision: str) -> dict[str, Any]:
    """The top-level keys of a pack that nobody described; the checkpoint's commit only where it is known."""
    described = {"title": pack, "description": "", "licence": "", "source": source}
    return {**described, "source_revision": source_revision} if source_revision else described


def revision_of(models: Path, pack: str) -> str:
    """The first 12 hexadecimal digits of the SHA-256 over the paths and contents of `<pack>_*/**/*.onnx`
    and `*.onnx.data` below `models`, in the order of their paths."""
    digest = hashlib.sha256()
    for path in sorted(each for name in GRAPH_FILES for each in models.glob(f"{pack}_*/**/{name}")):
        digest.update(path.relative_to(models).as_posix().encode() + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]


def _update(table: Any, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, Mapping):
            if not isinstance(table.get(key), Table):
                table[key] = tomlkit.table()
            _update(table[key], value)
        else:
            table[key] = value


def _replace_directory(source: Path, target: Path) -> None:
    source.chmod(0o755)  # a temporary directory's children are ours, but Triton may run as another user
    if target.exists():
        old = Path(tempfile.mkdtemp(prefix=".replaced-", dir=source.parent.parent))
        target.rename(old / target.name)
        source.rename(target)
        shutil.rmtree(old)
    else:
        source.rename(target)


def replace_file(path: Path, content: bytes) -> None:
    """Writes a file all at once: a reader, or a crash, sees the old or the new content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(prefix=f".{path.name}-", dir=path.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    written = Path(file.name)
    written.chmod(0o644)
    written.replace(path)

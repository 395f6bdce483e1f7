"""Tar archives and WebDataset's shards: what shares a name up to its first dot is one sample."""

import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from orchestrator.adapters.sources.describe import describe
from orchestrator.adapters.sources.files import PICTURES
from orchestrator.adapters.sources.seen import Seen
from orchestrator.adapters.sources.storage import Entry, Storage
from orchestrator.adapters.sources.tar import Member, TarStream
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import MAX_CONTENT_BYTES
from orchestrator.domain.import_source import SourceItem

MOST_SHARDS = 100_000
"""Archives that one URI may stand for."""

_RANGE = re.compile(r"\{(\d{1,9})\.\.(\d{1,9})\}")
_TEXTS = frozenset({"txt", "text", "caption", "json", "cls"})
_MAX_TEXT_BYTES = 256 * 1024
_MOST_PICTURES = 1000

OpenFile = Callable[[str], tuple[Storage, str]]
OpenFolder = Callable[[str], Storage]


@dataclass(slots=True)
class _Sample:
    """What shares a name: pictures by their ending behind the first dot, and texts by theirs."""

    name: str
    pictures: list[tuple[str, Member]] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)

    def chosen(self) -> Iterator[Member]:
        """Pictures called NAME.jpg; where there are none, NAME.left.jpg and so on."""
        plain = [member for ending, member in self.pictures if f".{ending}" in PICTURES]
        yield from plain or [member for _, member in self.pictures]


class ArchiveReader:
    """`Source` over tar files: single ones, and those in folders and below prefixes."""

    def __init__(self, uris: tuple[str, ...], open_file: OpenFile, open_folder: OpenFolder) -> None:
        self._given = {each: uri for uri in uris for each in expand(uri)}
        self._uris = tuple(each for uri in uris for each in expand(uri))
        self._open_file, self._open_folder = open_file, open_folder
        names = [uri.rstrip("/").rpartition("/")[2] for uri in self._uris]
        self._told_apart = len(set(names)) == len(names)

    async def items(self) -> AsyncIterator[SourceItem]:
        """Samples with a picture, archive by archive, in the archives' order."""
        seen = Seen()
        try:
            async for shard in self._shards():
                if isinstance(shard, SourceItem):
                    yield shard
                    continue
                uri, place, given = shard
                async for item in self._shard(uri, place):
                    if seen.add(item.key):
                        yield replace(item, extent=given)
                    else:
                        at = item.locator.get("offset", "")
                        yield SourceItem(key=f"{item.key}@{at}", problem="is there twice")
        finally:
            seen.close()

    async def read(self, item: SourceItem) -> bytes:
        """The member's bytes, of the archive as it was listed."""
        uri, offset, size, version = (item.locator[key] for key in ("shard", "offset", "size", "version"))
        if not any(uri == own or uri.startswith(f"{own.rstrip('/')}/") for own in self._uris):
            raise InvalidArgument("is in no archive of this source")
        if size > MAX_CONTENT_BYTES:
            raise InvalidArgument(f"has more than {MAX_CONTENT_BYTES} bytes", reason="IMAGE_TOO_LARGE")
        storage, path = self._open_file(uri)
        content = await storage.read_range(path, offset, size, version=version)
        if len(content) != size:
            raise InvalidArgument("the archive breaks off", reason="SOURCE_BROKEN")
        return content

    async def _shards(self) -> AsyncIterator[tuple[str, str, str] | SourceItem]:
        """URIs of archives, what their members' keys begin with, and the URIs that were given for them; and
        folders that cannot be read."""
        for uri in self._uris:
            name = uri.rstrip("/").rpartition("/")[2] if self._told_apart else uri
            if uri.lower().partition("?")[0].endswith(".tar"):
                yield uri, name, self._given[uri]
                continue
            storage = self._open_folder(uri)
            async for entry in storage.list():
                place = entry.path if len(self._uris) == 1 else f"{name}/{entry.path}"
                if entry.problem and entry.path.lower().endswith(("/", ".tar")):
                    yield SourceItem(key=place, problem=entry.problem)
                elif entry.path.lower().endswith(".tar"):
                    yield storage.uri(entry.path), place, self._given[uri]

    async def _shard(self, uri: str, key: str) -> AsyncIterator[SourceItem]:
        """An archive's items. One that breaks off or is none ends in an item with that problem."""
        storage, path = self._open_file(uri)
        try:
            entry = await storage.stat(path)
            sample = _Sample("")
            stream = TarStream(storage.stream(path, version=entry.version))
            async for member in stream.members():
                if member.problem:
                    yield SourceItem(key=f"{key}/{member.name}", problem=member.problem)
                    continue
                folder, slash, file = member.name.rpartition("/")
                name, _, ending = file.partition(".")
                if sample.name != folder + slash + name or len(sample.pictures) == _MOST_PICTURES:
                    for item in _items(sample, uri, key, entry):
                        yield item
                    sample = _Sample(folder + slash + name)
                last = ending.lower().rpartition(".")[2]
                if f".{last}" in PICTURES:
                    sample.pictures.append((ending.lower(), member))
                elif ending.lower() in _TEXTS and member.size <= _MAX_TEXT_BYTES:
                    sample.texts[ending.lower()] = await stream.read()
            for item in _items(sample, uri, key, entry):
                yield item
        except InvalidArgument as error:
            yield SourceItem(key=key, problem=error.message)


def expand(uri: str) -> Iterator[str]:
    """The URIs that `{000..099}` in one stands for, as WebDataset writes them. Raises InvalidArgument for
    more than there may be."""
    found = _RANGE.search(uri)
    if found is None:
        yield uri
        return
    first, last = found[1], found[2]
    if not 0 <= int(last) - int(first) < MOST_SHARDS:
        raise InvalidArgument.field("uris", f"{{FIRST..LAST}} stands for 1 to {MOST_SHARDS:,} archives")
    width = len(first) if first.startswith("0") else 0
    for number in range(int(first), int(last) + 1):
        yield f"{uri[: found.start()]}{number:0{width}}{uri[found.end() :]}"


def _items(sample: _Sample, uri: str, key: str, shard: Entry) -> Iterator[SourceItem]:
    told = _metadata(sample.texts.get("json"))
    texts = {name: content.decode("utf-8", "replace") for name, content in sample.texts.items()}
    caption = texts.get("txt") or texts.get("text") or texts.get("caption") or told.get("caption")
    url = told.get("url")
    for member in sample.chosen():
        large = member.size > MAX_CONTENT_BYTES
        where = url if isinstance(url, str) else f"{uri}#{member.name}"
        said = hashlib.blake2b(repr(sorted(sample.texts.items())).encode(), digest_size=8).hexdigest()
        yield SourceItem(
            key=f"{key}/{member.name}",
            identity=f"{uri}/{member.name}",
            fingerprint=f"{shard.version}:{member.offset}:{said}" if shard.version else "",
            size_bytes=member.size,
            locator={
                "shard": uri,
                "offset": member.offset,
                "size": member.size,
                "version": shard.version,
            },
            description=describe(
                path=member.name,
                source_uri=where,
                caption=" ".join(caption.split()) if isinstance(caption, str) else "",
                labels=[texts["cls"]] if "cls" in texts else [],
                metadata={name: value for name, value in told.items() if name != "caption"},
            ),
            problem=f"has more than {MAX_CONTENT_BYTES} bytes" if large else "",
        )


def _metadata(content: bytes | None) -> dict[str, Any]:
    if content is None:
        return {}
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

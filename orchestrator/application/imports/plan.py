"""What an import was asked to do, as its operation keeps it, and what its items are known by."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from posixpath import normpath
from typing import Any

from orchestrator.application.ports.imports import ImportScope
from orchestrator.domain.import_source import (
    AnnotationFormat,
    Annotations,
    ArchiveSource,
    DatasetSource,
    FeedSource,
    FilesSource,
    ImportSource,
    Listing,
    SourceItem,
    SubredditSource,
    UrlListSource,
)
from orchestrator.domain.names import CollectionName

KIND = "import"
"""The kind of imports' operations."""

_SOURCES: Mapping[str, type[ImportSource]] = {
    "files": FilesSource,
    "archive": ArchiveSource,
    "dataset": DatasetSource,
    "url_list": UrlListSource,
    "feed": FeedSource,
    "subreddit": SubredditSource,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How what a source holds becomes images; `folder` goes in front of each image's own."""

    folder: str = ""
    delete_missing: bool = False
    skip_duplicates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What goes where, and how."""

    collection: CollectionName
    source: ImportSource
    options: ImportOptions = field(default_factory=ImportOptions)

    @property
    def scope(self) -> ImportScope:
        """What its items are known by, over all imports of this source into this collection.

        How a source is spelt, how much of it is listed, and what is read of it, makes it no other source;
        archives are one source, whose items are told apart by their archives' URIs.
        """
        source = _identity(self.source)
        return ImportScope(collection=self.collection, source=_hash(_dump(_source_json(source))))

    @property
    def extents(self) -> tuple[str, ...]:
        """The parts of the source that it lists: what other parts held has not vanished with it."""
        match self.source:
            case ArchiveSource(uris=uris):
                return tuple(_hash(normal_uri(uri)) for uri in uris)
            case FilesSource(pattern=pattern) if pattern:
                return (_hash(pattern),)
        return ("",)

    def place(self, item: SourceItem) -> SourceItem:
        """An item of the source as this import sees it: in its folder, read in its way."""
        own = item.description.folder
        joined = "/".join(part for part in (self.options.folder.strip("/"), own) if part)
        fingerprint = item.fingerprint
        if fingerprint and isinstance(self.source, DatasetSource):
            columns = (self.source.image_column, self.source.text_column)
            fingerprint += f":{_hash(_dump(columns))}" if any(columns) else ""
        return replace(
            item,
            description=replace(item.description, folder=joined),
            fingerprint=fingerprint,
            extent=_hash(normal_uri(item.extent)) if item.extent else self.extents[0],
        )

    def to_json(self) -> dict[str, Any]:
        """As an operation's argument."""
        return {
            "collection": self.collection.collection,
            "source": _source_json(self.source),
            "options": asdict(self.options),
        }


def read_plan(document: Mapping[str, Any]) -> ImportPlan:
    """A plan from an operation's argument."""
    ((kind, given),) = document["source"].items()
    values = dict(given)
    if values.get("annotations"):
        found = values["annotations"]
        values["annotations"] = Annotations(format=AnnotationFormat(found["format"]), uri=found["uri"])
    if "listing" in values:
        values["listing"] = Listing(values["listing"])
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return ImportPlan(
        collection=CollectionName(document["collection"]),
        source=_SOURCES[kind](**values),
        options=ImportOptions(**document["options"]),
    )


def told_hash(item: SourceItem) -> str:
    """A hash of what is said of an item."""
    return _hash(_dump([asdict(item.description), [asdict(each) for each in item.regions], item.text]))


def item_hash(item: SourceItem) -> str:
    """What an item is known by, 32 hexadecimal digits: a hash of its key, or of what is as unique."""
    return _hash(normal_uri(item.identity) if item.identity else item.key)


def request_hash(plan: ImportPlan) -> str:
    """Tells a request from others."""
    return _hash(repr(plan))


def record_stem(scope: ImportScope, item: str) -> str:
    """What the ids of all that an item ever becomes begin with."""
    return _hash(f"{scope.collection}\n{scope.source}\n{item}")[:20]


def normal_uri(uri: str) -> str:
    """The one spelling of a URI that has several."""
    scheme, separator, rest = uri.partition("://")
    if not separator:
        return uri
    scheme = scheme.lower()
    host, slash, path = rest.partition("/")
    if scheme == "file":
        return f"file://{normpath(f'/{path}')}"
    if scheme not in ("http", "https"):
        path = path.rstrip("/")
    return f"{scheme}://{host.lower()}{slash if path else ''}{path}"


def _identity(source: ImportSource) -> ImportSource:
    match source:
        case FilesSource():
            return FilesSource(uri=normal_uri(source.uri))
        case ArchiveSource():
            return ArchiveSource(uris=())
        case DatasetSource():
            uri = normal_uri(source.uri)
            return DatasetSource(uri=uri, hub_id=source.hub_id, config=source.config, split=source.split)
        case UrlListSource():
            return UrlListSource(uri=normal_uri(source.uri))
        case FeedSource():
            return FeedSource(url=normal_uri(source.url))
        case SubredditSource():
            return SubredditSource(subreddit=source.subreddit.lower())


def _source_json(source: ImportSource) -> dict[str, Any]:
    (kind,) = (kind for kind, known in _SOURCES.items() if isinstance(source, known))
    return {kind: json.loads(_dump(asdict(source)))}


def _dump(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_stand_in)


def _stand_in(value: Any) -> Any:
    if isinstance(value, AnnotationFormat | Listing):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

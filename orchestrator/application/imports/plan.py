"""What an import was asked to do, as its operation keeps it, and what its items are known by."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
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

        How much of a subreddit is listed, and in which order, makes it no other source.
        """
        source = self.source
        if isinstance(source, SubredditSource):
            source = SubredditSource(subreddit=source.subreddit.lower())
        return ImportScope(collection=self.collection, source=_hash(_dump(_source_json(source))))

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


def item_hash(key: str) -> str:
    """What an item is known by: a hash of its key, 32 hexadecimal digits."""
    return _hash(key)


def record_stem(scope: ImportScope, item: str) -> str:
    """What the ids of all that an item ever becomes begin with."""
    return _hash(f"{scope.collection}\n{scope.source}\n{item}")[:20]


def within(folder: str, item: SourceItem) -> SourceItem:
    """The item with a folder in front of its own."""
    own = item.description.folder
    joined = "/".join(part for part in (folder.strip("/"), own) if part)
    return replace(item, description=replace(item.description, folder=joined))


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

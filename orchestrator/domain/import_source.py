"""What an import reads: the sources as callers describe them, and the items that they hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from orchestrator.domain.image import Description, Label
from orchestrator.domain.region import Box, Mask


class AnnotationFormat(Enum):
    """Whose annotations lie beside the pictures."""

    COCO = "COCO"
    ROBOFLOW = "ROBOFLOW"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """Boxes, masks and labels of the pictures of a source, in a file or folder of their own."""

    format: AnnotationFormat
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSource:
    """The pictures below a folder or a bucket's prefix: `file:///…`, `s3://…`, `gs://…`.

    `pattern` narrows them down: a glob of paths below `uri` (`**/*.jpg`); empty: all.
    """

    uri: str
    pattern: str = ""
    annotations: Annotations | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSource:
    """Tar files, WebDataset's shards too: what shares a name up to its first dot is one sample."""

    uris: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSource:
    """Rows of Parquet or Arrow files, or of a Hugging Face data set: a folder's URI, or a hub id.

    Columns named empty are guessed by their types. A row with a picture is an image, one with a text alone a
    text record. `columns` become metadata.
    """

    uri: str = ""
    hub_id: str = ""
    revision: str = ""
    config: str = ""
    split: str = "train"
    image_column: str = ""
    caption_column: str = ""
    text_column: str = ""
    label_column: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlListSource:
    """A CSV file with a header, or JSON lines, of pictures' URLs; other columns become metadata."""

    uri: str
    url_column: str = "url"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource:
    """The pictures of an RSS or Atom feed's entries."""

    url: str


class Listing(Enum):
    """Orders of a subreddit."""

    HOT = "hot"
    NEW = "new"
    TOP = "top"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubredditSource:
    """The pictures that a subreddit lists."""

    subreddit: str
    listing: Listing = Listing.NEW
    limit: int = 100


ImportSource: TypeAlias = (
    FilesSource | ArchiveSource | DatasetSource | UrlListSource | FeedSource | SubredditSource
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedRegion:
    """A thing that somebody marked in a picture."""

    box: Box
    mask: Mask | None = None
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceItem:
    """One picture, or text, of a source.

    `key` is unique in its source, and the same in every listing. Equal `fingerprint`s mean unchanged content
    and description; empty: only reading tells. `locator` is JSON: what reading takes, kept with the item. An
    item with `text` is a text record, and has nothing to read. `problem` says why there is nothing to import
    here (a folder that may not be listed, a row that makes no sense): the item fails with it, unread.
    `identity` is unique among all sources of its kind, where they share items. `extent` is the part of the
    source, as it is described, that lists the item.
    """

    key: str
    fingerprint: str = ""
    size_bytes: int | None = None
    locator: Mapping[str, Any] = field(default_factory=dict)
    description: Description = field(default_factory=Description)
    regions: tuple[AnnotatedRegion, ...] = ()
    text: str | None = None
    problem: str = ""
    identity: str = ""
    extent: str = ""

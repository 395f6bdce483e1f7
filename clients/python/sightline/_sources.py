"""What imports read, told from the words that people write."""

import re
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from sightline.v1 import import_pb2

SourceKind: TypeAlias = Literal["files", "archive", "dataset", "urls", "feed", "subreddit"]
"""What a source is: a folder or bucket, tar files, a table, a list of URLs, a feed, a subreddit."""

SourceLike: TypeAlias = str | PathLike[str] | import_pb2.ImportSource
"""A source: a message, or a path, URI or URL, `hf://OWNER/NAME`, `r/NAME`: what it is, is told from it."""

KINDS: Final = get_args(SourceKind)

_ENDINGS: Final[dict[str, SourceKind]] = {
    ".tar": "archive",
    ".tar.gz": "archive",
    ".tgz": "archive",
    ".parquet": "dataset",
    ".arrow": "dataset",
    ".csv": "urls",
    ".tsv": "urls",
    ".jsonl": "urls",
    ".ndjson": "urls",
}
_GLOB = re.compile(r"[*?\[{]")
_SUBREDDIT = re.compile(r"/?r/\w+/?")


def to_source(
    given: SourceLike, *, kind: SourceKind | None = None, **options: object
) -> import_pb2.ImportSource:
    """The message of a source; `options` are further fields of its kind, such as `pattern` or `split`.

    A path is the server's; one that is not absolute starts where this process works. Raises ValueError for a
    field that the kind does not have.
    """
    if isinstance(given, import_pb2.ImportSource):
        return given
    text = fspath(given)
    chosen = kind or guess(text)
    source = import_pb2.ImportSource()
    match chosen:
        case "files":
            uri, pattern = split_glob(text)
            source.files.uri, source.files.pattern = to_uri(uri), pattern
            target: Any = source.files
        case "archive":
            source.archive.uris.append(to_uri(text))
            target = source.archive
        case "dataset":
            target = source.dataset
            if text.startswith("hf://"):
                hub_id, _, revision = text.removeprefix("hf://").removeprefix("datasets/").partition("@")
                target.hub_id, target.revision = hub_id.strip("/"), revision
            else:
                target.uri = to_uri(text)
        case "urls":
            source.url_list.uri = to_uri(text)
            target = source.url_list
        case "feed":
            source.feed.url = text
            target = source.feed
        case "subreddit":
            source.subreddit.subreddit = re.sub(r"^/?r/|/$", "", text)
            target = source.subreddit
    for name, value in options.items():
        if name not in target.DESCRIPTOR.fields_by_name:
            raise ValueError(f"{name} says nothing of a source of the kind {chosen}")
        _set(target, name, value)
    return source


def guess(text: str) -> SourceKind:
    """What a source is, by how it is written."""
    if text.startswith("hf://"):
        return "dataset"
    if _SUBREDDIT.fullmatch(text) and not Path(text).exists():
        return "subreddit"
    path = text.lower().partition("?")[0] if "://" in text else text.lower()
    for ending, kind in _ENDINGS.items():
        if path.endswith(ending) and not _GLOB.search(path):
            return kind
    return "feed" if re.match(r"https?://", text) else "files"


def split_glob(text: str) -> tuple[str, str]:
    """A path or URI, and the glob below it: `a/b/**/*.jpg` is `a/b` and `**/*.jpg`."""
    if Path(text).exists():
        return text, ""
    parts = text.split("/")
    for place, part in enumerate(parts):
        if _GLOB.search(part):
            start = "/".join(parts[:place])
            return start or ("/" if text.startswith("/") else "."), "/".join(parts[place:])
    return text, ""


def to_uri(text: str) -> str:
    """A URI as it is; a path as one."""
    return text if re.match(r"[a-z][a-z0-9+.-]*://", text) else Path(text).expanduser().resolve().as_uri()


def _set(message: Any, name: str, value: Any) -> None:
    field = message.DESCRIPTOR.fields_by_name[name]
    if field.is_repeated:
        getattr(message, name).extend(value)
    elif field.message_type is not None:
        getattr(message, name).CopyFrom(value)
    elif field.enum_type is not None and isinstance(value, str):
        setattr(message, name, field.enum_type.values_by_name[value.upper()].number)
    else:
        setattr(message, name, value)

"""What imports read, as messages and back."""

from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.import_source import (
    AnnotationFormat,
    Annotations,
    ArchiveSource,
    DatasetSource,
    FeedSource,
    FilesSource,
    ImportSource,
    Listing,
    SubredditSource,
    UrlListSource,
)
from sightline.v1 import import_pb2 as pb

_COLUMNS = ("image_column", "caption_column", "text_column", "label_column")


def from_source(source: pb.ImportSource) -> ImportSource:
    """A source of a request. Raises InvalidArgument where there is none."""
    match source.WhichOneof("source"):
        case "files":
            files = source.files
            annotations = None
            if files.HasField("annotations"):
                name = pb.ImportSource.Annotations.Format.Name(files.annotations.format)
                annotations = Annotations(format=AnnotationFormat(name), uri=files.annotations.uri)
            return FilesSource(uri=files.uri, pattern=files.pattern, annotations=annotations)
        case "archive":
            return ArchiveSource(uris=tuple(source.archive.uris))
        case "dataset":
            given = source.dataset
            return DatasetSource(
                uri=given.uri,
                hub_id=given.hub_id,
                revision=given.revision,
                config=given.config,
                split=given.split or "train",
                columns=tuple(given.columns),
                **{name: getattr(given, name) for name in _COLUMNS},
            )
        case "url_list":
            return UrlListSource(uri=source.url_list.uri, url_column=source.url_list.url_column or "url")
        case "feed":
            return FeedSource(url=source.feed.url)
        case "subreddit":
            found = source.subreddit
            listing = Listing.NEW
            if found.listing:
                listing = Listing[pb.ImportSource.Subreddit.Listing.Name(found.listing)]
            return SubredditSource(subreddit=found.subreddit, listing=listing, limit=found.limit or 100)
    raise InvalidArgument.field("source", "is required")


def to_source(source: ImportSource) -> pb.ImportSource:
    """The message of a source."""
    message = pb.ImportSource()
    match source:
        case FilesSource():
            message.files.uri, message.files.pattern = source.uri, source.pattern
            if source.annotations is not None:
                value = pb.ImportSource.Annotations.Format.Value(source.annotations.format.value)
                message.files.annotations.format = value
                message.files.annotations.uri = source.annotations.uri
        case ArchiveSource():
            message.archive.uris.extend(source.uris)
        case DatasetSource():
            names = ("revision", "config", "split", *_COLUMNS)
            message.dataset.MergeFrom(
                pb.ImportSource.Dataset(
                    columns=source.columns, **{name: getattr(source, name) for name in names}
                )
            )
            if source.hub_id:
                message.dataset.hub_id = source.hub_id
            else:
                message.dataset.uri = source.uri
        case UrlListSource():
            message.url_list.uri, message.url_list.url_column = source.uri, source.url_column
        case FeedSource():
            message.feed.url = source.url
        case SubredditSource():
            message.subreddit.subreddit, message.subreddit.limit = source.subreddit, source.limit
            message.subreddit.listing = pb.ImportSource.Subreddit.Listing.Value(source.listing.name)
    return message

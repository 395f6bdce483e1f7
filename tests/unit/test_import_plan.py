"""What makes two descriptions of sources the same source."""

from dataclasses import replace

import pytest

from orchestrator.application.imports.plan import ImportPlan, item_hash
from orchestrator.domain.import_source import (
    AnnotationFormat,
    Annotations,
    ArchiveSource,
    DatasetSource,
    FeedSource,
    FilesSource,
    ImportSource,
    SourceItem,
    UrlListSource,
)
from orchestrator.domain.names import CollectionName

FILES = FilesSource(uri="file:///srv/photos")
HUB = DatasetSource(hub_id="owner/name")


def plan(source: ImportSource) -> ImportPlan:
    return ImportPlan(collection=CollectionName("things"), source=source)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FILES, FilesSource(uri="file:///srv/photos/")),
        (FILES, FilesSource(uri="FILE:///srv//x/../photos", pattern="*.jpg")),
        (FILES, replace(FILES, annotations=Annotations(format=AnnotationFormat.COCO, uri="file:///a.json"))),
        (FilesSource(uri="s3://bucket/a"), FilesSource(uri="S3://bucket/a/")),
        (HUB, replace(HUB, revision="abc", image_column="picture", columns=("id",))),
        (DatasetSource(uri="gs://b/rows"), DatasetSource(uri="gs://b/rows/", label_column="kind")),
        (UrlListSource(uri="file:///a.csv"), UrlListSource(uri="file:///a.csv", url_column="link")),
        (FeedSource(url="https://Example.org/feed"), FeedSource(url="https://example.org/feed")),
        (ArchiveSource(uris=("s3://b/0.tar",)), ArchiveSource(uris=("s3://b/0.tar", "s3://b/1.tar"))),
    ],
)
def test_what_is_said_otherwise_is_the_same_source(one: ImportSource, other: ImportSource) -> None:
    assert plan(one).scope == plan(other).scope


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FILES, FilesSource(uri="file:///srv/photos/below")),
        (FilesSource(uri="s3://bucket/a"), FilesSource(uri="s3://bucket/A")),
        (HUB, replace(HUB, split="test")),
        (HUB, replace(HUB, config="other")),
        (FeedSource(url="https://example.org/feed"), FeedSource(url="https://example.org/feed?page=2")),
    ],
)
def test_other_sources_are_others(one: ImportSource, other: ImportSource) -> None:
    assert plan(one).scope != plan(other).scope


def test_what_is_read_of_a_row_is_part_of_its_fingerprint() -> None:
    item = SourceItem(key="rows/0", fingerprint="1")
    found = {plan(replace(HUB, image_column=column)).place(item).fingerprint for column in ("", "a", "b")}
    assert len(found) == 3
    assert plan(HUB).place(replace(item, fingerprint="")).fingerprint == ""


def test_an_archives_item_is_known_by_its_archive() -> None:
    item = SourceItem(key="0.tar/a.jpg", identity="s3://b/0.tar/a.jpg", extent="s3://b/0.tar")
    assert item_hash(item) == item_hash(replace(item, key="x/0.tar/a.jpg", identity="S3://b/0.tar/a.jpg"))
    assert item_hash(item) != item_hash(replace(item, identity="s3://c/0.tar/a.jpg"))
    one, two = ArchiveSource(uris=("s3://b/0.tar",)), ArchiveSource(uris=("s3://b/1.tar", "S3://b/0.tar"))
    assert plan(one).place(item).extent in plan(two).extents

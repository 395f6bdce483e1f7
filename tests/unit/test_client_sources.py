"""What a source is, told from the words that people write."""

from pathlib import Path

import pytest

from sightline import to_source
from sightline._sources import guess, split_glob
from sightline.v1 import import_pb2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("~/Pictures", "files"),
        ("photos/**/*.jpg", "files"),
        ("s3://bucket/photos", "files"),
        ("gs://bucket/photos/*.png", "files"),
        ("shards/00001.tar", "archive"),
        ("s3://bucket/shards/00001.TAR.GZ", "archive"),
        ("rows.parquet", "dataset"),
        ("s3://bucket/rows.arrow", "dataset"),
        ("hf://owner/name", "dataset"),
        ("urls.csv", "urls"),
        ("https://example.org/urls.jsonl?page=2", "urls"),
        ("https://example.org/feed.xml", "feed"),
        ("http://example.org/", "feed"),
        ("r/EarthPorn", "subreddit"),
        ("/r/EarthPorn/", "subreddit"),
    ],
)
def test_a_source_is_told_from_how_it_is_written(text: str, kind: str) -> None:
    assert guess(text) == kind


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a/b/**/*.jpg", ("a/b", "**/*.jpg")),
        ("s3://bucket/a/*.jpg", ("s3://bucket/a", "*.jpg")),
        ("*.jpg", (".", "*.jpg")),
        ("/*.jpg", ("/", "*.jpg")),
        ("a/b", ("a/b", "")),
    ],
)
def test_a_glob_is_cut_where_it_begins(text: str, parts: tuple[str, str]) -> None:
    assert split_glob(text) == parts


def test_a_folder_that_is_called_like_a_glob_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a[1]").mkdir()
    source = to_source(tmp_path / "a[1]")
    assert source.files.uri == (tmp_path / "a[1]").as_uri()
    assert not source.files.pattern


def test_sources_become_messages() -> None:
    assert to_source("hf://datasets/owner/name@main", split="test").dataset == (
        import_pb2.ImportSource.Dataset(hub_id="owner/name", revision="main", split="test")
    )
    found = to_source("r/EarthPorn", listing="top", limit=20).subreddit
    assert (found.subreddit, found.limit) == ("EarthPorn", 20)
    assert found.listing == import_pb2.ImportSource.Subreddit.TOP
    assert to_source("list.txt", kind="urls", url_column="link").url_list.url_column == "link"
    assert to_source(source := to_source("a.tar")) is source
    with pytest.raises(ValueError, match="pattern"):
        to_source("https://example.org/feed.xml", pattern="*.jpg")

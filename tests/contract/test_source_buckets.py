"""Sources in buckets: an S3-compatible server and a GCS emulator, as they run here."""

import asyncio
from pathlib import Path

import obstore
import pytest

from orchestrator.adapters.blobs.stores import open_store
from orchestrator.adapters.sources.bucket import BucketStorage
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument
from orchestrator.domain.import_source import (
    AnnotationFormat,
    Annotations,
    ArchiveSource,
    DatasetSource,
    FilesSource,
    UrlListSource,
)
from tests.fixtures.buckets import ACCESS_KEY, Bucket
from tests.fixtures.pictures import png
from tests.fixtures.source_worlds import tar_of
from tests.fixtures.sources import contents, listed, sources_of
from tests.fixtures.tables import picture, table_of, write_parquet


@pytest.fixture(params=["s3", "gcs"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    found: Bucket = request.getfixturevalue(request.param)
    return found


async def put(bucket: Bucket, files: dict[str, bytes]) -> None:
    store = open_store(bucket.url)
    for start in range(0, len(files), 50):
        some = list(files.items())[start : start + 50]
        await asyncio.gather(*(obstore.put_async(store, path, content) for path, content in some))


async def test_a_prefixs_pictures_with_their_captions(bucket: Bucket) -> None:
    files = {
        "a.jpg": b"a",
        "a.txt": b"a red\ncar",
        "a.webp": b"a in WebP",
        "a.b.jpg": b"another",
        "street/x y/ä.PNG": b"umlaut",
        "street/x y/ä.txt": "für alle".encode(),
        "notes.txt": b"of nothing",
        "z.md": b"",
    }
    await put(bucket, files)
    source = FilesSource(uri=bucket.url)
    items = {item.key: item for item in await listed(sources_of(), source)}
    assert items.keys() == {"a.jpg", "a.webp", "a.b.jpg", "street/x y/ä.PNG"}
    captions = {key: item.description.caption for key, item in items.items()}
    assert captions == {
        "a.jpg": "a red car",
        "a.webp": "a red car",
        "a.b.jpg": "",
        "street/x y/ä.PNG": "für alle",
    }
    assert items["street/x y/ä.PNG"].description.folder == "street/x y"
    found = await contents(sources_of(), source)
    assert found == {key: files[key] for key in items}
    narrowed = FilesSource(uri=bucket.url, pattern="street/**/*.PNG")
    assert set(await contents(sources_of(), narrowed)) == {"street/x y/ä.PNG"}


async def test_more_than_a_page(bucket: Bucket) -> None:
    await put(bucket, {f"{number:04}.jpg": b"x" for number in range(1_050)})
    items = await listed(sources_of(), FilesSource(uri=bucket.url))
    assert [item.key for item in items] == [f"{number:04}.jpg" for number in range(1_050)]
    assert all(item.fingerprint for item in items)


async def test_a_changed_object_has_another_fingerprint_and_is_not_read_in_parts(bucket: Bucket) -> None:
    await put(bucket, {"a.jpg": b"one", "shard.tar": tar_of({"1.jpg": b"x"})})
    files, archive = FilesSource(uri=bucket.url), ArchiveSource(uris=(f"{bucket.url}/shard.tar",))
    (before,), (member,) = await listed(sources_of(), files), await listed(sources_of(), archive)
    await put(bucket, {"a.jpg": b"two", "shard.tar": tar_of({"0.jpg": b"0", "1.jpg": b"x"})})
    (after,) = await listed(sources_of(), files)
    assert before.fingerprint != after.fingerprint
    async with sources_of().open(archive) as source:
        with pytest.raises(InvalidArgument, match="has changed"):
            await source.read(member)
    store = BucketStorage(bucket.url, open_store)
    assert await store.read("a.jpg", limit=3) == b"two"
    with pytest.raises(InvalidArgument, match="more than 2 bytes"):
        await store.read("a.jpg", limit=2)
    with pytest.raises(InvalidArgument, match="no longer there"):
        await store.read("b.jpg", limit=2)


async def test_archives_lists_and_tables(bucket: Bucket, tmp_path: Path) -> None:
    write_parquet(table_of([{"image": picture(f"{n}".encode()), "n": n} for n in range(5)]), tmp_path / "x")
    files = {
        "tars/a b/0.tar": tar_of({"1.jpg": b"one", "2.jpg": b"two"}),
        "list.csv": b"url\nhttp://10.0.0.1/x.jpg\n",
        "data/train.parquet": (tmp_path / "x").read_bytes(),
    }
    await put(bucket, files)
    shards = ArchiveSource(uris=(f"{bucket.url}/tars",))
    assert await contents(sources_of(), shards) == {"a b/0.tar/1.jpg": b"one", "a b/0.tar/2.jpg": b"two"}
    urls = await listed(sources_of(), UrlListSource(uri=f"{bucket.url}/list.csv"))
    assert [item.key for item in urls] == ["http://10.0.0.1/x.jpg"]
    rows = await contents(sources_of(), DatasetSource(uri=bucket.url))
    assert list(rows.values()) == [b"0", b"1", b"2", b"3", b"4"]


async def test_annotations(bucket: Bucket) -> None:
    exported = b'{"images": [{"id": 1, "file_name": "1.png", "width": 96, "height": 64}], "categories": [], '
    exported += b'"annotations": [{"image_id": 1, "bbox": [0, 0, 9, 9]}]}'
    await put(bucket, {"train/1.png": png("red"), "train/_annotations.coco.json": exported})
    annotations = Annotations(format=AnnotationFormat.ROBOFLOW, uri=bucket.url)
    (item,) = await listed(sources_of(), FilesSource(uri=bucket.url, annotations=annotations))
    assert len(item.regions) == 1


async def test_a_store_that_asks_for_patience_is_given_it(bucket: Bucket) -> None:
    await put(bucket, {f"{number}.jpg": b"x" for number in range(20)})
    bucket.throttled.refuse_every = 2
    assert len(await contents(sources_of(), FilesSource(uri=bucket.url))) == 20
    assert bucket.throttled.refused


async def test_a_bucket_that_is_not_there(bucket: Bucket) -> None:
    scheme = bucket.url.partition(":")[0]
    with pytest.raises(InvalidArgument):
        await listed(sources_of(), FilesSource(uri=f"{scheme}://no-such-bucket/x"))
    assert await listed(sources_of(), FilesSource(uri=f"{bucket.url}/nothing")) == []


async def test_credentials_that_are_refused(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-wrong-secret")
    with pytest.raises(FailedPrecondition) as failed:
        await listed(sources_of(), FilesSource(uri=s3.url))
    logged = "".join(capsys.readouterr())
    told = logged + str(failed.value)
    assert not [secret for secret in ("a-wrong-secret", ACCESS_KEY, "Signature=") if secret in told]


@pytest.mark.parametrize("uri", ["s3://key:secret@pictures/x", "s3://", "gs://", "s3://pictures?x=1"])
async def test_what_is_no_bucket(uri: str) -> None:
    with pytest.raises(InvalidArgument):
        await listed(sources_of(), FilesSource(uri=uri))

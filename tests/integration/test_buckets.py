"""Buckets of S3 and GCS: throttled, refused, signed, and shared with others' files."""

import asyncio
import base64
import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from orchestrator.adapters.blobs import stores
from orchestrator.adapters.blobs.object_store import ObjectStoreBlobs
from orchestrator.application.collections import ensure_default_collection
from orchestrator.application.content import image_uri
from orchestrator.application.images import delete_image
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Ports
from orchestrator.application.recover import sweep_blobs
from orchestrator.domain.collection import DEFAULT_COLLECTION
from orchestrator.domain.errors import FailedPrecondition, Unavailable
from orchestrator.domain.names import ImageName
from sightline import AsyncSightline
from sightline.v1.image_service_pb2 import GenerateImageUriRequest
from tests.fixtures.buckets import SECRET_KEY, Bucket
from tests.fixtures.pictures import drawing, encoded
from tests.fixtures.server import RunningServer, running_server

LARGE = bytes(range(256)) * 4096 * 20  # 20 MiB


@pytest.fixture(params=["s3", "gcs"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    return request.getfixturevalue(request.param)


@pytest.fixture
async def mesh(ports: Ports, bucket: Bucket) -> Ports:
    """The ports, over a bucket."""
    found = replace(ports, blobs=ObjectStoreBlobs(bucket.url))
    await ensure_default_collection(found)
    return found


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two retries, soon."""
    monkeypatch.setitem(stores._RETRY, "max_retries", 2)
    backoff = {"init_backoff": timedelta(milliseconds=10), "max_backoff": timedelta(milliseconds=20)}
    monkeypatch.setitem(stores._RETRY, "backoff", {**backoff, "base": 2})


@pytest.mark.parametrize("status", [503, 429, 500])
async def test_a_store_that_throttles_is_slower_and_nothing_else(bucket: Bucket, status: int) -> None:
    blobs = ObjectStoreBlobs(bucket.url)
    bucket.throttled.refuse_every, bucket.throttled.status = 3, status
    refused = bucket.throttled.refused
    keys = [f"c/{number}" for number in range(12)]
    await blobs.put("large", LARGE)
    for key in keys:
        await blobs.put(key, key.encode())
    assert [await blobs.get(key) for key in keys] == [key.encode() for key in keys]
    assert await blobs.get("large") == LARGE
    await blobs.delete(keys[:-1])
    assert sorted([key async for key, _ in blobs.list()]) == [keys[-1], "large"]
    assert bucket.throttled.refused > refused + 8


@pytest.mark.usefixtures("impatient")
async def test_a_store_that_only_throttles_is_unavailable_and_left_in_time(bucket: Bucket) -> None:
    blobs = ObjectStoreBlobs(bucket.url)
    bucket.throttled.refuse_every, bucket.throttled.status = 1, 503
    with pytest.raises(Unavailable) as raised:
        await blobs.put("a", b"x")
    assert raised.value.retry_after
    assert not await blobs.ready()
    bucket.throttled.refuse_every = 0
    assert await blobs.ready()


async def test_a_deadline_ends_the_tries(bucket: Bucket) -> None:
    blobs = ObjectStoreBlobs(bucket.url)
    bucket.throttled.refuse_every, bucket.throttled.status = 1, 503
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await blobs.put("a", b"x")


async def test_a_large_file_goes_in_parts_and_is_there_whole_or_not_at_all(bucket: Bucket) -> None:
    blobs = ObjectStoreBlobs(bucket.url)
    bucket.throttled.seen.clear()
    writing = asyncio.create_task(blobs.put("large", LARGE))
    found: list[str] = []
    while not writing.done():
        found = [key async for key, _ in blobs.list()]
    await writing
    parts = {query for method, query in bucket.throttled.seen if method == "PUT" and "partNumber=" in query}
    assert len(parts) == 3
    assert found in ([], ["large"])
    assert await blobs.get("large") == LARGE


async def test_a_list_is_read_in_the_servers_pages(bucket: Bucket) -> None:
    blobs = ObjectStoreBlobs(bucket.url)
    for start in range(0, 1100, 50):
        await asyncio.gather(*(blobs.put(f"{start + number:04}", b"") for number in range(50)))
    bucket.throttled.seen.clear()
    assert len([key async for key, _ in blobs.list()]) == 1100
    pages = [query for _, query in bucket.throttled.seen if "list-type=2" in query]
    assert len(pages) == 2
    assert "continuation-token=" in pages[1]


async def test_images_live_in_a_bucket(mesh: Ports) -> None:
    content = encoded(drawing("white", {"red": (8, 8, 40, 40)}), "PNG")
    made = await create_image(mesh, CreateImage(parent=DEFAULT_COLLECTION, content=content))
    assert [key async for key, _ in mesh.blobs.list()] == [made.blob_key]
    assert await mesh.blobs.get(made.blob_key) == content
    await delete_image(mesh, name=made.name)
    assert [key async for key, _ in mesh.blobs.list()] == []


async def test_the_sweep_leaves_what_it_did_not_write(mesh: Ports) -> None:
    content = encoded(drawing("white", {}), "PNG")
    made = await create_image(mesh, CreateImage(parent=DEFAULT_COLLECTION, content=content))
    lost = "default/images/00/lost.00000000000000000000000000"
    others = ["holidays/beach.jpg", "backup.tar", "default/images/01/a.00000000000000000000000000", "a.b.c"]
    for key in (lost, *others):
        await mesh.blobs.put(key, b"x")
    assert await sweep_blobs(mesh, age=timedelta(0)) == 1
    assert sorted([key async for key, _ in mesh.blobs.list()]) == sorted([made.blob_key, *others])


async def test_a_signed_url_answers_the_file_until_it_expires(ports: Ports, s3: Bucket) -> None:
    mesh = replace(ports, blobs=ObjectStoreBlobs(s3.url))
    async with running_server(mesh) as server:
        content = encoded(drawing("white", {"red": (8, 8, 40, 40)}), "PNG")
        made = await create_image(mesh, CreateImage(parent=DEFAULT_COLLECTION, content=content))
        request = GenerateImageUriRequest(name=str(made.name))
        request.ttl.seconds = 2
        answer = await server.images.GenerateImageUri(request)
        assert 0 < answer.expire_time.ToSeconds() - time.time() <= 2
        async with httpx.AsyncClient() as client:
            fetched = await client.get(answer.uri)
            assert (fetched.status_code, fetched.content) == (200, content)
            assert fetched.headers["content-type"] == "image/png"
            assert (await client.get(answer.uri.replace("Expires=2", "Expires=9"))).status_code == 403
            assert (await client.put(answer.uri, content=b"x")).status_code == 403
            await asyncio.sleep(3)
            assert (await client.get(answer.uri)).status_code == 403
            for uri in (await uri_by_sdk(server, made.name), await uri_by_command(server, made.name)):
                assert (await client.get(uri)).content == content


async def uri_by_sdk(server: RunningServer, name: ImageName) -> str:
    async with AsyncSightline(server.address) as client:
        return await client.image_uri(str(name), seconds=30)


async def uri_by_command(server: RunningServer, name: ImageName) -> str:
    command = [str(Path(sys.executable).with_name("sightline")), "show", str(name), "--uri"]
    process = await asyncio.create_subprocess_exec(
        *command, "--server", server.address, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode().strip()


async def test_a_directory_signs_nothing(ports: Ports) -> None:
    await ensure_default_collection(ports)
    content = encoded(drawing("white", {}), "PNG")
    made = await create_image(ports, CreateImage(parent=DEFAULT_COLLECTION, content=content))
    with pytest.raises(FailedPrecondition) as raised:
        await image_uri(ports, name=made.name)
    assert raised.value.reason == "BLOBS_WITHOUT_URLS"


@pytest.fixture
def private_key(tmp_path: Path) -> str:
    made = subprocess.run(["openssl", "genrsa", "2048"], check=True, capture_output=True, text=True)
    return made.stdout


async def test_gcs_urls_are_signed_with_the_service_accounts_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, private_key: str
) -> None:
    account = {
        "type": "service_account",
        "client_email": "sightline@project.iam.gserviceaccount.com",
        "private_key": private_key,
        "private_key_id": "1",
    }
    (tmp_path / "account.json").write_text(json.dumps(account))
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "account.json"))
    uri = urlsplit(
        await ObjectStoreBlobs("gs://bucket/prefix").sign("c/a.jpg", lifetime=timedelta(minutes=5))
    )
    given = {name: values[0] for name, values in parse_qs(uri.query).items()}
    assert (uri.netloc, uri.path) == ("storage.googleapis.com", "/bucket/prefix/c/a.jpg")
    assert given["X-Goog-Expires"] == "300"
    assert given["X-Goog-Credential"].startswith(account["client_email"])
    assert len(base64.b16decode(given["X-Goog-Signature"].upper())) == 256


async def test_secrets_stay_out_of_logs_and_errors(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY + "-wrong")
    blobs = ObjectStoreBlobs(s3.url)
    for call in (blobs.open(), blobs.put("a", b"x"), blobs.get("a"), blobs.delete(["a"])):
        with pytest.raises(Unavailable) as raised:
            await call
        assert raised.value.reason == "OBJECT_STORE_DENIED"
        assert raised.value.message == "the object store does not let the server in (SignatureDoesNotMatch)"
    said = "".join(capfd.readouterr())
    assert "blobs.failed" in said
    assert SECRET_KEY not in said
    assert s3.environment["AWS_ACCESS_KEY_ID"] not in said


async def test_a_bucket_that_is_not_there_is_told_at_once(bucket: Bucket) -> None:
    blobs = ObjectStoreBlobs(bucket.url.replace("pictures", "nothing-here"))
    with pytest.raises(Unavailable, match="NoSuchBucket"):
        await blobs.open()


@pytest.mark.parametrize(
    "url", ["s3://key:secret@bucket", "s3://", "gs:///x", "s3://b?secret=1", "ftp://b/x"]
)
def test_a_url_that_names_no_place_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(ValueError, match="its URL") as raised:
        ObjectStoreBlobs(url)
    assert "secret" not in str(raised.value)


async def test_the_sdks_other_names_of_an_endpoint_are_known(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3.endpoint)
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    blobs = ObjectStoreBlobs(s3.url)
    await blobs.put("a", b"x")
    assert await blobs.get("a") == b"x"

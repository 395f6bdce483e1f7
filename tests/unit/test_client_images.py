"""How the SDK sends pictures: chunk by chunk, so many at a time, and what is no picture."""

import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import google_crc32c
import grpc
import pytest

import sightline
from sightline import AsyncSightline, Sightline
from sightline.v1 import image_pb2, image_service_pb2_grpc
from sightline.v1.image_service_pb2 import (
    BulkCreateImagesRequest,
    BulkCreateImagesResponse,
    UploadImageRequest,
)

CHUNK = 64 * 1024


class Store(image_service_pb2_grpc.ImageServiceServicer):
    """Takes what is sent, and tells when an upload's first chunk is there."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.first = threading.Event()
        self.finish: UploadImageRequest.Finish | None = None

    def UploadImage(
        self, request_iterator: Iterator[UploadImageRequest], context: grpc.ServicerContext
    ) -> image_pb2.Image:
        for part in request_iterator:
            if part.HasField("chunk"):
                self.chunks.append(part.chunk)
                self.first.set()
            elif part.HasField("finish"):
                self.finish = part.finish
        if self.finish is None:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "finish: is missing")
        return image_pb2.Image(name="collections/default/images/one")

    def BulkCreateImages(
        self, request_iterator: Iterator[BulkCreateImagesRequest], context: grpc.ServicerContext
    ) -> Iterator[BulkCreateImagesResponse]:
        for item in request_iterator:
            yield BulkCreateImagesResponse(
                index=item.index, image=image_pb2.Image(display_name=item.request.image.display_name)
            )


@pytest.fixture
def store() -> Iterator[tuple[Store, str]]:
    service = Store()  # type: ignore[abstract]
    server = grpc.server(ThreadPoolExecutor(2))
    image_service_pb2_grpc.add_ImageServiceServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield service, f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def pipe(tmp_path: Path, store: tuple[Store, str]) -> Iterator[Path]:
    """A file whose end is only written once its first chunk has reached the server."""
    path = tmp_path / "slow.jpg"
    os.mkfifo(path)

    def write() -> None:
        with path.open("wb", buffering=0) as file:
            file.write(b"a" * CHUNK)
            assert store[0].first.wait(10), "the server has no chunk before the whole file is read"
            file.write(b"b" * 1000)

    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write)
        yield path
        written.result(20)


def check_upload(store: Store) -> None:
    assert [len(chunk) for chunk in store.chunks] == [CHUNK, 1000]
    assert store.finish is not None
    assert store.finish.crc32c == google_crc32c.value(b"a" * CHUNK + b"b" * 1000)


def test_an_upload_reads_and_sends_a_chunk_at_a_time(store: tuple[Store, str], pipe: Path) -> None:
    with Sightline(store[1], timeout=30) as client:
        client.upload_image(pipe)
    check_upload(store[0])


async def test_an_upload_over_asyncio_does_so_too(store: tuple[Store, str], pipe: Path) -> None:
    async with AsyncSightline(store[1], timeout=30) as client:
        await client.upload_image(pipe)
    check_upload(store[0])


@pytest.mark.parametrize("over_asyncio", [False, True])
async def test_a_file_that_breaks_off_is_said_as_such_and_never_finished(
    store: tuple[Store, str], over_asyncio: bool
) -> None:
    endless = "/dev/zero"  # a device tells no size: that it is too large shows on the way
    said = pytest.raises(sightline.InvalidArgument, match="a picture's file has at most")
    if over_asyncio:
        async with AsyncSightline(store[1], timeout=60) as client:
            with said:
                await client.upload_image(endless)
    else:
        with Sightline(store[1], timeout=60) as blocking, said:
            blocking.upload_image(endless)
    assert store[0].finish is None
    assert len(store[0].chunks) == 512


def test_a_file_that_is_not_there_is_said_before_any_call() -> None:
    with Sightline("127.0.0.1:1") as client, pytest.raises(FileNotFoundError):
        client.upload_image("nowhere.jpg")


@pytest.mark.parametrize("in_flight", [0, -1])
async def test_nothing_in_flight_is_refused(in_flight: int) -> None:
    with Sightline("127.0.0.1:1") as client, pytest.raises(ValueError, match="in_flight"):
        next(client.create_images([b"x"], in_flight=in_flight))
    async with AsyncSightline("127.0.0.1:1") as over_asyncio:
        with pytest.raises(ValueError, match="in_flight"):
            await anext(over_asyncio.create_images([b"x"], in_flight=in_flight))


def test_many_images_may_be_paths_alone(store: tuple[Store, str], tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"a")
    with Sightline(store[1]) as client:
        results = list(client.create_images([str(file), file, b"bytes", "missing.jpg"]))
    names = {result.index: result.image and result.image.display_name for result in results}
    assert names == {0: "a.jpg", 1: "a.jpg", 2: "", 3: None}
    assert isinstance(next(each.error for each in results if each.index == 3), FileNotFoundError)


async def test_what_is_no_image_is_the_callers_error(store: tuple[Store, str]) -> None:
    images: Iterable[bytes] = [b"a picture", 7]  # type: ignore[list-item]
    with Sightline(store[1]) as client:
        results = client.create_images(images)
        assert next(results).ok
        with pytest.raises(TypeError):
            next(results)
    async with AsyncSightline(store[1]) as over_asyncio:
        answers = over_asyncio.create_images(images)
        assert (await anext(answers)).ok
        with pytest.raises(TypeError):
            await anext(answers)

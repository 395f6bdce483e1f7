"""Images created from URLs, over gRPC and over HTTP, with web servers that do as they like."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import grpc
import httpx
import pytest
from google.rpc import error_details_pb2

from sightline import AsyncSightline, NewImage
from sightline.errors import InvalidArgument
from sightline.v1 import image_pb2
from sightline.v1 import image_service_pb2 as image_service
from tests.fixtures.gateway import started
from tests.fixtures.pictures import png
from tests.fixtures.server import RunningServer
from tests.fixtures.web_server import Request, WebServer, head, web_server
from tests.integration.test_grpc_face import detail, failure

PARENT = "collections/default"
Create = image_service.CreateImageRequest
Item = image_service.BulkCreateImagesRequest


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        server.pages["/red.png"] = (200, {"content-type": "image/png"}, png("red"))
        yield server


async def test_an_image_is_made_of_what_a_url_holds(server: RunningServer, web: WebServer) -> None:
    url = f"{web.address}/red.png"
    image = await server.images.CreateImage(Create(parent=PARENT, source_uri=url))
    assert (image.source_uri, image.width, image.content_type) == (url, 96, "image/png")
    content = await server.images.GetImageContent(image_service.GetImageContentRequest(name=image.name))
    assert content.data == png("red")
    said = image_pb2.Image(source_uri="https://where.it/is", caption="red")
    other = await server.images.CreateImage(Create(parent=PARENT, source_uri=url, image=said))
    assert (other.source_uri, other.caption) == ("https://where.it/is", "red")
    checked = await server.images.CreateImage(Create(parent=PARENT, source_uri=url, validate_only=True))
    assert (checked.width, checked.source_uri) == (96, url)


async def test_the_same_call_with_the_same_url_makes_one_image(server: RunningServer, web: WebServer) -> None:
    request = Create(parent=PARENT, source_uri=f"{web.address}/red.png", request_id=str(uuid4()))
    first = await server.images.CreateImage(request)
    web.pages["/red.png"] = png("blue")
    assert await server.images.CreateImage(request) == first
    assert len(web.requests) == 1
    request.source_uri = f"{web.address}/other.png"
    error = await failure(server.images.CreateImage(request))
    assert detail(error, error_details_pb2.ErrorInfo).reason == "REQUEST_ID_REUSED"


async def _stops(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(head(content_length="1000") + b"x")
    await writer.drain()
    await asyncio.sleep(60)


BAD: dict[str, tuple[Any, str, str | None]] = {
    "/none.png": ((404, {}, b""), "INVALID_ARGUMENT", "URL_NOT_FOUND"),
    "/page": ((200, {"content-type": "text/html"}, b"<html>"), "INVALID_ARGUMENT", "WRONG_CONTENT_TYPE"),
    "/text.png": ((200, {"content-type": "image/png"}, b"text"), "INVALID_ARGUMENT", None),
    "/empty.png": ((200, {"content-type": "image/png"}, b""), "INVALID_ARGUMENT", None),
    "/large.png": ((200, {}, b"x" * ((32 << 20) + 1)), "INVALID_ARGUMENT", "IMAGE_TOO_LARGE"),
    "/away": ((302, {"location": "http://10.0.0.1/"}, b""), "INVALID_ARGUMENT", "URL_REFUSED"),
    "/fails": ((500, {}, b""), "UNAVAILABLE", "HOST_FAILED"),
    "/slow": (_stops, "UNAVAILABLE", "HOST_SLOW"),
}


@pytest.mark.parametrize("path", BAD)
async def test_each_way_to_misbehave_has_its_error_and_leaves_nothing(
    server: RunningServer, web: WebServer, path: str
) -> None:
    web.pages[path], code, reason = BAD[path]
    error = await failure(server.images.CreateImage(Create(parent=PARENT, source_uri=web.address + path)))
    assert error.code() is grpc.StatusCode[code]
    if reason is not None:
        assert detail(error, error_details_pb2.ErrorInfo).reason == reason
    if code == "INVALID_ARGUMENT":
        assert detail(error, error_details_pb2.BadRequest).field_violations[0].field == "source_uri"
    listed = await server.images.ListImages(image_service.ListImagesRequest(parent=PARENT))
    assert listed.total_size == 0
    assert [key async for key, _ in server.ports.blobs.list("")] == []


async def test_items_of_a_bulk_stream_are_fetched_and_fail_alone(
    server: RunningServer, web: WebServer
) -> None:
    async def items() -> AsyncIterator[Item]:
        for number, path in enumerate(["/red.png", "/none.png", "/red.png"]):
            yield Item(index=number, request=Create(parent=PARENT, source_uri=web.address + path))

    answers = {answer.index: answer async for answer in server.images.BulkCreateImages(items())}
    assert [answers[number].WhichOneof("result") for number in range(3)] == ["image", "error", "image"]


async def test_over_http_too(server: RunningServer, web: WebServer) -> None:
    async with started(server.address) as gateway, httpx.AsyncClient(base_url=gateway.url) as client:
        url = f"{web.address}/red.png"
        answer = await client.post(f"/v1/{PARENT}/images", json={"sourceUri": url})
        assert (answer.status_code, answer.json()["sourceUri"]) == (200, url)
        refused = await client.post(f"/v1/{PARENT}/images", json={"sourceUri": "http://169.254.169.254/"})
        assert refused.status_code == 400
        assert "source_uri" in json.dumps(refused.json())


async def test_the_sdk_takes_a_url_for_a_picture(server: RunningServer, web: WebServer) -> None:
    url = f"{web.address}/red.png?size=1"
    async with await AsyncSightline.connect(server.address) as client:
        image = await client.create_image(url)
        assert (image.source_uri, image.display_name, image.width) == (url, "red.png", 96)
        named = await client.create_image(NewImage(picture=url, display_name="mine", source_uri="https://x"))
        assert (named.display_name, named.source_uri) == ("mine", "https://x")
        with pytest.raises(InvalidArgument):
            await client.create_image("http://169.254.169.254/latest")

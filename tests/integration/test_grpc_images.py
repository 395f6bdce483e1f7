"""ImageService and SegmentationService over the wire."""

from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import google_crc32c
import grpc
import pytest
from google.protobuf import json_format
from google.rpc import error_details_pb2

from orchestrator.grpc_api.upload import MAX_CHUNK_BYTES
from sightline.v1 import image_pb2, region_pb2
from sightline.v1 import image_service_pb2 as image_service
from sightline.v1 import segmentation_service_pb2 as segmentation_service
from tests.fixtures.pictures import png
from tests.fixtures.server import RunningServer
from tests.integration.test_grpc_face import detail, failure

PARENT = "collections/default"
SCENE = png("white", {"red": (10, 20, 39, 49), "blue": (60, 10, 89, 29)})
Part = image_service.UploadImageRequest


def described(**fields: object) -> image_pb2.Image:
    image = image_pb2.Image(folder="street/2026", caption="a sign", display_name="sign.png")
    image.labels.add(label="sign", score=0.5)
    image.metadata.update({"shop": {"id": 7, "open": True}, "tags": ["a", "b"], "none": None})
    for name, value in fields.items():
        setattr(image, name, value)
    return image


async def created(server: RunningServer, content: bytes = SCENE, image_id: str = "") -> image_pb2.Image:
    return await server.images.CreateImage(
        image_service.CreateImageRequest(parent=PARENT, content=content, image_id=image_id, image=described())
    )


async def test_an_image_comes_back_as_it_was_described(server: RunningServer) -> None:
    image = await created(server, image_id="sign-1")
    assert image.name == f"{PARENT}/images/sign-1"
    assert (image.width, image.height, image.content_type) == (96, 64, "image/png")
    assert (image.folder, image.labels[0].label, image.labels[0].score) == ("street/2026", "sign", 0.5)
    metadata = json_format.MessageToDict(image.metadata)
    assert metadata == {"shop": {"id": 7, "open": True}, "tags": ["a", "b"], "none": None}
    assert (image.state, image.region_count) == (image_pb2.Image.ACTIVE, 2)
    assert image == await server.images.GetImage(image_service.GetImageRequest(name=image.name))
    again = await failure(created(server, image_id="sign-1"))
    assert again.code() is grpc.StatusCode.ALREADY_EXISTS


async def test_the_same_request_id_makes_one_image(server: RunningServer) -> None:
    request = image_service.CreateImageRequest(parent=PARENT, content=SCENE, request_id=str(uuid4()))
    first = await server.images.CreateImage(request)
    assert await server.images.CreateImage(request) == first


async def test_validate_only_stores_nothing(server: RunningServer) -> None:
    request = image_service.CreateImageRequest(parent=PARENT, content=SCENE, validate_only=True)
    assert (await server.images.CreateImage(request)).width == 96
    listed = await server.images.ListImages(image_service.ListImagesRequest(parent=PARENT))
    assert (list(listed.images), listed.total_size) == ([], 0)


@pytest.mark.parametrize(
    ("request_", "code", "field"),
    [
        (image_service.CreateImageRequest(parent=PARENT), "INVALID_ARGUMENT", "content"),
        (image_service.CreateImageRequest(parent=PARENT, content=b""), "INVALID_ARGUMENT", "content"),
        (image_service.CreateImageRequest(parent=PARENT, content=b"text"), "INVALID_ARGUMENT", "content"),
        (
            image_service.CreateImageRequest(parent=PARENT, source_uri="file:///etc/passwd"),
            "INVALID_ARGUMENT",
            "source_uri",
        ),
        (image_service.CreateImageRequest(parent=PARENT, source_uri=""), "INVALID_ARGUMENT", "source_uri"),
        (
            image_service.CreateImageRequest(parent=PARENT, content=SCENE, image_id="../x"),
            "INVALID_ARGUMENT",
            "image_id",
        ),
        (
            image_service.CreateImageRequest(parent=PARENT, content=SCENE, request_id="7"),
            "INVALID_ARGUMENT",
            "request_id",
        ),
        (
            image_service.CreateImageRequest(
                parent=PARENT, content=SCENE, image=image_pb2.Image(folder="/a/")
            ),
            "INVALID_ARGUMENT",
            "image.folder",
        ),
    ],
)
async def test_what_is_wrong_is_named(
    server: RunningServer, request_: image_service.CreateImageRequest, code: str, field: str
) -> None:
    error = await failure(server.images.CreateImage(request_))
    assert error.code() is grpc.StatusCode[code]
    assert detail(error, error_details_pb2.BadRequest).field_violations[0].field == field


async def test_metadata_is_bounded(server: RunningServer) -> None:
    image = image_pb2.Image()
    image.metadata.update({"long": "x" * (16 * 1024)})
    request = image_service.CreateImageRequest(parent=PARENT, content=SCENE, image=image)
    error = await failure(server.images.CreateImage(request))
    assert detail(error, error_details_pb2.BadRequest).field_violations[0].field == "image.metadata"


async def test_an_update_changes_what_its_mask_names(server: RunningServer) -> None:
    image = await created(server)
    request = image_service.UpdateImageRequest(
        image=image_pb2.Image(name=image.name, caption="new", etag=image.etag)
    )
    request.update_mask.paths.extend(["caption", "labels"])
    changed = await server.images.UpdateImage(request)
    assert (changed.caption, list(changed.labels), changed.folder) == ("new", [], "street/2026")
    assert changed.etag != image.etag
    assert (await failure(server.images.UpdateImage(request))).code() is grpc.StatusCode.ABORTED
    request.image.etag = ""
    request.update_mask.paths[:] = ["width"]
    error = await failure(server.images.UpdateImage(request))
    assert detail(error, error_details_pb2.BadRequest).field_violations[0].field == "update_mask.paths[0]"


async def test_pages_go_through_everything_once(server: RunningServer) -> None:
    names = [(await created(server, png("red", size=(40 + n, 40)))).name for n in range(5)]
    found, token = [], ""
    while True:
        page = await server.images.ListImages(
            image_service.ListImagesRequest(
                parent=PARENT, page_size=2, page_token=token, filter='folder = "street"'
            )
        )
        assert page.total_size == 5
        found += [image.name for image in page.images]
        token = page.next_page_token
        if not token:
            break
    assert found == names
    other = image_service.ListImagesRequest(parent=PARENT, page_size=2, page_token="AAAA")
    assert (await failure(server.images.ListImages(other))).code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_content_whole_smaller_and_cropped(server: RunningServer) -> None:
    image = await created(server)
    get = server.images.GetImageContent
    whole = await get(image_service.GetImageContentRequest(name=image.name))
    assert (whole.content_type, whole.data) == ("image/png", SCENE)
    small = await get(image_service.GetImageContentRequest(name=image.name, max_pixels=32))
    assert (small.content_type, len(small.data) < len(SCENE) * 10) == ("image/jpeg", True)
    outside = region_pb2.Box(x_min=500, y_min=0, x_max=600, y_max=10)
    error = await failure(get(image_service.GetImageContentRequest(name=image.name, crop=outside)))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_deleting_takes_everything_away(server: RunningServer) -> None:
    image = await created(server)
    delete = image_service.DeleteImageRequest(name=image.name)
    await server.images.DeleteImage(delete)
    gone = await failure(server.images.GetImage(image_service.GetImageRequest(name=image.name)))
    assert gone.code() is grpc.StatusCode.NOT_FOUND
    assert (await failure(server.images.DeleteImage(delete))).code() is grpc.StatusCode.NOT_FOUND
    await server.images.DeleteImage(image_service.DeleteImageRequest(name=image.name, allow_missing=True))


def parts(content: bytes, *, crc32c: int | None = None, size: int = 1000) -> list[Part]:
    chunks = [Part(chunk=content[at : at + size]) for at in range(0, len(content), size)]
    start = Part(start=Part.Start(parent=PARENT, image_id="up", image=described()))
    return [start, *chunks, Part(finish=Part.Finish(crc32c=crc32c))]


async def upload(server: RunningServer, sent: Sequence[Part]) -> image_pb2.Image:
    async def stream() -> AsyncIterator[Part]:
        for part in sent:
            yield part

    return await server.images.UploadImage(stream())


async def test_an_upload_in_chunks_is_the_same_image(server: RunningServer) -> None:
    large = png("red", size=(700, 500)) + b"\0" * 5000
    image = await upload(server, parts(large, crc32c=google_crc32c.value(large)))
    assert (image.name, image.caption) == (f"{PARENT}/images/up", "a sign")
    content = await server.images.GetImageContent(image_service.GetImageContentRequest(name=image.name))
    assert content.data == large


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        ([], "INVALID_ARGUMENT", "start"),
        (parts(SCENE)[1:], "INVALID_ARGUMENT", "start"),
        (parts(SCENE)[:-1], "INVALID_ARGUMENT", "finish"),
        ([parts(SCENE)[0], *parts(SCENE)], "INVALID_ARGUMENT", "start"),
        ([*parts(SCENE), Part(chunk=b"x")], "INVALID_ARGUMENT", "finish"),
        (
            [parts(SCENE)[0], Part(chunk=b"x" * (MAX_CHUNK_BYTES + 1))],
            "INVALID_ARGUMENT",
            "chunk",
        ),
        (parts(b"x" * MAX_CHUNK_BYTES * 513, size=MAX_CHUNK_BYTES), "INVALID_ARGUMENT", "chunk"),
        ([Part(start=Part.Start(parent="nowhere"))], "INVALID_ARGUMENT", "start.parent"),
        ([Part()], "INVALID_ARGUMENT", "part"),
        (parts(SCENE, crc32c=1), "DATA_LOSS", None),
    ],
)
async def test_a_broken_upload_stores_nothing(
    server: RunningServer, sent: list[Part], code: str, field: str | None
) -> None:
    error = await failure(upload(server, sent))
    assert error.code() is grpc.StatusCode[code]
    if field is not None:
        assert detail(error, error_details_pb2.BadRequest).field_violations[0].field == field
    listed = await server.images.ListImages(image_service.ListImagesRequest(parent=PARENT))
    assert list(listed.images) == []


async def test_segmentation_by_everything_points_and_boxes(server: RunningServer) -> None:
    image = await created(server)
    request = segmentation_service.SegmentImageRequest(name=image.name)
    everything = await server.segmentation.SegmentImage(request)
    assert (everything.width, everything.height, len(everything.regions)) == (96, 64, 2)
    assert all(region.name == "" for region in everything.regions)
    assert {region.origin for region in everything.regions} == {region_pb2.Region.AUTOMATIC}
    request.prompt.points.points.add(x=20, y=30)
    (red,) = (await server.segmentation.SegmentImage(request)).regions
    assert (red.box.x_min, red.box.y_min, red.box.x_max, red.box.y_max) == (10, 20, 40, 50)
    assert (list(red.mask.size), red.area) == ([64, 96], 900)
    request.prompt.boxes.boxes.add(x_min=55, y_min=5, x_max=95, y_max=35)
    request.keep = True
    (blue,) = (await server.segmentation.SegmentImage(request)).regions
    assert blue.name.startswith(f"{image.name}/regions/")
    assert blue.origin == region_pb2.Region.PROMPTED
    assert blue == await server.segmentation.GetRegion(segmentation_service.GetRegionRequest(name=blue.name))
    request.prompt.text = "a car"
    error = await failure(server.segmentation.SegmentImage(request))
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert detail(error, error_details_pb2.ErrorInfo).metadata["field"] == "prompt.text"
    content = segmentation_service.SegmentContentRequest(parent=PARENT, content=SCENE)
    assert len((await server.segmentation.SegmentContent(content)).regions) == 2


async def test_regions_are_kept_shown_and_deleted(server: RunningServer) -> None:
    image = await created(server)
    drawn = segmentation_service.CreateRegionRequest(parent=image.name, region_id="mine")
    drawn.region.box.CopyFrom(region_pb2.Box(x_min=5, y_min=5, x_max=50, y_max=60))
    drawn.region.labels.add(label="corner")
    region = await server.segmentation.CreateRegion(drawn)
    assert (region.name, region.area) == (f"{image.name}/regions/mine", 45 * 55)
    assert region.origin == region_pb2.Region.MANUAL
    listed = await server.segmentation.ListRegions(
        segmentation_service.ListRegionsRequest(parent=image.name, page_size=1)
    )
    assert ([each.name for each in listed.regions], bool(listed.next_page_token)) == ([region.name], True)
    views = segmentation_service.GetRegionContentRequest
    for view, kind in ((views.CROP, "image/jpeg"), (views.CUTOUT, "image/png"), (views.MASK, "image/png")):
        shown = await server.segmentation.GetRegionContent(views(name=region.name, view=view))
        assert shown.content_type == kind
    await server.segmentation.DeleteRegion(segmentation_service.DeleteRegionRequest(name=region.name))
    gone = segmentation_service.GetRegionRequest(name=region.name)
    assert (await failure(server.segmentation.GetRegion(gone))).code() is grpc.StatusCode.NOT_FOUND

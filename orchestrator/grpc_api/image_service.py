"""ImageService: translate, use case, translate."""

from collections.abc import AsyncIterator

from google.api.httpbody_pb2 import HttpBody
from google.protobuf.empty_pb2 import Empty

from orchestrator.application import content, images
from orchestrator.application.index_image import create_image
from orchestrator.application.permits import Permits
from orchestrator.application.ports import Ports
from orchestrator.domain.names import parse_collection, parse_image
from orchestrator.grpc_api.bulk import answer_items
from orchestrator.grpc_api.field_mask import masked_fields
from orchestrator.grpc_api.interceptors import Context
from orchestrator.grpc_api.translate.image import CHANGEABLE, from_changes, from_create, to_image
from orchestrator.grpc_api.translate.region import from_box
from orchestrator.grpc_api.translate.time import to_timestamp
from orchestrator.grpc_api.upload import receive_upload
from sightline.v1 import image_pb2, image_service_pb2, image_service_pb2_grpc


class ImageServicer(image_service_pb2_grpc.ImageServiceServicer):
    """Images over gRPC. `bulk_in_flight` items of a bulk stream are under way at once."""

    def __init__(self, ports: Ports, uploads: Permits, bulk_in_flight: int) -> None:
        self._ports = ports
        self._uploads = uploads
        self._bulk_in_flight = bulk_in_flight

    async def CreateImage(
        self, request: image_service_pb2.CreateImageRequest, context: Context
    ) -> image_pb2.Image:
        """Creates an image from one message."""
        return await self._create(request)

    async def UploadImage(
        self, request_iterator: AsyncIterator[image_service_pb2.UploadImageRequest], context: Context
    ) -> image_pb2.Image:
        """Creates an image from chunks."""
        async with self._uploads.take():
            return await self._create(await receive_upload(request_iterator))

    async def BulkCreateImages(
        self, request_iterator: AsyncIterator[image_service_pb2.BulkCreateImagesRequest], context: Context
    ) -> AsyncIterator[image_service_pb2.BulkCreateImagesResponse]:
        """Creates images as they come, and answers each as it is done."""
        async for answer in answer_items(request_iterator, self._create, self._bulk_in_flight):
            yield answer

    async def GetImage(self, request: image_service_pb2.GetImageRequest, context: Context) -> image_pb2.Image:
        """Gets an image."""
        return to_image(await images.get_image(self._ports, parse_image(request.name)))

    async def ListImages(
        self, request: image_service_pb2.ListImagesRequest, context: Context
    ) -> image_service_pb2.ListImagesResponse:
        """Lists images."""
        found, token, total = await images.list_images(
            self._ports,
            parent=parse_collection(request.parent, "parent"),
            page_size=request.page_size,
            page_token=request.page_token,
            filter=request.filter,
            order_by=request.order_by,
        )
        return image_service_pb2.ListImagesResponse(
            images=[to_image(each) for each in found], next_page_token=token, total_size=total
        )

    async def UpdateImage(
        self, request: image_service_pb2.UpdateImageRequest, context: Context
    ) -> image_pb2.Image:
        """Changes an image."""
        image = request.image
        fields = masked_fields(image, request.update_mask, changeable=CHANGEABLE)
        changed = await images.update_image(
            self._ports,
            name=parse_image(image.name, "image.name"),
            changes=from_changes(image, fields),
            etag=image.etag,
        )
        return to_image(changed)

    async def DeleteImage(self, request: image_service_pb2.DeleteImageRequest, context: Context) -> Empty:
        """Deletes an image."""
        await images.delete_image(
            self._ports,
            name=parse_image(request.name),
            etag=request.etag,
            allow_missing=request.allow_missing,
        )
        return Empty()

    async def GetImageContent(
        self, request: image_service_pb2.GetImageContentRequest, context: Context
    ) -> HttpBody:
        """Gets an image's file, or a smaller or cropped picture of it."""
        content_type, data = await content.image_content(
            self._ports,
            name=parse_image(request.name),
            max_pixels=request.max_pixels,
            crop=from_box(request.crop) if request.HasField("crop") else None,
        )
        return HttpBody(content_type=content_type, data=data)

    async def GenerateImageUri(
        self, request: image_service_pb2.GenerateImageUriRequest, context: Context
    ) -> image_service_pb2.GenerateImageUriResponse:
        """Makes a URL of the bucket that leads to an image's file."""
        uri, expires = await content.image_uri(
            self._ports,
            name=parse_image(request.name),
            lifetime=request.ttl.ToTimedelta() if request.HasField("ttl") else content.URI_LIFETIME,
        )
        return image_service_pb2.GenerateImageUriResponse(uri=uri, expire_time=to_timestamp(expires))

    async def _create(self, request: image_service_pb2.CreateImageRequest) -> image_pb2.Image:
        return to_image(await create_image(self._ports, from_create(request)))

"""SegmentationService: translate, use case, translate."""

from google.api.httpbody_pb2 import HttpBody
from google.protobuf.empty_pb2 import Empty

from orchestrator.application import content, regions, segment
from orchestrator.application.ports import Ports
from orchestrator.domain.names import parse_collection, parse_image, parse_region
from orchestrator.grpc_api.interceptors import Context
from orchestrator.grpc_api.translate.image import from_labels
from orchestrator.grpc_api.translate.region import (
    from_box,
    from_mask,
    from_prompt,
    to_region,
    to_segmentation,
)
from sightline.v1 import region_pb2, segmentation_service_pb2, segmentation_service_pb2_grpc
from sightline.v1.segmentation_service_pb2 import GetRegionContentRequest


class SegmentationServicer(segmentation_service_pb2_grpc.SegmentationServiceServicer):
    """Segmentation and regions over gRPC."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def SegmentImage(
        self, request: segmentation_service_pb2.SegmentImageRequest, context: Context
    ) -> segmentation_service_pb2.SegmentImageResponse:
        """Segments a stored image."""
        prompt = from_prompt(request.prompt)
        result = await segment.segment_image(
            self._ports, name=parse_image(request.name), prompt=prompt, keep=request.keep
        )
        return to_segmentation(result)

    async def SegmentContent(
        self, request: segmentation_service_pb2.SegmentContentRequest, context: Context
    ) -> segmentation_service_pb2.SegmentImageResponse:
        """Segments a picture that is not stored."""
        prompt = from_prompt(request.prompt)
        result = await segment.segment_content(
            self._ports,
            parent=parse_collection(request.parent, "parent"),
            content=request.content,
            prompt=prompt,
        )
        return to_segmentation(result)

    async def ListRegions(
        self, request: segmentation_service_pb2.ListRegionsRequest, context: Context
    ) -> segmentation_service_pb2.ListRegionsResponse:
        """Lists an image's regions."""
        found, token = await regions.list_regions(
            self._ports,
            parent=parse_image(request.parent, "parent"),
            page_size=request.page_size,
            page_token=request.page_token,
        )
        return segmentation_service_pb2.ListRegionsResponse(
            regions=[to_region(each) for each in found], next_page_token=token
        )

    async def GetRegion(
        self, request: segmentation_service_pb2.GetRegionRequest, context: Context
    ) -> region_pb2.Region:
        """Gets a region."""
        return to_region(await regions.get_region(self._ports, parse_region(request.name)))

    async def CreateRegion(
        self, request: segmentation_service_pb2.CreateRegionRequest, context: Context
    ) -> region_pb2.Region:
        """Keeps a region that the caller drew."""
        given = request.region
        created = await regions.create_region(
            self._ports,
            parent=parse_image(request.parent, "parent"),
            region_id=request.region_id,
            box=from_box(given.box),
            mask=from_mask(given.mask) if given.HasField("mask") else None,
            labels=from_labels(given.labels),
        )
        return to_region(created)

    async def DeleteRegion(
        self, request: segmentation_service_pb2.DeleteRegionRequest, context: Context
    ) -> Empty:
        """Deletes a region."""
        await regions.delete_region(self._ports, parse_region(request.name))
        return Empty()

    async def GetRegionContent(
        self, request: segmentation_service_pb2.GetRegionContentRequest, context: Context
    ) -> HttpBody:
        """Gets a region as a picture."""
        view = GetRegionContentRequest.View.Name(request.view or GetRegionContentRequest.CROP)
        content_type, data = await content.region_content(
            self._ports,
            name=parse_region(request.name),
            view=content.RegionView(view),
            max_pixels=request.max_pixels,
        )
        return HttpBody(content_type=content_type, data=data)

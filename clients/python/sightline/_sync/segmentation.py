# Made from _async/segmentation.py by generate_sync.py. Do not edit.
"""Calls that segment, and calls on regions."""

from collections.abc import Iterator, Sequence

from google.api.httpbody_pb2 import HttpBody

from sightline._inputs import BoxLike, PictureFile, View, collection_name, read_picture, to_box
from sightline._sync.calls import Calls
from sightline.v1 import image_pb2, region_pb2, segmentation_service_pb2
from sightline.v1.segmentation_service_pb2 import GetRegionContentRequest, Prompt


def prompt_of(
    points: Sequence[tuple[float, float]],
    background_points: Sequence[tuple[float, float]],
    boxes: Sequence[BoxLike],
    quick: bool,
    multimask: bool,
) -> Prompt:
    """The message for what the caller gave. Raises ValueError for points and boxes together."""
    if boxes and (points or background_points):
        raise ValueError("give points or boxes, not both")
    if boxes:
        return Prompt(boxes=Prompt.Boxes(boxes=[to_box(box) for box in boxes]))
    if points or background_points:
        on = [Prompt.Point(x=x, y=y) for x, y in points]
        beside = [Prompt.Point(x=x, y=y, background=True) for x, y in background_points]
        return Prompt(points=Prompt.Points(points=on + beside, multimask=multimask))
    return Prompt(everything=Prompt.Everything(quick=quick))


class Segmentation(Calls):
    """`sightline.v1.SegmentationService`."""

    def segment_image(
        self,
        name: str,
        *,
        points: Sequence[tuple[float, float]] = (),
        background_points: Sequence[tuple[float, float]] = (),
        boxes: Sequence[BoxLike] = (),
        quick: bool = True,
        multimask: bool = False,
        keep: bool = False,
    ) -> segmentation_service_pb2.SegmentImageResponse:
        """Segments a stored image: what lies under points, in boxes, or, given neither, everything.

        Points are (x, y) in pixels of the upright picture; those of the background are not on the thing.
        `quick`: a coarser grid than SAM 2's published one. `multimask`: three masks of an ambiguous point.
        `keep` makes the regions searchable. Raises NotFound, InvalidArgument, Unavailable, ValueError.
        """
        request = segmentation_service_pb2.SegmentImageRequest(
            name=name, prompt=prompt_of(points, background_points, boxes, quick, multimask), keep=keep
        )
        return self._call(self._segmentation.SegmentImage, request)

    def segment_picture(
        self,
        picture: PictureFile,
        *,
        collection: str = "default",
        points: Sequence[tuple[float, float]] = (),
        background_points: Sequence[tuple[float, float]] = (),
        boxes: Sequence[BoxLike] = (),
        quick: bool = True,
        multimask: bool = False,
    ) -> segmentation_service_pb2.SegmentImageResponse:
        """As `segment_image`, for a picture that is not stored, with a collection's segmenter.

        Raises what it raises, and OSError.
        """
        request = segmentation_service_pb2.SegmentContentRequest(
            parent=collection_name(collection),
            content=read_picture(picture),
            prompt=prompt_of(points, background_points, boxes, quick, multimask),
        )
        return self._call(self._segmentation.SegmentContent, request)

    def list_regions(self, image: str, *, page_size: int = 0) -> Iterator[region_pb2.Region]:
        """The regions of an image, the largest first, fetched a page at a time. Raises NotFound."""
        request = segmentation_service_pb2.ListRegionsRequest(parent=image, page_size=page_size)
        while True:
            page = self._call(self._segmentation.ListRegions, request)
            for region in page.regions:
                yield region
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def get_region(self, name: str) -> region_pb2.Region:
        """Gets a region. Raises NotFound."""
        return self._call(self._segmentation.GetRegion, segmentation_service_pb2.GetRegionRequest(name=name))

    def create_region(
        self,
        image: str,
        box: BoxLike,
        *,
        mask: region_pb2.Mask | None = None,
        labels: Sequence[str] = (),
        region_id: str = "",
    ) -> region_pb2.Region:
        """Keeps a region that the caller drew, and makes it searchable. Raises InvalidArgument, NotFound."""
        region = region_pb2.Region(
            box=to_box(box), mask=mask, labels=[image_pb2.Label(label=label) for label in labels]
        )
        request = segmentation_service_pb2.CreateRegionRequest(
            parent=image, region_id=region_id, region=region
        )
        return self._call(self._segmentation.CreateRegion, request)

    def delete_region(self, name: str) -> None:
        """Deletes a region. Raises NotFound."""
        request = segmentation_service_pb2.DeleteRegionRequest(name=name)
        self._call(self._segmentation.DeleteRegion, request)

    def region_content(self, name: str, *, view: View = "crop", max_pixels: int = 0) -> HttpBody:
        """A region as a picture, JPEG or PNG: `data` and `content_type`. Raises NotFound, DataLoss.

        `max_pixels`: the longer side at most; 0: as it is.
        """
        request = GetRegionContentRequest(
            name=name, view=GetRegionContentRequest.View.Value(view.upper()), max_pixels=max_pixels
        )
        return self._call(self._segmentation.GetRegionContent, request)

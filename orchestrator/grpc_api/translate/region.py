"""Regions, boxes, masks and prompts, as messages and back."""

from orchestrator.application.segment import SegmentResult
from orchestrator.domain.errors import Unimplemented
from orchestrator.domain.region import (
    Box,
    Boxes,
    Everything,
    Mask,
    Origin,
    Point,
    Points,
    Prompt,
    Region,
    Segment,
)
from orchestrator.grpc_api.translate.image import to_labels
from orchestrator.grpc_api.translate.time import to_duration, to_timestamp
from sightline.v1 import region_pb2, segmentation_service_pb2


def to_box(box: Box) -> region_pb2.Box:
    """The message of a box."""
    return region_pb2.Box(x_min=box.x_min, y_min=box.y_min, x_max=box.x_max, y_max=box.y_max)


def from_box(box: region_pb2.Box) -> Box:
    """A box of a request."""
    return Box(x_min=box.x_min, y_min=box.y_min, x_max=box.x_max, y_max=box.y_max)


def to_mask(mask: Mask) -> region_pb2.Mask:
    """The message of a mask."""
    return region_pb2.Mask(size=(mask.height, mask.width), counts=mask.counts)


def from_mask(mask: region_pb2.Mask) -> Mask:
    """A mask of a request."""
    height, width = mask.size
    return Mask(height=height, width=width, counts=mask.counts)


def to_region(region: Region) -> region_pb2.Region:
    """The message of a kept region."""
    message = to_segment(region.segment, region.origin)
    message.name = str(region.name)
    message.image = str(region.name.parent)
    message.labels.extend(to_labels(region.labels))
    message.predicted_labels.extend(to_labels(region.predicted_labels))
    message.create_time.CopyFrom(to_timestamp(region.create_time))
    return message


def to_segment(segment: Segment, origin: Origin) -> region_pb2.Region:
    """The message of a region that is not kept: it has no name."""
    return region_pb2.Region(
        box=to_box(segment.box),
        mask=to_mask(segment.mask) if segment.mask is not None else None,
        area=segment.area,
        predicted_iou=segment.predicted_iou,
        stability_score=segment.stability_score,
        origin=region_pb2.Region.Origin.Value(origin.value),
    )


def from_prompt(prompt: segmentation_service_pb2.Prompt) -> Prompt:
    """A prompt; everything when it is unset. Raises Unimplemented for a text."""
    match prompt.WhichOneof("prompt"):
        case "points":
            points = tuple(
                Point(x=point.x, y=point.y, background=point.background) for point in prompt.points.points
            )
            return Points(points=points, multimask=prompt.points.multimask)
        case "boxes":
            return Boxes(boxes=tuple(from_box(box) for box in prompt.boxes.boxes))
        case "text":
            raise Unimplemented.field("prompt.text")
    return _from_everything(prompt.everything)


def _from_everything(given: segmentation_service_pb2.Prompt.Everything) -> Everything:
    settings = {field.name: value for field, value in given.ListFields() if field.name != "quick"}
    return Everything(quick=given.quick, **settings)


def to_segmentation(result: SegmentResult) -> segmentation_service_pb2.SegmentImageResponse:
    """The answer of `SegmentImage` and `SegmentContent`."""
    found = (
        [to_region(region) for region in result.kept]
        if result.kept
        else [to_segment(segment, result.origin) for segment in result.segments]
    )
    return segmentation_service_pb2.SegmentImageResponse(
        regions=found,
        width=result.width,
        height=result.height,
        duration=to_duration(result.seconds),
    )

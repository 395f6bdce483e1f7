"""What somebody marked in a picture, as segments of it."""

import asyncio
from collections.abc import Mapping, Sequence

from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import Label
from orchestrator.domain.import_source import AnnotatedRegion
from orchestrator.domain.region import Box, Segment
from orchestrator.domain.rle import mask_area

MAX_ANNOTATED = 1000
"""Regions that are taken of one picture."""


async def to_segments(
    annotated: Sequence[AnnotatedRegion], width: int, height: int
) -> Mapping[Segment, tuple[Label, ...]]:
    """Segments of a picture and their labels, in order; boxes are cut to the picture, empty ones left out.

    Raises InvalidArgument for too many, and for a mask that is of another size or makes no sense.
    """
    if len(annotated) > MAX_ANNOTATED:
        raise InvalidArgument.field(
            "regions", f"{len(annotated)} of one picture; at most {MAX_ANNOTATED} are taken"
        )
    found: dict[Segment, tuple[Label, ...]] = {}
    for number, region in enumerate(annotated):
        mask = region.mask
        if mask and (mask.width, mask.height) != (width, height):
            raise InvalidArgument.field(
                f"regions[{number}].mask.size",
                f"is {mask.height} x {mask.width}, and the picture is {height} x {width}",
            )
        box = Box(
            x_min=max(region.box.x_min, 0),
            y_min=max(region.box.y_min, 0),
            x_max=min(region.box.x_max, width),
            y_max=min(region.box.y_max, height),
        )
        if not (box.x_min < box.x_max and box.y_min < box.y_max):  # NaN too
            continue
        area = round(box.area)
        if mask:
            area = await asyncio.to_thread(mask_area, mask, f"regions[{number}].mask")
        found[Segment(box=box, mask=mask, area=area)] = region.labels
    return found

"""Turns a segmenter's answers into regions with vectors."""

from collections.abc import Sequence
from datetime import datetime

from orchestrator.application.ports import Embedder, StoredVector
from orchestrator.domain.image import Label, Picture
from orchestrator.domain.names import RegionName
from orchestrator.domain.region import Origin, Region, Segment, crop

MAX_AUTOMATIC = 64
"""Regions that are kept of one automatic segmentation: the largest."""


def largest(segments: Sequence[Segment]) -> list[Segment]:
    """The segments that automatic segmentation keeps."""
    return sorted(segments, key=lambda segment: -segment.area)[:MAX_AUTOMATIC]


async def embed_regions(
    embedder: Embedder,
    picture: Picture,
    parts: Sequence[tuple[RegionName, Segment]],
    *,
    origin: Origin,
    now: datetime,
    labels: tuple[Label, ...] = (),
) -> tuple[list[Region], list[StoredVector]]:
    """Regions and the vectors of their boxes' pixels, which go through the tower in one batch.

    Raises Unavailable.
    """
    if not parts:
        return [], []
    embedded = await embedder.embed_pictures([crop(picture, segment.box) for _, segment in parts], bulk=True)
    regions = [
        Region(name=name, segment=segment, labels=labels, origin=origin, create_time=now)
        for name, segment in parts
    ]
    space = embedder.space.stamp
    vectors = [
        StoredVector(name=name, space=space, vector=vector)
        for (name, _), vector in zip(parts, embedded, strict=True)
    ]
    return regions, vectors

"""Segments pictures: everything in them, or what lies under points or in boxes."""

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from orchestrator.application import regions
from orchestrator.application.content import check_box, stored_file
from orchestrator.application.ports import LazyPicture, Ports, Segmenter
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument
from orchestrator.domain.image import FileFacts, Image, Picture
from orchestrator.domain.names import CollectionName, ImageName
from orchestrator.domain.region import Boxes, Everything, Origin, Points, Prompt, Region, Segment

MAX_POINTS, MAX_BOXES = 64, 256
MAX_POINTS_PER_SIDE, MAX_POINTS_PER_BATCH = 64, 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentResult:
    """What a prompt found: `segments` by predicted IoU for everything, in the prompts' order otherwise.

    `kept` are the same as regions with names, where they were kept, else empty. `width` and `height` are of
    the upright picture; `seconds` is how long the segmenter took.
    """

    segments: tuple[Segment, ...]
    kept: tuple[Region, ...]
    origin: Origin
    width: int
    height: int
    seconds: float


async def segment_image(
    ports: Ports, *, name: ImageName, prompt: Prompt, keep: bool = False
) -> SegmentResult:
    """Segments a stored image; with `keep`, its regions become searchable.

    Its file is read and decoded only where Triton does not hold its features. Raises NotFound,
    InvalidArgument for a prompt outside the picture, FailedPrecondition without a segmenter,
    ResourceExhausted, Unavailable.
    """
    collection = await ports.catalog.get_collection(name.parent)
    image = await ports.catalog.get_image(name)
    segmenter = segmenter_of(ports, collection)
    check_prompt(prompt, image.facts)
    async with AsyncExitStack() as held:
        result = await _segment(segmenter, StoredPicture(ports, image, held), prompt)
    if not keep or not result.segments:
        return result
    kept = await regions.keep_regions(ports, image=image, segments=result.segments, origin=result.origin)
    return SegmentResult(
        segments=tuple(region.segment for region in kept),
        kept=tuple(kept),
        origin=result.origin,
        width=result.width,
        height=result.height,
        seconds=result.seconds,
    )


async def segment_content(
    ports: Ports, *, parent: CollectionName, content: bytes, prompt: Prompt
) -> SegmentResult:
    """Segments a picture that is not stored, with a collection's segmenter.

    Raises NotFound, InvalidArgument, FailedPrecondition, ResourceExhausted, Unavailable.
    """
    segmenter = segmenter_of(ports, await ports.catalog.get_collection(parent))
    async with ports.permits.take(len(content)):
        decoded = await ports.pictures.decode(content)
        check_prompt(prompt, decoded.facts)
        return await _segment(segmenter, DecodedInMemory(decoded.facts, decoded.pixels), prompt)


@dataclass(frozen=True, slots=True)
class DecodedInMemory:
    """A LazyPicture that is decoded already."""

    facts: FileFacts
    picture: Picture

    @property
    def sha256(self) -> str:
        """SHA-256 of its file."""
        return self.facts.sha256

    @property
    def width(self) -> int:
        """Of the upright picture, in pixels."""
        return self.facts.width

    @property
    def height(self) -> int:
        """Of the upright picture, in pixels."""
        return self.facts.height

    async def pixels(self) -> Picture:
        """The upright pixels."""
        return self.picture


@dataclass(slots=True)
class StoredPicture:
    """A LazyPicture whose file is read and decoded when its pixels are first asked for.

    From then on `held` holds a permit for it.
    """

    ports: Ports
    image: Image
    held: AsyncExitStack
    picture: Picture | None = field(default=None, init=False)

    @property
    def sha256(self) -> str:
        """SHA-256 of its file."""
        return self.image.facts.sha256

    @property
    def width(self) -> int:
        """Of the upright picture, in pixels."""
        return self.image.facts.width

    @property
    def height(self) -> int:
        """Of the upright picture, in pixels."""
        return self.image.facts.height

    async def pixels(self) -> Picture:
        """The upright pixels. Raises DataLoss, ResourceExhausted where too much waits."""
        if self.picture is None:
            await self.held.enter_async_context(self.ports.permits.take(self.image.facts.size_bytes))
            content = await stored_file(self.ports, self.image)
            self.picture = (await self.ports.pictures.decode(content)).pixels
        return self.picture


def segmenter_of(ports: Ports, collection: Collection) -> Segmenter:
    """A collection's segmenter. Raises FailedPrecondition where it has none, or none that is installed."""
    metadata = {"collection": str(collection.name), "segmenter": collection.segmenter}
    if not collection.segmenter:
        raise FailedPrecondition(
            f"{collection.name} has no segmenter", reason="NO_SEGMENTER", metadata=metadata
        )
    try:
        return ports.models.segmenter(collection.segmenter)
    except InvalidArgument as error:
        raise FailedPrecondition(
            f"the segmenter of {collection.name}, {collection.segmenter}, is not installed",
            reason="PACK_NOT_INSTALLED",
            metadata=metadata,
        ) from error


def check_prompt(prompt: Prompt, facts: FileFacts) -> None:
    """Raises InvalidArgument for a prompt beyond the limits or outside the picture."""
    match prompt:
        case Everything():
            _check_range(prompt.points_per_side, MAX_POINTS_PER_SIDE, "points_per_side")
            _check_range(prompt.points_per_batch, MAX_POINTS_PER_BATCH, "points_per_batch")
        case Points():
            _check_count(len(prompt.points), MAX_POINTS, "prompt.points.points")
            for place, point in enumerate(prompt.points):
                if not (0 <= point.x <= facts.width and 0 <= point.y <= facts.height):
                    raise InvalidArgument.field(
                        f"prompt.points.points[{place}]",
                        f"lies outside the picture of {facts.width} x {facts.height}",
                    )
        case Boxes():
            _check_count(len(prompt.boxes), MAX_BOXES, "prompt.boxes.boxes")
            for place, box in enumerate(prompt.boxes):
                check_box(box, facts, f"prompt.boxes.boxes[{place}]")


def _check_range(value: int | None, most: int, setting: str) -> None:
    if value is not None and not 1 <= value <= most:
        raise InvalidArgument.field(f"prompt.everything.{setting}", f"must be from 1 to {most}")


def _check_count(count: int, most: int, field: str) -> None:
    if not 1 <= count <= most:
        raise InvalidArgument.field(field, f"must hold 1 to {most}")


async def _segment(segmenter: Segmenter, picture: LazyPicture, prompt: Prompt) -> SegmentResult:
    start = time.perf_counter()
    segments = await segmenter.segment(picture, prompt)
    return SegmentResult(
        segments=tuple(segments),
        kept=(),
        origin=Origin.AUTOMATIC if isinstance(prompt, Everything) else Origin.PROMPTED,
        width=picture.width,
        height=picture.height,
        seconds=time.perf_counter() - start,
    )

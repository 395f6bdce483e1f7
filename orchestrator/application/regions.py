"""Lists, gets, keeps and deletes regions."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from orchestrator.application.annotations import to_segments
from orchestrator.application.content import stored_file
from orchestrator.application.embed import embedder_of
from orchestrator.application.embed_regions import embed_regions
from orchestrator.application.paging import clamp_page_size, decode_page_token, encode_page_token
from orchestrator.application.ports import Ports, RegionKey
from orchestrator.application.predict_labels import predict_labels_soon, vocabulary_of, with_labels
from orchestrator.application.settle import see_through, settle
from orchestrator.domain.errors import AlreadyExists, InvalidArgument, NotFound
from orchestrator.domain.identifiers import new_id
from orchestrator.domain.image import Image, Label
from orchestrator.domain.import_source import AnnotatedRegion
from orchestrator.domain.names import IMAGE_ID, ImageName, RegionName
from orchestrator.domain.region import Box, Mask, Origin, Region, Segment
from orchestrator.domain.rle import mask_area


async def list_regions(
    ports: Ports, *, parent: ImageName, page_size: int = 0, page_token: str = ""
) -> tuple[Sequence[Region], str]:
    """A page of an image's regions, the largest first, and the next page's token.

    Raises NotFound for the image, InvalidArgument for a token of another list.
    """
    size = clamp_page_size(page_size)
    request = {"method": "ListRegions", "parent": str(parent)}
    cursor = decode_page_token(page_token, request)
    after = None if cursor is None else RegionKey(area=cursor[0], region=cursor[1])
    found = await ports.catalog.list_regions(parent, limit=size + 1, after=after)
    page = found[:size]
    if len(found) <= size:
        return page, ""
    return page, encode_page_token([page[-1].segment.area, page[-1].name.region], request)


async def get_region(ports: Ports, name: RegionName) -> Region:
    """Raises NotFound."""
    return await ports.catalog.get_region(name)


async def create_region(
    ports: Ports,
    *,
    parent: ImageName,
    region_id: str = "",
    box: Box,
    mask: Mask | None = None,
    labels: tuple[Label, ...] = (),
) -> Region:
    """Keeps a region that the caller drew, embeds it and makes it searchable.

    Raises NotFound for the image; AlreadyExists; InvalidArgument for a box outside the picture or a mask of
    another size; Unavailable.
    """
    if region_id and not IMAGE_ID.fullmatch(region_id):
        raise InvalidArgument.field(
            "region_id", "is letters, digits, '.', '_', '~' and '-', a letter or digit first, at most 128"
        )
    image = await ports.catalog.get_image(parent)
    _check(image, box, mask)
    area = await asyncio.to_thread(mask_area, mask, "region.mask") if mask else round(box.area)
    name = RegionName(parent.collection, parent.image, region_id or new_id())
    if region_id and await ports.catalog.get_regions([name]):
        raise AlreadyExists.resource(str(name))
    segment = Segment(box=box, mask=mask, area=area)
    kept = await _keep(ports, image, [(name, segment)], Origin.MANUAL, labels)
    return kept[0]


async def keep_regions(
    ports: Ports, *, image: Image, segments: Sequence[Segment], origin: Origin
) -> list[Region]:
    """Keeps what a segmenter answered as regions of a stored image, in its order, and makes them searchable.

    Raises NotFound where the image is gone, Unavailable.
    """
    parts = [(RegionName(image.name.collection, image.name.image, new_id()), each) for each in segments]
    return await _keep(ports, image, parts, origin, ()) if parts else []


async def annotate(ports: Ports, image: ImageName, annotated: Sequence[AnnotatedRegion]) -> None:
    """Keeps what somebody marked in a stored image as IMPORTED regions, and makes it searchable.

    Raises NotFound where the image is gone, InvalidArgument for what does not fit it, Unavailable.
    """
    if not annotated:
        return
    stored = await ports.catalog.get_image(image)
    labelled = await to_segments(annotated, stored.facts.width, stored.facts.height)
    for segment, labels in labelled.items():
        name = RegionName(image.collection, image.image, new_id())
        await _keep(ports, stored, [(name, segment)], Origin.IMPORTED, labels)


async def delete_region(ports: Ports, name: RegionName) -> None:
    """Deletes a region and its vector.

    Raises NotFound; Unavailable: it is hidden then, and recovery deletes it.
    """

    async def write() -> None:
        entry = await ports.catalog.begin_region_deletion(name)
        await settle(ports, name.parent, entry)

    await see_through(write())


async def _keep(
    ports: Ports,
    image: Image,
    parts: Sequence[tuple[RegionName, Segment]],
    origin: Origin,
    labels: tuple[Label, ...],
) -> list[Region]:
    collection = await ports.catalog.get_collection(image.name.parent)
    embedder = embedder_of(ports, collection)
    async with ports.permits.take(image.facts.size_bytes):
        decoded = await ports.pictures.decode(await stored_file(ports, image))
        regions, vectors = await embed_regions(
            embedder, decoded.pixels, parts, origin=origin, now=datetime.now(UTC), labels=labels
        )
    words = vocabulary_of(embedder, collection)
    predicted = await predict_labels_soon(ports.vocabularies, embedder, words, vectors)
    regions = with_labels(regions, predicted)

    async def write() -> None:
        entry = await ports.catalog.begin_regions(
            image.name, regions, vectors, vocabulary=predicted.vocabulary
        )
        if await settle(ports, image.name, entry) is None:
            raise NotFound.resource(str(image.name))

    await see_through(write())
    return regions


def _check(image: Image, box: Box, mask: Mask | None) -> None:
    width, height = image.facts.width, image.facts.height
    if not (0 <= box.x_min < box.x_max <= width and 0 <= box.y_min < box.y_max <= height):
        raise InvalidArgument.field("region.box", f"does not lie in the picture of {width} x {height} pixels")
    if mask is None:
        return
    if (mask.width, mask.height) != (width, height):
        raise InvalidArgument.field(
            "region.mask.size", f"is {mask.height} x {mask.width}, and the picture is {height} x {width}"
        )

"""Asks a collection's models what a picture shows."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from orchestrator.application.annotations import to_segments
from orchestrator.application.caption import captioner_of, write_caption
from orchestrator.application.embed import embedder_of
from orchestrator.application.embed_regions import embed_regions, largest
from orchestrator.application.ports import DecodedPicture, Ports, StoredVector
from orchestrator.application.predict_labels import predict_labels_soon, vocabulary_of, with_labels
from orchestrator.application.segment import DecodedInMemory, segmenter_of
from orchestrator.domain.collection import Collection, Segmentation
from orchestrator.domain.image import Image
from orchestrator.domain.import_source import AnnotatedRegion
from orchestrator.domain.names import RegionName
from orchestrator.domain.region import Everything, Origin, Region, Segment

First = TypeVar("First")
Second = TypeVar("Second")


async def understand(
    ports: Ports,
    collection: Collection,
    image: Image,
    decoded: DecodedPicture,
    annotated: Sequence[AnnotatedRegion] = (),
) -> tuple[Image, list[Region], list[StoredVector]]:
    """What the models say of a picture: the image and its regions, labelled, and the vectors of them all.

    Tower, segmenter and captioner work side by side, then the tower on the crops. A picture that somebody
    `annotated` is not segmented. Raises InvalidArgument for annotations that do not fit the picture,
    FailedPrecondition where a pack is not installed, Unavailable.
    """
    given = await to_segments(annotated, decoded.facts.width, decoded.facts.height)
    embedder = embedder_of(ports, collection)
    (embedded, segments), (caption, wrote) = await side_by_side(
        side_by_side(
            embedder.embed_pictures([decoded.pixels], bulk=True),
            _segment(ports, collection, decoded, given=bool(annotated)),
        ),
        _caption(ports, collection, image, decoded),
    )
    whole = StoredVector(name=image.name, space=collection.space, vector=embedded[0])
    parts = [
        (RegionName(image.name.collection, image.name.image, str(number)), segment)
        for number, segment in enumerate(given or largest(segments), start=1)
    ]
    origin = Origin.IMPORTED if annotated else Origin.AUTOMATIC
    regions, vectors = await embed_regions(
        embedder, decoded.pixels, parts, origin=origin, now=image.create_time
    )
    if given:
        regions = [
            replace(region, labels=given[segment])
            for region, (_, segment) in zip(regions, parts, strict=True)
        ]
    vectors = [whole, *vectors]
    words = vocabulary_of(embedder, collection)
    predicted = await predict_labels_soon(ports.vocabularies, embedder, words, vectors)
    image = replace(
        image,
        region_count=len(regions),
        description=replace(image.description, caption=caption),
        captioner=wrote,
        predicted_labels=predicted.labels.get(image.name, ()),
        vocabulary=predicted.vocabulary,
    )
    return image, with_labels(regions, predicted), vectors


async def _caption(
    ports: Ports, collection: Collection, image: Image, decoded: DecodedPicture
) -> tuple[str, str | None]:
    """The caller's caption, else the captioner's, where there is one; and `Image.captioner`."""
    if image.description.caption:
        return image.description.caption, None
    captioner = captioner_of(ports, collection)
    if captioner is None:
        return "", ""
    return await write_caption(captioner, decoded.pixels), captioner.stamp


async def _segment(
    ports: Ports, collection: Collection, decoded: DecodedPicture, *, given: bool
) -> Sequence[Segment]:
    if given or collection.segmentation is Segmentation.OFF:
        return []
    prompt = Everything(quick=collection.segmentation is Segmentation.QUICK)
    picture = DecodedInMemory(decoded.facts, decoded.pixels)
    return await segmenter_of(ports, collection).segment(picture, prompt)


async def side_by_side(
    first: Coroutine[Any, Any, First], second: Coroutine[Any, Any, Second]
) -> tuple[First, Second]:
    """Awaits both; where one fails, the other is cancelled and its error raised."""
    try:
        async with asyncio.TaskGroup() as group:
            one, two = group.create_task(first), group.create_task(second)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return one.result(), two.result()

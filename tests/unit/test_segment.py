"""Segmenting stored and other pictures through the use case."""

from dataclasses import replace

import pytest

from orchestrator.application import collections, regions
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.permits import Permits
from orchestrator.application.ports import Ports
from orchestrator.application.query import TextQuery
from orchestrator.application.search import SearchQuery, Target, search
from orchestrator.application.segment import segment_content, segment_image
from orchestrator.domain.collection import Segmentation
from orchestrator.domain.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    Unavailable,
)
from orchestrator.domain.names import CollectionName, ImageName
from orchestrator.domain.region import Box, Boxes, Everything, Origin, Point, Points, Prompt
from tests.fakes.models import BLIND, PACK, ColourModels
from tests.fixtures.pictures import png

PARENT, NAME = CollectionName("shop"), ImageName("shop", "two")
RED, BLUE = Box(x_min=0, y_min=0, x_max=20, y_max=20), Box(x_min=50, y_min=30, x_max=80, y_max=60)
PICTURE = png("white", {"red": (0, 0, 19, 19), "blue": (50, 30, 79, 59)})


@pytest.fixture
async def shop(ports: Ports) -> Ports:
    await collections.create_collection(
        ports,
        collection_id="shop",
        display_name="",
        embedder=PACK,
        segmenter=PACK,
        segmentation=Segmentation.OFF,
    )
    await create_image(ports, CreateImage(parent=PARENT, image_id="two", content=PICTURE))
    return ports


@pytest.mark.parametrize(
    ("prompt", "boxes", "origin"),
    [
        (Everything(), [BLUE, RED], Origin.AUTOMATIC),
        (Points(points=(Point(x=5, y=5),)), [RED], Origin.PROMPTED),
        (Boxes(boxes=(RED, BLUE)), [RED, BLUE], Origin.PROMPTED),
    ],
)
async def test_stored_and_other_pictures_alike(
    shop: Ports, prompt: Prompt, boxes: list[Box], origin: Origin
) -> None:
    for result in (
        await segment_image(shop, name=NAME, prompt=prompt),
        await segment_content(shop, parent=PARENT, content=PICTURE, prompt=prompt),
    ):
        assert [segment.box for segment in result.segments] == boxes
        assert (result.origin, result.width, result.height, result.kept) == (origin, 96, 64, ())
        assert result.seconds > 0
    assert (await regions.list_regions(shop, parent=NAME))[0] == []


async def test_kept_regions_are_searchable(shop: Ports) -> None:
    result = await segment_image(shop, name=NAME, prompt=Boxes(boxes=(RED, BLUE)), keep=True)
    assert [region.segment.box for region in result.kept] == [RED, BLUE]
    assert {region.origin for region in result.kept} == {Origin.PROMPTED}
    hits = await search(
        shop, SearchQuery(parent=PARENT, query=TextQuery("blue"), target=Target.REGIONS, page_size=1)
    )
    assert hits.hits[0].region == result.kept[1]


async def test_a_stored_picture_is_decoded_under_a_permit_that_is_given_back(shop: Ports) -> None:
    busy = replace(shop, permits=Permits(under_way=1, waiting=0))
    async with busy.permits.take():
        with pytest.raises(ResourceExhausted):
            await segment_image(busy, name=NAME, prompt=Everything())
    for _ in range(2):
        assert len((await segment_image(busy, name=NAME, prompt=Everything(), keep=True)).kept) == 2


@pytest.mark.parametrize(
    ("prompt", "field"),
    [
        (Points(points=(Point(x=5, y=5), Point(x=97, y=5))), "prompt.points.points[1]"),
        (Points(points=()), "prompt.points.points"),
        (Points(points=(Point(x=1, y=1),) * 65), "prompt.points.points"),
        (Boxes(boxes=(Box(x_min=96, y_min=0, x_max=99, y_max=5),)), "prompt.boxes.boxes[0]"),
        (Boxes(boxes=()), "prompt.boxes.boxes"),
        (Everything(points_per_side=65), "prompt.everything.points_per_side"),
        (Everything(points_per_batch=0), "prompt.everything.points_per_batch"),
    ],
)
async def test_prompts_that_make_no_sense(shop: Ports, prompt: Prompt, field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await segment_image(shop, name=NAME, prompt=prompt)
    assert caught.value.violations[0].field == field
    with pytest.raises(InvalidArgument):
        await segment_content(shop, parent=PARENT, content=PICTURE, prompt=prompt)


async def test_what_cannot_be_segmented(shop: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = Everything()
    with pytest.raises(NotFound):
        await segment_image(shop, name=ImageName("shop", "nobody"), prompt=everything)
    with pytest.raises(InvalidArgument) as caught:
        await segment_content(shop, parent=PARENT, content=b"no picture", prompt=everything)
    assert caught.value.violations[0].field == "content"
    await collections.create_collection(
        replace(shop, default_segmenter=""),
        collection_id="blind",
        display_name="",
        embedder=BLIND,
        segmenter="",
        segmentation=Segmentation.OFF,
    )
    with pytest.raises(FailedPrecondition):
        await segment_content(shop, parent=CollectionName("blind"), content=PICTURE, prompt=everything)
    assert isinstance(shop.models, ColourModels)
    shop.models.gone = True
    with pytest.raises(Unavailable):
        await segment_image(shop, name=NAME, prompt=everything)

    def unknown(pack: str) -> None:
        raise InvalidArgument.field("segmenter", "unknown")

    monkeypatch.setattr(shop.models, "segmenter", unknown)
    with pytest.raises(FailedPrecondition) as gone:
        await segment_image(shop, name=NAME, prompt=everything)
    assert gone.value.reason == "PACK_NOT_INSTALLED"

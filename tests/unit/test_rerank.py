"""Reranking through the search use case: order, pages, weights, and what is skipped or refused."""

import asyncio
from typing import Any

import pytest

from orchestrator.application import images
from orchestrator.application.collections import create_collection, update_collection
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Ports
from orchestrator.application.query import PictureQuery, Query, StoredQuery, TextQuery, VectorQuery
from orchestrator.application.rerank import Rerank
from orchestrator.application.search import SearchQuery, SearchResult, Target, search
from orchestrator.domain.collection import Segmentation
from orchestrator.domain.errors import (
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    Unavailable,
)
from orchestrator.domain.names import CollectionName, ImageName
from tests.fakes.models import JUDGE, PACK, ColourModels
from tests.fixtures.pictures import png

PARENT = CollectionName("shop")
BOTH = TextQuery("red blue")


@pytest.fixture
async def shop(ports: Ports) -> Ports:
    """To the embedder a red picture is as near to "red blue" as a red and blue one, but not to the judge."""
    await create_collection(
        ports, collection_id="shop", segmenter=PACK, segmentation=Segmentation.FULL, matcher=JUDGE
    )
    size = (40, 40)
    for name, content in {
        "blue": png("blue", size=size),
        "both": png("blue", {"red": (0, 0, 17, 39)}, size=size),
        "little": png("blue", {"red": (0, 0, 3, 39)}, size=size),
        "red": png("red", size=size),
        "white": png("white", size=size),
    }.items():
        await create_image(ports, CreateImage(parent=PARENT, image_id=name, content=content))
    return ports


async def ask(
    ports: Ports, query: Query = BOTH, *, seconds: float | None = None, **options: Any
) -> SearchResult:
    options.setdefault("rerank", Rerank())
    return await search(ports, SearchQuery(parent=PARENT, query=query, **options), seconds=seconds)


def names(result: SearchResult) -> list[str]:
    return [hit.image.name.image for hit in result.hits]


def fake(ports: Ports) -> ColourModels:
    assert isinstance(ports.models, ColourModels)
    return ports.models


async def test_the_matcher_sees_what_the_embedder_does_not(shop: Ports) -> None:
    plain = await ask(shop, rerank=None)
    assert fake(shop).matched == []
    assert all(hit.match is None and hit.score == hit.cosine for hit in plain.hits)
    result = await ask(shop, rerank=Rerank(matcher_weight=1, vector_weight=0))
    assert names(result)[:2] == ["both", "little"]
    assert result.hits[0].match == pytest.approx(0.45)
    assert result.hits[0].score == pytest.approx(0.45)
    assert [stage.name for stage in result.stages] == ["embed", "nearest_neighbours", "hydrate", "rerank"]
    assert result.skipped_stages == ()
    assert fake(shop).matched == [5]  # one batch


async def test_the_score_weighs_match_and_cosine(shop: Ports) -> None:
    for how, match, vector in ((Rerank(), 0.7, 0.3), (Rerank(matcher_weight=2, vector_weight=0.5), 2, 0.5)):
        result = await ask(shop, rerank=how)
        assert [hit.score for hit in result.hits] == pytest.approx(
            [match * (hit.match or 0) + vector * hit.cosine for hit in result.hits]
        )
        assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)


async def test_only_candidates_are_looked_at_and_the_rest_follows(shop: Ports) -> None:
    order = names(await ask(shop, rerank=None))
    result = await ask(shop, rerank=Rerank(candidates=2))
    assert fake(shop).matched == [2]
    assert set(names(result)[:2]) == set(order[:2])
    assert names(result)[2:] == order[2:]
    assert [hit.match is None for hit in result.hits] == [False, False, True, True, True]
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("candidates", [1, 3, 0])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
async def test_pages_hold_everything_once_and_ask_once(shop: Ports, size: int, candidates: int) -> None:
    how = Rerank(candidates=candidates)
    whole = names(await ask(shop, rerank=how))
    paged: list[str] = []
    token = ""
    while True:
        result = await ask(shop, rerank=how, page_size=size, page_token=token)
        paged += names(result)
        if not (token := result.next_page_token):
            break
        assert len(result.hits) == size
    assert paged == whole
    assert fake(shop).matched == [candidates or 5]  # what it said is remembered
    token = (await ask(shop, rerank=how, page_size=1)).next_page_token
    with pytest.raises(InvalidArgument):
        await ask(shop, rerank=Rerank(candidates=candidates, vector_weight=0), page_token=token)


async def test_of_a_region_its_crop_is_looked_at(shop: Ports) -> None:
    result = await ask(shop, TextQuery("red"), target=Target.REGIONS, rerank=Rerank(matcher_weight=1))
    (hit, *_) = result.hits
    assert hit.region is not None
    assert hit.match == 1.0  # of the whole picture it would be less
    whole = await ask(shop)
    assert max(hit.match or 0 for hit in whole.hits) < 0.5


async def test_a_deadline_without_room_skips_and_says_so(shop: Ports) -> None:
    order = names(await ask(shop, rerank=None))
    fake(shop).match_seconds = 5.0
    before = asyncio.get_running_loop().time()
    first = await ask(shop, seconds=0.6, page_size=2)
    assert asyncio.get_running_loop().time() - before < 4.0
    assert (first.skipped_stages, names(first)) == (("rerank",), order[:2])
    assert "rerank" not in {stage.name for stage in first.stages}
    fake(shop).match_seconds = 0.0
    rest = await ask(shop, seconds=60, page_size=9, page_token=first.next_page_token)
    assert (rest.skipped_stages, names(rest)) == (("rerank",), order[2:])  # as the first page was ordered
    none = await ask(shop, seconds=0.05, page_size=9)
    assert (none.skipped_stages, names(none)) == (("rerank",), order)
    few = await ask(shop, seconds=0.05, page_size=3, rerank=Rerank(candidates=1))
    assert names(few) == order[:3]


async def test_what_took_too_long_is_not_tried_for_those_who_wait_less(shop: Ports) -> None:
    fake(shop).match_seconds = 0.5
    assert (await ask(shop, seconds=0.4)).skipped_stages == ("rerank",)
    asked = fake(shop).match_calls
    hurried = [(await ask(shop, TextQuery("blue red"), seconds=0.3)).skipped_stages for _ in range(2)]
    assert hurried == [("rerank",)] * 2
    assert fake(shop).match_calls == asked
    assert (await ask(shop, TextQuery("blue red"), seconds=30)).skipped_stages == ()
    fake(shop).match_seconds = 0.0
    for number in range(40):  # what was slow once is tried again
        if not (await ask(shop, TextQuery(f"red {number}"), seconds=0.5)).skipped_stages:
            break
    else:
        pytest.fail("never tried again")


async def test_a_later_page_keeps_to_the_order_of_the_first(shop: Ports) -> None:
    first = await ask(shop, page_size=2)
    fake(shop).match_seconds = 5.0
    assert names(await ask(shop, seconds=0.5, page_size=2, page_token=first.next_page_token))  # remembered
    await create_image(shop, CreateImage(parent=PARENT, image_id="new", content=png("red", size=(9, 9))))
    with pytest.raises(DeadlineExceeded):
        await ask(shop, seconds=0.5, page_size=2, page_token=first.next_page_token)


async def test_without_a_matcher(shop: Ports) -> None:
    await update_collection(shop, name=PARENT, changes={"matcher": ""})
    with pytest.raises(FailedPrecondition) as caught:
        await ask(shop)
    assert caught.value.reason == "NO_MATCHER"
    result = await ask(shop, rerank=Rerank(allow_skip=True))
    assert result.skipped_stages == ("rerank",)
    assert names(result) == names(await ask(shop, rerank=None))


async def test_a_matcher_that_does_not_answer(shop: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(*_: object) -> None:
        raise Unavailable("gone")

    monkeypatch.setattr("tests.fakes.models.ColourMatcher.match", gone)
    with pytest.raises(Unavailable):
        await ask(shop)
    assert (await ask(shop, rerank=Rerank(allow_skip=True))).skipped_stages == ("rerank",)


async def test_what_went_meanwhile_is_not_looked_at(shop: Ports) -> None:
    image = await images.get_image(shop, ImageName("shop", "both"))
    await shop.blobs.delete([image.blob_key])
    result = await ask(shop)
    (hit,) = [hit for hit in result.hits if hit.image.name == image.name]
    assert hit.match is None
    assert len(result.hits) == 5


@pytest.mark.parametrize(
    ("query", "how", "field"),
    [
        (PictureQuery(png("red")), Rerank(), "rerank"),
        (StoredQuery(ImageName("shop", "red")), Rerank(allow_skip=True), "rerank"),
        (VectorQuery([1.0] * 8), Rerank(), "rerank"),
        (BOTH, Rerank(candidates=101), "rerank_options.candidates"),
        (BOTH, Rerank(candidates=-1), "rerank_options.candidates"),
        (BOTH, Rerank(vector_weight=-0.1), "rerank_options.vector_weight"),
        (BOTH, Rerank(matcher_weight=float("nan")), "rerank_options.matcher_weight"),
        (BOTH, Rerank(matcher_weight=0, vector_weight=0), "rerank_options.matcher_weight"),
    ],
)
async def test_what_makes_no_sense_is_refused(shop: Ports, query: Query, how: Rerank, field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await ask(shop, query, rerank=how)
    assert caught.value.violations[0].field == field


async def test_a_collection_names_an_installed_matcher(shop: Ports) -> None:
    for pack in (PACK, "nobody"):
        with pytest.raises(InvalidArgument):
            await update_collection(shop, name=PARENT, changes={"matcher": pack})
        with pytest.raises(InvalidArgument):
            await create_collection(shop, collection_id="other", matcher=pack)

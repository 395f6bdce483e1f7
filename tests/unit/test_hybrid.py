"""Search by an embedding and by words together: how the orders are fused, and what pages hold."""

from typing import Any

import pytest

from orchestrator.application import hybrid, images
from orchestrator.application.collections import create_collection
from orchestrator.application.fusion import Candidate, Hybrid, fuse
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Neighbour, Ports, WordMatch
from orchestrator.application.query import TextQuery, VectorQuery
from orchestrator.application.rerank import Rerank
from orchestrator.application.search import SearchQuery, SearchResult, Target, search
from orchestrator.domain.collection import Segmentation
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import Description
from orchestrator.domain.names import CollectionName, ImageName
from tests.fakes.models import PACK
from tests.fixtures.pictures import png

PARENT = CollectionName("shop")
PICTURES = {
    "red": ("red", "a fire engine"),
    "blue": ("blue", "invoice 2041"),
    "green": ("green", "invoice 7, a copy"),
    "yellow": ("yellow", "lemons"),
    "white": ("white", "snow"),
}


def near(**cosines: float) -> list[Neighbour]:
    return [Neighbour(name=name, cosine=cosine) for name, cosine in cosines.items()]


def worded(**scores: float) -> list[WordMatch]:
    return [WordMatch(name=name, score=score) for name, score in scores.items()]


def scores(found: list[Candidate]) -> dict[str, float]:
    return {each.name: round(each.score, 4) for each in found}


def test_ranks_are_fused_where_there_are_no_weights() -> None:
    found = fuse(near(a=0.9, b=0.5, c=0.4), worded(c=7.0, d=1.0), Hybrid())
    assert scores(found) == {
        "c": round((61 / 63 + 61 / 61) / 2, 4),
        "a": 0.5,
        "b": round(61 / 62 / 2, 4),
        "d": round(61 / 62 / 2, 4),
    }
    # Equal scores: the nearer first; what no embedding found comes last.
    assert list(scores(found)) == ["c", "a", "b", "d"]
    assert (found[0].cosine, found[0].lexical, found[3].cosine) == (0.4, 7.0, None)


def test_words_that_say_next_to_nothing_have_no_rank() -> None:
    found = fuse(near(a=0.9, b=0.5), worded(c=10.0, b=0.9, d=0.9), Hybrid())
    assert scores(found) == {"a": 0.5, "c": 0.5, "b": round(61 / 62 / 2, 4)}
    assert found[2].lexical == 0.9


def test_equals_share_a_rank() -> None:
    found = fuse(near(a=0.5, b=0.5, c=0.4), [], Hybrid())
    assert found[0].score == found[1].score
    assert found[2].score == pytest.approx(61 / 63 / 2)


def test_weights_weigh_cosines_and_shares_of_the_best_words() -> None:
    found = fuse(near(a=0.9, b=0.5, c=0.1), worded(c=8.0, d=2.0), Hybrid(vector_weight=3, lexical_weight=1))
    assert scores(found) == {"a": 0.75, "b": 0.375, "c": 0.25, "d": 0.0625}
    assert fuse([], [], Hybrid()) == []
    assert scores(fuse(near(a=0.2), [], Hybrid(vector_weight=1))) == {"a": 1.0}


@pytest.fixture
async def shop(ports: Ports) -> Ports:
    await create_collection(ports, collection_id="shop", embedder=PACK, segmentation=Segmentation.OFF)
    for name, (colour, caption) in PICTURES.items():
        await create_image(
            ports,
            CreateImage(
                parent=PARENT,
                image_id=name,
                content=png(colour),
                description=Description(caption=caption, folder="bills" if "invoice" in caption else ""),
            ),
        )
    return ports


async def ask(ports: Ports, text: str, how: Hybrid | None = None, **options: Any) -> SearchResult:
    query = SearchQuery(parent=PARENT, query=TextQuery(text), hybrid=how or Hybrid(), **options)
    return await search(ports, query)


def found(result: SearchResult) -> list[str]:
    return [hit.image.name.image for hit in result.hits]


async def test_words_find_what_the_embedding_does_not(shop: Ports) -> None:
    plain = await search(shop, SearchQuery(parent=PARENT, query=TextQuery("red invoice 2041")))
    assert found(plain)[0] == "red"
    result = await ask(shop, "red invoice 2041")
    assert found(result)[0] == "blue"
    assert set(found(result)[:3]) == {"red", "blue", "green"}
    assert set(found(result)) == set(PICTURES)
    by_name = {hit.image.name.image: hit for hit in result.hits}
    assert by_name["blue"].lexical > by_name["green"].lexical > 0 == by_name["yellow"].lexical  # type: ignore[operator]
    assert by_name["red"].relevance > by_name["blue"].relevance
    assert [stage.name for stage in result.stages] == [
        "embed",
        "nearest_neighbours",
        "lexical_matches",
        "hydrate",
    ]
    assert result.total_size == len(PICTURES)


async def test_words_alone_find_only_what_has_them(shop: Ports) -> None:
    result = await ask(shop, "red invoice", Hybrid(lexical_weight=1))
    assert sorted(found(result)) == ["blue", "green"]
    assert result.total_size is None
    # Relevance is the embedding's all the same, from the vectors that the catalog keeps.
    assert all(hit.relevance < 0.5 and hit.cosine < 0.5 for hit in result.hits)
    assert found(await ask(shop, "bills", Hybrid(lexical_weight=1))) in (["blue", "green"], ["green", "blue"])


async def test_a_weight_turns_the_order(shop: Ports) -> None:
    words_first = await ask(shop, "red invoice 2041", Hybrid(vector_weight=0.2, lexical_weight=0.8))
    vector_first = await ask(shop, "red invoice 2041", Hybrid(vector_weight=0.8, lexical_weight=0.2))
    assert (found(words_first)[0], found(vector_first)[0]) == ("blue", "red")
    assert all(0 <= hit.score <= 1 for hit in words_first.hits)
    only = await ask(shop, "red invoice 2041", Hybrid(vector_weight=1))
    assert [hit.lexical for hit in only.hits] == [None] * len(PICTURES)


async def test_the_least_relevance_passes_over(shop: Ports) -> None:
    result = await ask(shop, "red invoice 2041", min_relevance=0.5)
    assert found(result) == ["red"]
    assert not result.next_page_token
    assert found(await ask(shop, "invoice red", filter="caption: invoice")) != []
    assert set(found(await ask(shop, "invoice red", filter="caption: invoice"))) == {"blue", "green"}


@pytest.mark.parametrize(
    "how", [Hybrid(), Hybrid(vector_weight=1, lexical_weight=1), Hybrid(vector_weight=1)]
)
@pytest.mark.parametrize("depth", [1, 2, 1_000])
@pytest.mark.parametrize("size", [1, 2, 3])
async def test_pages_hold_everything_once(
    shop: Ports, monkeypatch: pytest.MonkeyPatch, how: Hybrid, depth: int, size: int
) -> None:
    monkeypatch.setattr(hybrid, "DEPTH", depth)
    whole = await ask(shop, "red invoice 2041", how, page_size=99)
    assert sorted(found(whole)) == sorted(PICTURES)
    assert [hit.score for hit in whole.hits] == sorted((hit.score for hit in whole.hits), reverse=True)
    names: list[str] = []
    token = ""
    while True:
        page = await ask(shop, "red invoice 2041", how, page_size=size, page_token=token)
        names += found(page)
        token = page.next_page_token
        if not token:
            break
    assert names == found(whole)


async def test_what_went_meanwhile_is_passed_over(shop: Ports) -> None:
    first = await ask(shop, "red invoice 2041", page_size=2)
    gone = next(name for name in PICTURES if name not in found(first))
    await images.delete_image(shop, name=ImageName("shop", gone))
    rest = await ask(shop, "red invoice 2041", page_size=9, page_token=first.next_page_token)
    assert sorted([*found(first), *found(rest), gone]) == sorted(PICTURES)


async def test_regions_and_texts_are_found_by_words_too(shop: Ports) -> None:
    result = await ask(shop, "invoice", Hybrid(lexical_weight=1), target=Target.IMAGES_AND_TEXTS)
    assert sorted(found(result)) == ["blue", "green"]
    assert (await ask(shop, "invoice", target=Target.REGIONS)).hits == ()


async def test_a_change_of_words_is_found_at_once(shop: Ports) -> None:
    await images.update_image(shop, name=ImageName("shop", "white"), changes={"caption": "invoice of snow"})
    assert "white" in found(await ask(shop, "invoice", Hybrid(lexical_weight=1)))
    await images.update_image(shop, name=ImageName("shop", "blue"), changes={"caption": "", "folder": ""})
    assert "blue" not in found(await ask(shop, "invoice", Hybrid(lexical_weight=1)))


async def test_reranking_looks_at_what_was_fused(shop: Ports) -> None:
    result = await ask(shop, "red invoice 2041", rerank=Rerank(candidates=3, allow_skip=True))
    assert set(found(result)) == set(PICTURES)
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
async def test_what_is_no_weight_is_refused(shop: Ports, weight: float) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await ask(shop, "red", Hybrid(lexical_weight=weight))
    assert caught.value.violations[0].field == "hybrid.lexical_weight"


async def test_words_need_a_text(shop: Ports) -> None:
    query = SearchQuery(parent=PARENT, query=VectorQuery([1.0] * 8), hybrid=Hybrid())
    with pytest.raises(InvalidArgument) as caught:
        await search(shop, query)
    assert caught.value.violations[0].field == "hybrid"

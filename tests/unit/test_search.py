"""Search through its use case: every kind of query, filters, pages, and what must not be answered."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from orchestrator.application import collections, images
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Kind, Ports, VectorRecord
from orchestrator.application.query import BoxQuery, PictureQuery, Query, StoredQuery, TextQuery, VectorQuery
from orchestrator.application.search import SearchQuery, SearchResult, Target, search
from orchestrator.domain.collection import Segmentation
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, NotFound, Unavailable
from orchestrator.domain.image import Description, Image
from orchestrator.domain.names import CollectionName, ImageName, RegionName
from orchestrator.domain.region import Box
from tests.fakes.models import BLIND, PACK, PALETTE, ColourModels
from tests.fixtures.pictures import png

PARENT = CollectionName("shop")


async def collection(ports: Ports, name: str = "shop", embedder: str = PACK) -> None:
    await collections.create_collection(
        ports,
        collection_id=name,
        display_name="",
        embedder=embedder,
        segmenter=PACK if embedder == PACK else "",
        segmentation=Segmentation.FULL if embedder == PACK else Segmentation.OFF,
    )


async def add(ports: Ports, image_id: str, content: bytes, folder: str = "", parent: str = "shop") -> Image:
    request = CreateImage(
        parent=CollectionName(parent),
        image_id=image_id,
        content=content,
        description=Description(folder=folder, caption=f"about {image_id}"),
    )
    return await create_image(ports, request)


@pytest.fixture
async def shop(ports: Ports) -> Ports:
    """Six images: plain red, green and blue ones, and white ones with a spot."""
    await collection(ports)
    for colour in ("red", "green", "blue"):
        await add(ports, colour, png(colour), folder="plain")
    await add(ports, "red-spot", png("white", {"red": (8, 8, 31, 31)}), folder="spots/red")
    await add(ports, "blue-spot", png("white", {"blue": (40, 8, 71, 31)}), folder="spots/blue")
    await add(ports, "two", png("white", {"red": (0, 0, 19, 19), "blue": (50, 30, 79, 59)}), folder="spots")
    return ports


async def ask(ports: Ports, query: Query, **options: Any) -> SearchResult:
    return await search(ports, SearchQuery(parent=PARENT, query=query, **options))


def found(result: SearchResult) -> list[str]:
    return [hit.image.name.image for hit in result.hits]


async def test_a_text_finds_what_it_names(shop: Ports) -> None:
    result = await ask(shop, TextQuery("red"), page_size=3)
    assert found(result)[0] == "red"
    assert set(found(result)) == {"red", "red-spot", "two"}
    best = result.hits[0]
    assert best.cosine == pytest.approx(1, abs=0.01)
    assert best.relevance > 0.9
    assert best.region is None
    assert best.image.description.caption == "about red"
    assert best.thumbnail_uri == "/v1/collections/shop/images/red:content?maxPixels=256"
    assert [hit.cosine for hit in result.hits] == sorted((hit.cosine for hit in result.hits), reverse=True)
    assert [stage.name for stage in result.stages] == ["embed", "nearest_neighbours", "hydrate"]
    assert result.skipped_stages == ()
    assert result.total_size == 6
    assert result.understanding is not None
    assert (result.understanding.text, result.understanding.truncated) == ("red", False)
    cut = await ask(shop, TextQuery("red " * 99), filter="width > 1")
    assert cut.understanding is not None
    assert (cut.understanding.truncated, cut.understanding.filter) == (True, "width > 1")
    assert cut.total_size is None


async def test_a_picture_finds_its_like(shop: Ports) -> None:
    result = await ask(shop, PictureQuery(png("blue", size=(7, 5))), page_size=1)
    assert found(result) == ["blue"]
    assert result.understanding is None


async def test_regions_are_found_with_box_and_mask(shop: Ports) -> None:
    result = await ask(shop, TextQuery("blue"), target=Target.REGIONS, page_size=2)
    assert set(found(result)) == {"blue-spot", "two"}
    hit = next(hit for hit in result.hits if hit.image.name.image == "two")
    assert hit.region is not None
    assert hit.region.segment.box == Box(x_min=50, y_min=30, x_max=80, y_max=60)
    assert hit.region.segment.mask is not None
    assert hit.thumbnail_uri.startswith("/v1/collections/shop/images/two/regions/")
    assert result.total_size == 4


async def test_a_stored_image_or_region_finds_others_not_itself(shop: Ports) -> None:
    result = await ask(shop, StoredQuery(ImageName("shop", "red-spot")), page_size=10)
    assert "red-spot" not in found(result)
    assert len(found(result)) == 5
    assert result.total_size == 5
    assert found(result)[0] in {"two", "blue-spot"}  # much white, as it has
    regions = await ask(shop, TextQuery("red"), target=Target.REGIONS, page_size=1)
    of_regions = shop.models.embedder("colours").region_calibration
    assert regions.hits[0].relevance == of_regions.relevance(regions.hits[0].cosine)
    region = regions.hits[0].region
    assert region is not None
    alike = await ask(shop, StoredQuery(region.name), target=Target.REGIONS)
    assert region.name not in {hit.region.name for hit in alike.hits if hit.region}
    assert len(alike.hits) == 3
    assert alike.hits[0].relevance > 0.9
    assert alike.hits[1].relevance < 0.5
    assert (await ask(shop, StoredQuery(region.name), target=Target.IMAGES)).hits[0].image.name.image == "red"


async def test_a_box_is_looked_at_alone(shop: Ports) -> None:
    box = Box(x_min=42, y_min=10, x_max=70, y_max=30)
    result = await ask(shop, BoxQuery(ImageName("shop", "blue-spot"), box), page_size=1)
    assert found(result) == ["blue"]
    away = Box(x_min=500, y_min=10, x_max=510, y_max=30)
    with pytest.raises(InvalidArgument) as caught:
        await ask(shop, BoxQuery(ImageName("shop", "blue-spot"), away))
    assert caught.value.violations[0].field == "box.box"


async def test_a_vector_need_not_be_of_unit_length(shop: Ports) -> None:
    for length in (5.0, 1e300, 1e-300):
        green = [length * (colour == "green") for colour in PALETTE]
        result = await ask(shop, VectorQuery(green), page_size=1)
        assert found(result) == ["green"]
        assert result.hits[0].cosine == pytest.approx(1)
    for wrong in ([0.0] * len(PALETTE), [float("nan")] * len(PALETTE), []):
        with pytest.raises(InvalidArgument) as caught:
            await ask(shop, VectorQuery(wrong))
        assert caught.value.violations[0].field == "vector.values"


@pytest.mark.parametrize("dimension", [1, len(PALETTE) - 1, 512])
async def test_a_vector_of_another_length_is_of_another_pack(shop: Ports, dimension: int) -> None:
    with pytest.raises(FailedPrecondition) as refused:
        await ask(shop, VectorQuery([1.0] * dimension))
    assert refused.value.reason == "EMBEDDING_SPACE_MISMATCH"
    assert f"holds {dimension} numbers" in refused.value.message
    assert PACK in refused.value.message


async def test_a_vector_may_say_where_it_is_from(shop: Ports) -> None:
    space, red = shop.models.embedder(PACK).space, [float(colour == "red") for colour in PALETTE]
    own = VectorQuery(red, space.pack, space.revision, space.preprocessing)
    assert found(await ask(shop, own, page_size=1)) == ["red"]
    for other in (replace(own, pack="x"), replace(own, revision="x"), replace(own, preprocessing="x")):
        with pytest.raises(FailedPrecondition, match="of another pack") as refused:
            await ask(shop, other)
        assert refused.value.reason == "EMBEDDING_SPACE_MISMATCH"


async def test_filters_narrow_down(shop: Ports) -> None:
    assert set(found(await ask(shop, TextQuery("red"), filter='folder = "spots"'))) == {
        "red-spot",
        "blue-spot",
        "two",
    }
    assert found(await ask(shop, TextQuery("red"), filter='folder = "plain" AND NOT caption:"red"'))
    only = await ask(shop, TextQuery("red"), target=Target.REGIONS, filter='folder: "spots/blue/"')
    assert found(only) == ["blue-spot"]
    with pytest.raises(InvalidArgument) as caught:
        await ask(shop, TextQuery("red"), filter="folder ==")
    assert caught.value.violations[0].field == "filter"


@pytest.mark.parametrize("size", [1, 2, 4, 6])
@pytest.mark.parametrize("query", [TextQuery("red"), StoredQuery(ImageName("shop", "two"))])
async def test_pages_hold_everything_once(shop: Ports, query: Query, size: int) -> None:
    whole = found(await ask(shop, query, page_size=100))
    paged: list[str] = []
    token = ""
    while True:
        result = await ask(shop, query, page_size=size, page_token=token)
        paged += found(result)
        token = result.next_page_token
        if not token:
            break
        assert len(result.hits) == size
    assert paged == whole


async def test_a_page_token_belongs_to_its_search(shop: Ports) -> None:
    token = (await ask(shop, TextQuery("red"), page_size=1)).next_page_token
    assert token
    for change in ({"query": TextQuery("blue")}, {"filter": "width > 1"}, {"min_relevance": 0.1}):
        with pytest.raises(InvalidArgument) as caught:
            await search(
                shop, replace(SearchQuery(parent=PARENT, query=TextQuery("red"), page_token=token), **change)
            )
        assert caught.value.violations[0].field == "page_token"
    pictures = [png("red"), png("blue")]
    token = (await ask(shop, PictureQuery(pictures[0]), page_size=1)).next_page_token
    assert (await ask(shop, PictureQuery(pictures[0]), page_size=1, page_token=token)).hits
    with pytest.raises(InvalidArgument):
        await ask(shop, PictureQuery(pictures[1]), page_size=1, page_token=token)


async def test_relevance_cuts_off_and_ends_the_pages(shop: Ports) -> None:
    result = await ask(shop, TextQuery("green"), min_relevance=0.9)
    assert found(result) == ["green"]
    assert result.next_page_token == ""
    assert found(await ask(shop, TextQuery("yellow"), min_relevance=0.9)) == []


async def test_what_went_from_the_catalog_is_not_found_and_the_page_is_filled(shop: Ports) -> None:
    before = found(await ask(shop, TextQuery("red"), page_size=6))
    space = shop.models.embedder(PACK).space.stamp
    vector = await shop.catalog.get_vectors([ImageName("shop", before[0])])
    await images.delete_image(shop, name=ImageName("shop", before[0]))
    # As if the deletion had not reached the index yet.
    name = ImageName("shop", before[0])
    stale = VectorRecord(name=str(name), kind=Kind.IMAGE, vector=vector[name].vector, attributes={})
    await shop.index.upsert(f"shop--{space}", [stale])
    result = await ask(shop, TextQuery("red"), page_size=2)
    assert found(result) == before[1:3]
    rest = await ask(shop, TextQuery("red"), page_size=9, page_token=result.next_page_token)
    assert found(rest) == before[3:]


async def test_another_packs_vectors_are_never_searched(shop: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = shop.models.embedder(PACK)
    embedder.space = replace(embedder.space, revision="2")  # type: ignore[misc]
    monkeypatch.setattr(shop.models, "embedder", lambda pack: embedder)
    for query in (TextQuery("red"), StoredQuery(ImageName("shop", "red")), VectorQuery([1.0] * len(PALETTE))):
        with pytest.raises(FailedPrecondition) as caught:
            await ask(shop, query)
        assert caught.value.reason == "EMBEDDING_SPACE_MISMATCH"


async def test_a_pack_that_went_and_a_pack_without_words(
    ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await collection(ports, "blind", BLIND)
    await add(ports, "red", png("red"), parent="blind")
    base = SearchQuery(parent=CollectionName("blind"), query=PictureQuery(png("red")))
    assert found(await search(ports, base)) == ["red"]
    with pytest.raises(FailedPrecondition) as caught:
        await search(ports, replace(base, query=TextQuery("red")))
    assert caught.value.reason == "NO_TEXT_TOWER"

    def unknown(pack: str) -> None:
        raise InvalidArgument.field("embedder", "unknown")

    monkeypatch.setattr(ports.models, "embedder", unknown)
    with pytest.raises(FailedPrecondition) as caught:
        await search(ports, base)
    assert caught.value.reason == "PACK_NOT_INSTALLED"


async def test_what_does_not_exist(shop: Ports) -> None:
    for query in (
        StoredQuery(ImageName("shop", "nobody")),
        StoredQuery(RegionName("shop", "red", "9")),
        BoxQuery(ImageName("shop", "nobody"), Box(x_min=0, y_min=0, x_max=1, y_max=1)),
    ):
        with pytest.raises(NotFound):
            await ask(shop, query)
    with pytest.raises(NotFound):
        await search(shop, SearchQuery(parent=CollectionName("nowhere"), query=TextQuery("red")))
    with pytest.raises(InvalidArgument):
        await ask(shop, StoredQuery(ImageName("elsewhere", "red")))
    for content in (b"", b"text"):
        with pytest.raises(InvalidArgument) as caught:
            await ask(shop, PictureQuery(content))
        assert caught.value.violations[0].field == "image.content"


async def test_models_gone(shop: Ports) -> None:
    assert isinstance(shop.models, ColourModels)
    picture = png("red", size=(9, 9))
    await ask(shop, PictureQuery(picture))
    assert (
        shop.models.embedded_pictures == shop.models.embedded_in_bulk + 1
    )  # a query queues behind no picture
    shop.models.gone = True
    with pytest.raises(Unavailable):
        await ask(shop, TextQuery("red"))
    assert found(await ask(shop, StoredQuery(ImageName("shop", "red"))))  # needs no model
    assert found(await ask(shop, PictureQuery(picture)))  # asked before: remembered


async def test_an_empty_collection(ports: Ports) -> None:
    await collection(ports)
    result = await ask(ports, TextQuery("red"))
    assert (result.hits, result.next_page_token, result.total_size) == ((), "", 0)
    assert np.isfinite([stage.seconds for stage in result.stages]).all()

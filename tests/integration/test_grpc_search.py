"""SearchService, EmbeddingService and ModelService over the wire."""

import math
from types import FunctionType

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2

from sightline.v1 import collection_pb2, image_pb2
from sightline.v1 import collection_service_pb2 as collection_service
from sightline.v1 import embedding_service_pb2 as embedding_service
from sightline.v1 import image_service_pb2 as image_service
from sightline.v1 import model_service_pb2 as model_service
from sightline.v1 import search_service_pb2 as search_service
from tests.fixtures.pictures import png
from tests.fixtures.server import RunningServer
from tests.integration.test_grpc_face import detail, failure

PARENT = "collections/default"
Search = search_service.SearchRequest
RED_SPOT = (10, 10, 29, 39)


@pytest.fixture
async def gallery(server: RunningServer) -> dict[str, image_pb2.Image]:
    """Three scenes by name."""
    scenes = {
        "red": png("white", {"red": RED_SPOT}),
        "blue": png("white", {"blue": (40, 5, 89, 59)}),
        "both": png("white", {"red": (0, 0, 40, 40), "blue": (50, 20, 95, 63)}),
    }
    found = {}
    for name, content in scenes.items():
        image = image_pb2.Image(folder=f"drawn/{name}", caption=f"{name} on white")
        request = image_service.CreateImageRequest(parent=PARENT, image_id=name, content=content, image=image)
        found[name] = await server.images.CreateImage(request)
    return found


async def images_of(server: RunningServer, request: search_service.SearchRequest) -> list[str]:
    return [hit.image.rpartition("/")[2] for hit in (await server.search.Search(request)).hits]


async def test_a_word_finds_the_region_that_shows_it(
    server: RunningServer, gallery: dict[str, image_pb2.Image]
) -> None:
    response = await server.search.Search(
        Search(parent=PARENT, text="red", target=Search.REGIONS, filter='folder = "drawn/red"')
    )
    (hit,) = response.hits
    assert hit.image == gallery["red"].name
    assert hit.region.startswith(f"{hit.image}/regions/")
    assert (hit.box.x_min, hit.box.y_min, hit.box.x_max, hit.box.y_max) == (10, 10, 30, 40)
    assert list(hit.mask.size) == [64, 96]
    assert hit.score == hit.components.vector == pytest.approx(1, abs=1e-3)
    assert 0.9 < hit.relevance <= 1
    assert (hit.folder, hit.caption, hit.width, hit.height) == ("drawn/red", "red on white", 96, 64)
    assert hit.thumbnail_uri == f"/v1/{hit.region}:content?maxPixels=256"
    assert {"embed", "nearest_neighbours"} <= {stage.name for stage in response.stages}
    assert all(stage.duration.ToNanoseconds() >= 0 for stage in response.stages)
    assert response.query_understanding.text == "red"


async def test_every_kind_of_query_finds_its_like(
    server: RunningServer, gallery: dict[str, image_pb2.Image]
) -> None:
    picture = Search(parent=PARENT)
    picture.image.content = png("white", {"blue": (40, 5, 89, 59)})
    stored = Search(parent=PARENT, name=gallery["red"].name)
    box = Search(parent=PARENT, target=Search.REGIONS, page_size=1)
    box.box.image = gallery["both"].name
    box.box.box.x_min, box.box.box.y_min, box.box.box.x_max, box.box.box.y_max = 2, 2, 38, 38
    vector = Search(parent=PARENT, target=Search.REGIONS, page_size=1)
    vector.vector.values.extend([7.0] + [0.0] * 7)
    assert (await images_of(server, picture))[0] == "blue"
    assert "red" not in await images_of(server, stored)
    for request in (box, vector):
        (hit,) = (await server.search.Search(request)).hits
        region = Search(parent=PARENT, name=hit.region, target=Search.REGIONS, page_size=1)
        assert hit.score > 0.99
        assert (await server.search.Search(region)).hits[0].score > 0.99


async def test_pages_of_hits_meet_without_overlap(
    server: RunningServer, gallery: dict[str, image_pb2.Image]
) -> None:
    request = Search(parent=PARENT, text="red", page_size=2)
    first = await server.search.Search(request)
    request.page_token = first.next_page_token
    second = await server.search.Search(request)
    names = [hit.image for hit in (*first.hits, *second.hits)]
    assert sorted(names) == sorted(image.name for image in gallery.values())
    assert (second.next_page_token, first.total_size) == ("", 3)
    request.text = "blue"
    error = await failure(server.search.Search(request))
    assert detail(error, error_details_pb2.BadRequest).field_violations[0].field == "page_token"


async def test_relevance_cuts_off(server: RunningServer, gallery: dict[str, image_pb2.Image]) -> None:
    request = Search(parent=PARENT, text="red", target=Search.REGIONS, min_relevance=0.9)
    assert sorted(await images_of(server, request)) == ["both", "red"]


async def test_a_matcher_looks_at_the_best_hits_again(
    server: RunningServer, gallery: dict[str, image_pb2.Image]
) -> None:
    change = collection_service.UpdateCollectionRequest(
        collection=collection_pb2.Collection(name=PARENT, matcher="judge"),
        update_mask=FieldMask(paths=["matcher"]),
    )
    assert (await server.collections.UpdateCollection(change)).matcher == "judge"
    request = Search(parent=PARENT, text="red blue", rerank=True)
    request.rerank_options.candidates = 2
    request.rerank_options.matcher_weight = 1
    request.rerank_options.vector_weight = 0
    response = await server.search.Search(request)
    best, second, third = response.hits
    assert best.image == gallery["both"].name
    assert best.score == best.components.rerank > second.score
    assert 0 < best.components.vector < 1
    assert not third.components.HasField("rerank")
    assert [stage.name for stage in response.stages][-1] == "rerank"
    server.models.match_seconds = 5
    request.text = "blue red"
    hurried = await server.search.Search(request, timeout=0.7)
    assert list(hurried.skipped_stages) == ["rerank"]
    assert not any(hit.components.HasField("rerank") for hit in hurried.hits)


def _positive(request: search_service.SearchRequest) -> None:
    request.positive.add(text="x")


def _negative(request: search_service.SearchRequest) -> None:
    request.negative.add(text="x")


@pytest.mark.parametrize("change", [_positive, _negative])
async def test_what_is_not_offered_yet_is_named(server: RunningServer, change: FunctionType) -> None:
    request = Search(parent=PARENT, text="red")
    change(request)
    error = await failure(server.search.Search(request))
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    field = change.__name__.strip("_")
    assert detail(error, error_details_pb2.ErrorInfo).metadata["field"] == field
    assert field in (error.details() or "")


async def test_a_hit_says_what_its_words_gave(
    server: RunningServer, gallery: dict[str, image_pb2.Image]
) -> None:
    request = Search(parent=PARENT, text="red", hybrid=Search.Hybrid(vector_weight=1, lexical_weight=1))
    response = await server.search.Search(request)
    assert response.hits
    assert all(
        hit.components.HasField("vector") and hit.components.HasField("lexical") for hit in response.hits
    )
    assert [stage.name for stage in response.stages][2] == "lexical_matches"


@pytest.mark.parametrize(
    ("request_", "code", "field"),
    [
        (Search(parent=PARENT), "INVALID_ARGUMENT", "query"),
        (Search(parent=PARENT, text="x", filter="folder ="), "INVALID_ARGUMENT", "filter"),
        (Search(parent=PARENT, text="x", consistency_token="t"), "INVALID_ARGUMENT", "consistency_token"),
        (Search(parent=PARENT, vector=Search.Vector(values=[1, 2])), "FAILED_PRECONDITION", None),
        (Search(parent=PARENT, vector=Search.Vector(values=[0] * 8)), "INVALID_ARGUMENT", "vector.values"),
        (Search(parent=PARENT, image=Search.InlineImage(content=b"x")), "INVALID_ARGUMENT", "image.content"),
        (Search(parent=PARENT, name=f"{PARENT}/images/x", rerank=True), "INVALID_ARGUMENT", "rerank"),
        (
            Search(parent=PARENT, name=f"{PARENT}/images/x", hybrid=Search.Hybrid()),
            "INVALID_ARGUMENT",
            "hybrid",
        ),
        (
            Search(parent=PARENT, text="x", rerank_options=Search.RerankOptions(candidates=5)),
            "INVALID_ARGUMENT",
            "rerank_options",
        ),
        (
            Search(parent=PARENT, text="x", rerank=True, rerank_options=Search.RerankOptions(candidates=101)),
            "INVALID_ARGUMENT",
            "rerank_options.candidates",
        ),
        (Search(parent=PARENT, text="x", rerank=True), "FAILED_PRECONDITION", None),
        (Search(parent="collections/none", text="x"), "NOT_FOUND", None),
        (Search(parent=PARENT, name=f"{PARENT}/images/none"), "NOT_FOUND", None),
    ],
)
async def test_a_search_that_makes_no_sense_is_refused(
    server: RunningServer, request_: search_service.SearchRequest, code: str, field: str | None
) -> None:
    error = await failure(server.search.Search(request_))
    assert error.code() is grpc.StatusCode[code]
    if field is not None:
        assert detail(error, error_details_pb2.BadRequest).field_violations[0].field == field


async def test_contents_are_embedded_in_their_order(
    server: RunningServer, gallery: dict[str, image_pb2.Image]
) -> None:
    request = embedding_service.EmbedContentRequest(parent=PARENT)
    request.contents.add(text="red")
    request.contents.add(image=png("blue"))
    request.contents.add(name=gallery["red"].name)
    embeddings = (await server.embedding.EmbedContent(request)).embeddings
    assert [embedding.pack for embedding in embeddings] == ["colours"] * 3
    assert all(math.hypot(*embedding.values) == pytest.approx(1, abs=1e-5) for embedding in embeddings)
    compare = embedding_service.CompareEmbeddingsRequest(parent=PARENT)
    compare.rows.add(text="blue")
    compare.columns.extend(request.contents)
    (row,) = (await server.embedding.CompareEmbeddings(compare)).rows
    assert row.cosines[1] == pytest.approx(1, abs=1e-3)
    assert row.relevances[1] > row.relevances[0]


async def test_a_map_has_a_point_an_image(server: RunningServer, gallery: dict[str, image_pb2.Image]) -> None:
    request = embedding_service.ProjectEmbeddingsRequest(parent=PARENT, filter='folder = "drawn"')
    answer = await server.embedding.ProjectEmbeddings(request)
    assert {point.image for point in answer.points} == {image.name for image in gallery.values()}
    assert 0 < answer.explained_variance <= 1


async def test_packs_are_listed_in_pages(server: RunningServer) -> None:
    first = await server.models_stub.ListPacks(model_service.ListPacksRequest(page_size=1))
    assert ([pack.name for pack in first.packs], first.default_embedder) == (["packs/colours"], "colours")
    second = await server.models_stub.ListPacks(
        model_service.ListPacksRequest(page_size=2, page_token=first.next_page_token)
    )
    assert [pack.name for pack in second.packs] == ["packs/judge", "packs/wordless"]
    assert second.next_page_token == ""
    assert second.packs[0].matcher.image_size == 32
    assert (second.packs[0].captioner.image_size, second.packs[0].captioner.max_tokens) == (16, 3)
    assert not second.packs[0].HasField("embedder")
    pack = await server.models_stub.GetPack(model_service.GetPackRequest(name="packs/colours"))
    assert (pack.ready, pack.embedder.dimension, pack.embedder.text) == (True, 8, True)
    error = await failure(server.models_stub.GetPack(model_service.GetPackRequest(name="packs/none")))
    assert error.code() is grpc.StatusCode.NOT_FOUND

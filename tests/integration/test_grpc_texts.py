"""TextService over the wire, and searches that find text records beside images."""

import asyncio
import uuid
from collections.abc import Callable

import grpc
import pytest
from google.protobuf import struct_pb2
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2

from sightline.v1 import collection_pb2, image_pb2, text_pb2
from sightline.v1 import collection_service_pb2 as collection_service
from sightline.v1 import image_service_pb2 as image_service
from sightline.v1 import search_service_pb2 as search_service
from sightline.v1 import text_service_pb2 as text_service
from tests.fakes.models import BLIND
from tests.fixtures.pictures import png
from tests.fixtures.server import RunningServer
from tests.integration.test_grpc_face import detail, failure

PARENT = "collections/default"
Search = search_service.SearchRequest
Create = text_service.CreateTextRequest


def create(content: str, text_id: str = "", request_id: str = "") -> Create:
    text = text_pb2.Text(content=content)
    return Create(parent=PARENT, text_id=text_id, text=text, request_id=request_id)


async def put(server: RunningServer, **contents: str) -> None:
    batch = text_service.BatchCreateTextsRequest(
        parent=PARENT, requests=[create(content, text_id) for text_id, content in contents.items()]
    )
    await server.texts.BatchCreateTexts(batch)


async def picture(server: RunningServer, name: str, colour: str) -> None:
    request = image_service.CreateImageRequest(
        parent=PARENT, image_id=name, content=png(colour, {}), image=image_pb2.Image(folder="drawn")
    )
    await server.images.CreateImage(request)


def named(hit: search_service.Hit) -> str:
    return (hit.region or hit.image or hit.text).removeprefix(f"{PARENT}/")


async def found(server: RunningServer, request: Search) -> list[str]:
    return [named(hit) for hit in (await server.search.Search(request)).hits]


async def test_a_text_is_created_read_listed_changed_and_deleted(server: RunningServer) -> None:
    metadata = struct_pb2.Struct()
    metadata.update({"shop": {"id": 7}})
    said = text_pb2.Text(
        content="a red car",
        display_name="Car",
        folder="notes/old",
        source_uri="https://example.org/1",
        labels=[image_pb2.Label(label="car", score=0.5)],
        metadata=metadata,
    )
    made = await server.texts.CreateText(Create(parent=PARENT, text_id="car", text=said))
    assert made.name == f"{PARENT}/texts/car"
    said.MergeFrom(
        text_pb2.Text(
            name=made.name, create_time=made.create_time, update_time=made.update_time, etag=made.etag
        )
    )
    assert made == said
    assert made.etag
    assert await server.texts.GetText(text_service.GetTextRequest(name=made.name)) == made
    await put(server, sea="the blue sea")
    listed = await server.texts.ListTexts(
        text_service.ListTextsRequest(parent=PARENT, filter='folder = "notes" AND metadata.shop.id = 7')
    )
    assert (list(listed.texts), listed.total_size, listed.next_page_token) == ([made], 1, "")
    collection = await server.collections.GetCollection(collection_service.GetCollectionRequest(name=PARENT))
    assert collection.text_count == 2
    statistics = await server.collections.GetCollectionStatistics(
        collection_service.GetCollectionStatisticsRequest(name=f"{PARENT}/statistics")
    )
    assert (statistics.text_vector_count, statistics.pending_text_count) == (2, 0)

    change = text_pb2.Text(name=made.name, content="a green car", folder="ignored", etag=made.etag)
    request = text_service.UpdateTextRequest(text=change, update_mask=FieldMask(paths=["content"]))
    changed = await server.texts.UpdateText(request)
    assert (changed.content, changed.folder, changed.display_name) == ("a green car", "notes/old", "Car")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await server.texts.UpdateText(request)
    assert caught.value.code() is grpc.StatusCode.ABORTED
    assert (await found(server, Search(parent=PARENT, text="green", target=Search.TEXTS)))[0] == "texts/car"

    delete = text_service.DeleteTextRequest(name=made.name, etag=changed.etag)
    await server.texts.DeleteText(delete)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await server.texts.DeleteText(delete)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    await server.texts.DeleteText(text_service.DeleteTextRequest(name=made.name, allow_missing=True))
    assert await found(server, Search(parent=PARENT, text="green", target=Search.TEXTS)) == ["texts/sea"]


async def test_a_repeated_call_makes_one_text(server: RunningServer) -> None:
    request = create("red", request_id=str(uuid.uuid4()))
    first, second = await asyncio.gather(*(server.texts.CreateText(request) for _ in range(2)))
    assert first == second
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await server.texts.CreateText(create("other", request_id=request.request_id))
    assert detail(caught.value, error_details_pb2.ErrorInfo).reason == "REQUEST_ID_REUSED"


async def test_a_batch_is_created_wholly_or_not_at_all(server: RunningServer) -> None:
    batch = text_service.BatchCreateTextsRequest(
        parent=PARENT, requests=[create("red", "red"), create("blue", "blue")]
    )
    made = await server.texts.BatchCreateTexts(batch)
    assert [text.name for text in made.texts] == [f"{PARENT}/texts/red", f"{PARENT}/texts/blue"]
    batch.requests[0].text_id = "green"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await server.texts.BatchCreateTexts(batch)
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS
    listed = await server.texts.ListTexts(text_service.ListTextsRequest(parent=PARENT))
    assert listed.total_size == 2


def _blank(request: text_service.BatchCreateTextsRequest) -> str:
    request.requests[1].text.content = " "
    return "requests[1].text.content"


def _long(request: text_service.BatchCreateTextsRequest) -> str:
    request.requests[1].text.content = "x" * 4097
    return "requests[1].text.content"


def _elsewhere(request: text_service.BatchCreateTextsRequest) -> str:
    request.requests[1].parent = "collections/other"
    return "requests[1].parent"


def _not_meant(request: text_service.BatchCreateTextsRequest) -> str:
    request.requests[1].validate_only = True
    return "requests[1].validate_only"


def _bad_id(request: text_service.BatchCreateTextsRequest) -> str:
    request.requests[1].text_id = "a/b"
    return "requests[1].text_id"


def _infinite(request: text_service.BatchCreateTextsRequest) -> str:
    request.requests[1].text.metadata.update({"x": float("inf")})
    return "requests[1].text.metadata"


@pytest.mark.parametrize("spoil", [_blank, _long, _elsewhere, _not_meant, _bad_id, _infinite])
async def test_a_refusal_names_the_item_and_the_field(
    server: RunningServer, spoil: Callable[[text_service.BatchCreateTextsRequest], str]
) -> None:
    batch = text_service.BatchCreateTextsRequest(parent=PARENT, requests=[create("red"), create("blue")])
    field = spoil(batch)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await server.texts.BatchCreateTexts(batch)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    (violation,) = detail(caught.value, error_details_pb2.BadRequest).field_violations
    assert violation.field == field


async def test_what_validates_only_is_not_stored(server: RunningServer) -> None:
    request = create(" ".join(["red"] * 99))
    request.validate_only = True
    assert (await server.texts.CreateText(request)).truncated
    assert (await server.texts.ListTexts(text_service.ListTextsRequest(parent=PARENT))).total_size == 0


async def test_a_pack_without_words_takes_none(server: RunningServer) -> None:
    await server.collections.CreateCollection(
        collection_service.CreateCollectionRequest(
            collection_id="blind", collection=collection_pb2.Collection(embedder=BLIND)
        )
    )
    request = create("red")
    request.parent = "collections/blind"
    error = await failure(server.texts.CreateText(request))
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert detail(error, error_details_pb2.ErrorInfo).reason == "NO_TEXT_TOWER"


async def test_texts_are_found_by_words_pictures_and_each_other(server: RunningServer) -> None:
    await put(server, red="a red thing", blue="blue", both="red and blue")
    await picture(server, "red", "red")
    by_words = Search(parent=PARENT, text="red", target=Search.TEXTS)
    response = await server.search.Search(by_words)
    assert [named(hit) for hit in response.hits] == ["texts/red", "texts/both", "texts/blue"]
    assert response.total_size == 3
    hit = response.hits[0]
    assert (hit.content, hit.image, hit.thumbnail_uri) == ("a red thing", "", "")
    assert hit.score == hit.components.vector == pytest.approx(1, abs=1e-3)
    by_picture = Search(parent=PARENT, target=Search.TEXTS, page_size=2)
    by_picture.image.content = png("red", {})
    assert await found(server, by_picture) == ["texts/red", "texts/both"]
    by_image = Search(parent=PARENT, target=Search.TEXTS, name=f"{PARENT}/images/red", page_size=1)
    assert await found(server, by_image) == ["texts/red"]
    by_text = Search(parent=PARENT, name=f"{PARENT}/texts/red")
    assert await found(server, by_text) == ["images/red"]
    by_text.target = Search.TEXTS
    response = await server.search.Search(by_text)
    assert [named(hit) for hit in response.hits] == ["texts/both", "texts/blue"], "it does not find itself"
    assert response.total_size == 2
    filtered = Search(parent=PARENT, text="red", target=Search.TEXTS, filter="content:and")
    assert await found(server, filtered) == ["texts/both"]


async def test_texts_are_found_beside_pictures(server: RunningServer) -> None:
    await put(server, red="red", green="green", blue="blue")
    for colour in ("red", "blue"):
        await picture(server, colour, colour)
    request = Search(parent=PARENT, text="red", target=Search.IMAGES_AND_TEXTS)
    response = await server.search.Search(request)
    order = [named(hit) for hit in response.hits]
    assert order[:2] == ["images/red", "texts/red"], "the best of each kind, the image first"
    assert set(order) == {"images/red", "images/blue", "texts/red", "texts/green", "texts/blue"}
    scores = [1 / 61, 1 / 61, 1 / 62, 1 / 62, 1 / 63]
    assert [hit.score for hit in response.hits] == pytest.approx(scores)
    assert response.total_size == 5
    pages: list[str] = []
    request.page_size = 2
    while True:
        page = await server.search.Search(request)
        pages += map(named, page.hits)
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert pages == order
    relevant = Search(parent=PARENT, text="red", target=Search.IMAGES_AND_TEXTS, min_relevance=0.9)
    assert await found(server, relevant) == ["images/red", "texts/red"]
    itself = Search(parent=PARENT, name=f"{PARENT}/texts/red", target=Search.IMAGES_AND_TEXTS, page_size=2)
    response = await server.search.Search(itself)
    assert named(response.hits[0]) == "images/red"
    assert f"{PARENT}/texts/red" not in [hit.text for hit in response.hits]
    assert response.total_size == 4
    here = Search(parent=PARENT, text="red", target=Search.IMAGES_AND_TEXTS, filter='folder = "drawn"')
    assert await found(server, here) == ["images/red", "images/blue"]


async def test_a_matcher_looks_at_no_texts(server: RunningServer) -> None:
    for target in (Search.TEXTS, Search.IMAGES_AND_TEXTS):
        error = await failure(
            server.search.Search(Search(parent=PARENT, text="red", target=target, rerank=True))
        )
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert detail(error, error_details_pb2.BadRequest).field_violations[0].field == "rerank"


async def test_words_of_texts_count_beside_their_meaning(server: RunningServer) -> None:
    contents = {"plain": "red", "bill": "invoice 2041 in red", "other": "invoice 7 in blue"}
    await put(server, **contents, **{f"more{n}": f"green {n}" for n in range(12)})
    await picture(server, "red", "red")
    request = Search(parent=PARENT, text="red invoice 2041", target=Search.TEXTS)
    request.hybrid.SetInParent()
    response = await server.search.Search(request)
    assert named(response.hits[0]) == "texts/bill"
    lexical = [hit.components.lexical for hit in response.hits]
    assert lexical[0] == max(lexical) > 0
    request.target = Search.IMAGES_AND_TEXTS
    request.page_size = 100
    order = await found(server, request)
    assert (set(order[:2]), len(order)) == ({"images/red", "texts/bill"}, 16)
    pages: list[str] = []
    request.page_size = 3
    while True:
        page = await server.search.Search(request)
        pages += map(named, page.hits)
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert pages == order

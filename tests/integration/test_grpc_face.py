"""What every call goes through: validation, statuses, health, reflection, limits, an orderly end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from orchestrator.grpc_api.health import NEEDS
from sightline.v1 import collection_service_pb2 as collection_service
from sightline.v1 import image_service_pb2 as image_service
from sightline.v1 import model_service_pb2 as model_service
from sightline.v1 import search_service_pb2 as search_service
from tests.fixtures.pictures import png
from tests.fixtures.server import RunningServer

M = TypeVar("M", bound=Message)


def detail(error: grpc.aio.AioRpcError, kind: type[M]) -> M:
    """The detail of a kind that an error bears."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for packed in status_pb2.Status.FromString(value).details:
                message = kind()
                if packed.Unpack(message):
                    return message
    raise AssertionError(f"no {kind.__name__} in {error!r}")


async def failure(call: Any) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


async def test_a_broken_rule_is_named_by_field(server: RunningServer) -> None:
    request = search_service.SearchRequest(parent="nowhere", text="red", min_relevance=2)
    error = await failure(server.search.Search(request))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    fields = {violation.field for violation in detail(error, error_details_pb2.BadRequest).field_violations}
    assert fields == {"parent", "min_relevance"}
    info = detail(error, error_details_pb2.ErrorInfo)
    assert (info.reason, info.domain) == ("INVALID_ARGUMENT", "sightline")


async def test_an_error_bears_the_callers_request_id(server: RunningServer) -> None:
    request = image_service.GetImageRequest(name="collections/default/images/none")
    error = await failure(server.images.GetImage(request, metadata=(("x-request-id", "abc-1"),)))
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert detail(error, error_details_pb2.RequestInfo).request_id == "abc-1"
    assert dict(error.trailing_metadata() or ())["x-request-id"] == "abc-1"


async def test_an_unexpected_error_leaks_nothing(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> dict[str, bool]:
        raise RuntimeError("a password in a message")

    monkeypatch.setattr(server.models, "ready", broken)
    error = await failure(server.models_stub.ListPacks(model_service.ListPacksRequest()))
    assert error.code() is grpc.StatusCode.INTERNAL
    assert "password" not in f"{error.details()}{error.trailing_metadata()}"
    assert detail(error, error_details_pb2.RequestInfo).request_id in (error.details() or "")


async def test_a_message_above_four_megabytes_arrives(server: RunningServer) -> None:
    request = image_service.CreateImageRequest(parent="collections/default", content=b"x" * (5 << 20))
    error = await failure(server.images.CreateImage(request))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert detail(error, error_details_pb2.BadRequest).field_violations[0].field == "content"


async def test_health_tells_services_apart_and_follows_the_engines(server: RunningServer) -> None:
    stub: Any = health_pb2_grpc.HealthStub(server.channel)

    async def serving(service: str) -> bool:
        answer = await stub.Check(health_pb2.HealthCheckRequest(service=service))
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    assert [service for service in NEEDS if not await serving(service)] == []
    server.models.gone = True
    await server.health.look()
    well = {service for service in NEEDS if await serving(service)}
    operations = "google.longrunning.Operations"
    assert well == {
        operations,
        *(f"sightline.v1.{each}Service" for each in ("Collection", "Import", "Model")),
    }
    server.models.gone = False
    for model, also in (("colours_segment", {"Search", "Embedding", "Text"}), ("colours_text", set[str]())):
        server.models.unready = {model}
        await server.health.look()
        well = {service for service in NEEDS if await serving(service)}
        others = {f"sightline.v1.{each}Service" for each in {"Collection", "Import", "Model"} | also}
        assert well == {operations, *others}
    server.models.unready = set()
    await server.health.look()
    assert [service for service in NEEDS if not await serving(service)] == []


async def test_without_models_listing_works_and_embedding_does_not(server: RunningServer) -> None:
    image = await server.images.CreateImage(
        image_service.CreateImageRequest(parent="collections/default", content=png("red"))
    )
    server.models.gone = True
    listed = await server.images.ListImages(image_service.ListImagesRequest(parent="collections/default"))
    assert [each.name for each in listed.images] == [image.name]
    content = await server.images.GetImageContent(image_service.GetImageContentRequest(name=image.name))
    assert (content.content_type, content.data) == ("image/png", png("red"))
    packs = await server.models_stub.ListPacks(model_service.ListPacksRequest())
    assert [(pack.name, pack.ready) for pack in packs.packs] == [
        ("packs/colours", False),
        ("packs/judge", False),
        ("packs/wordless", False),
    ]
    query = search_service.SearchRequest(parent="collections/default", text="purple")
    error = await failure(server.search.Search(query))
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert "model" in (error.details() or "")


async def test_reflection_names_every_service(server: RunningServer) -> None:
    async def ask() -> AsyncIterator[reflection_pb2.ServerReflectionRequest]:
        yield reflection_pb2.ServerReflectionRequest(list_services="")

    make: Any = reflection_pb2_grpc.ServerReflectionStub  # typed for synchronous channels alone
    stub = make(server.channel)
    async for answer in stub.ServerReflectionInfo(ask()):
        names = {service.name for service in answer.list_services_response.service}
    assert names >= {service for service in NEEDS if service}
    assert {"grpc.health.v1.Health", "grpc.channelz.v1.Channelz"} <= names


async def test_a_method_that_does_not_exist_is_unimplemented(server: RunningServer) -> None:
    call: Any = server.channel.unary_unary("/sightline.v1.ImageService/Nothing")
    assert (await failure(call(b""))).code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_deadline_that_passes_is_the_callers_answer(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = asyncio.Event()

    async def slow() -> dict[str, bool]:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return {}

    monkeypatch.setattr(server.models, "ready", slow)
    error = await failure(server.models_stub.ListPacks(model_service.ListPacksRequest(), timeout=0.3))
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await asyncio.wait_for(ended.wait(), 10)  # the work ends with the call


async def test_stopping_finishes_what_is_under_way_and_takes_nothing_new(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> dict[str, bool]:
        begun.set()
        await go_on.wait()
        return {}

    monkeypatch.setattr(server.models, "ready", slow)
    call = asyncio.ensure_future(server.models_stub.ListPacks(model_service.ListPacksRequest()))
    await begun.wait()
    stopping = asyncio.create_task(server.server.stop(30))
    await asyncio.sleep(0.2)
    async with grpc.aio.insecure_channel(server.address) as other:
        stub: Any = health_pb2_grpc.HealthStub(other)
        late = await failure(stub.Check(health_pb2.HealthCheckRequest()))
        assert late.code() is grpc.StatusCode.UNAVAILABLE
    go_on.set()
    assert len((await call).packs) == 3
    await stopping


async def test_a_collection_lives_from_creation_to_deletion(server: RunningServer) -> None:
    created = await server.collections.CreateCollection(
        collection_service.CreateCollectionRequest(collection_id="mine")
    )
    assert (created.name, created.embedder, created.segmenter) == ("collections/mine", "colours", "colours")
    listed = await server.collections.ListCollections(collection_service.ListCollectionsRequest(page_size=1))
    assert [each.name for each in listed.collections] == ["collections/default"]
    rest = await server.collections.ListCollections(
        collection_service.ListCollectionsRequest(page_size=1, page_token=listed.next_page_token)
    )
    assert ([each.name for each in rest.collections], rest.next_page_token) == (["collections/mine"], "")
    changed = collection_service.UpdateCollectionRequest()
    changed.collection.name = created.name
    changed.collection.display_name = "Mine"
    changed.collection.etag = created.etag
    updated = await server.collections.UpdateCollection(changed)
    assert (updated.display_name, updated.segmentation) == ("Mine", created.segmentation)
    assert (await failure(server.collections.UpdateCollection(changed))).code() is grpc.StatusCode.ABORTED
    changed.collection.etag = ""
    changed.collection.embedder = "wordless"
    error = await failure(server.collections.UpdateCollection(changed))
    assert detail(error, error_details_pb2.BadRequest).field_violations[0].field == "collection.embedder"
    await server.collections.DeleteCollection(collection_service.DeleteCollectionRequest(name=created.name))
    error = await failure(
        server.collections.GetCollection(collection_service.GetCollectionRequest(name=created.name))
    )
    assert error.code() is grpc.StatusCode.NOT_FOUND

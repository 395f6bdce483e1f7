"""A caller reads its own writes, on an index that sees them later: over gRPC, and by itself in the SDK."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from orchestrator.adapters.index.pinecone import PineconeIndex
from orchestrator.adapters.index.pinecone_indexes import Serverless
from orchestrator.application.ports import Ports
from sightline import AsyncSightline, NewImage
from sightline.v1.image_service_pb2 import BulkCreateImagesRequest, CreateImageRequest
from sightline.v1.search_service_pb2 import SearchRequest
from tests.fakes.pinecone import Cloud, Weather, running_pinecone
from tests.fakes.pinecone.server import API_KEY
from tests.fixtures.pictures import png
from tests.fixtures.server import RunningServer, running_server

PARENT = "collections/default"
PICTURE = png("red")
TOKEN = "sightline-consistency-token"


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(Weather(delay=1.0))


@pytest.fixture
async def lagging(ports: Ports, cloud: Cloud, shared: Path | None) -> AsyncIterator[RunningServer]:
    """A server whose index sees a write a second later."""
    where = Serverless(prefix="sightline", cloud="aws", region="us-east-1")
    with running_pinecone(cloud, shared / "contracts" / "pinecone" if shared else None) as address:
        index = PineconeIndex(API_KEY, where, host=address, lag=0.1)
        async with running_server(replace(ports, index=index)) as running:
            yield running
        await index.close()


async def search(server: RunningServer, token: str = "") -> list[str]:
    request = SearchRequest(parent=PARENT, text="red", consistency_token=token)
    return [hit.image for hit in (await server.search.Search(request)).hits]


async def test_a_search_with_the_token_of_a_write_sees_it(lagging: RunningServer) -> None:
    call = lagging.images.CreateImage(CreateImageRequest(parent=PARENT, content=PICTURE))
    made = await call
    token = dict(await call.initial_metadata())[TOKEN]
    assert await search(lagging) == []
    assert await search(lagging, str(token)) == [made.name]


async def test_each_item_of_a_bulk_stream_has_its_token(lagging: RunningServer) -> None:
    async def items() -> AsyncIterator[BulkCreateImagesRequest]:
        for index in range(3):
            request = CreateImageRequest(parent=PARENT, content=PICTURE)
            yield BulkCreateImagesRequest(index=index, request=request)

    answers = [answer async for answer in lagging.images.BulkCreateImages(items())]
    assert await search(lagging) == []
    for answer in answers:
        assert answer.image.name in await search(lagging, answer.consistency_token)


async def test_a_client_reads_what_it_wrote(lagging: RunningServer) -> None:
    async with AsyncSightline(lagging.address) as client, AsyncSightline(lagging.address) as other:
        made = [
            await client.create_image(PICTURE),
            *[done.image async for done in client.create_images([NewImage(picture=PICTURE)])],
            await client.upload_image(PICTURE),
        ]
        assert [hit async for hit in other.search("red")] == []
        names = {image.name for image in made if image}
        assert {hit.image async for hit in client.search("red")} == names


async def test_what_cannot_be_seen_yet_says_when_to_try_again(lagging: RunningServer, cloud: Cloud) -> None:
    cloud.weather.delay = 60
    lagging.ports.index._patience = 0.2  # type: ignore[attr-defined]
    call = lagging.images.CreateImage(CreateImageRequest(parent=PARENT, content=PICTURE))
    await call
    token = dict(await call.initial_metadata())[TOKEN]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await search(lagging, str(token))
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert b"RetryInfo" in dict(caught.value.trailing_metadata() or ())["grpc-status-details-bin"]


async def test_where_writes_are_seen_at_once_there_is_no_token(server: RunningServer) -> None:
    call = server.images.CreateImage(CreateImageRequest(parent=PARENT, content=PICTURE))
    made = await call
    assert TOKEN not in dict(await call.initial_metadata())
    assert await search(server) == [made.name]
    # One of another engine, from before it was exchanged, changes nothing.
    assert await search(server, "eyJhIjoiaW1hZ2U9MSJ9") == [made.name]

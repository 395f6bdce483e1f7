"""The bulk stream: every item answered once and by itself, and no more read than are answered."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc
import pytest
import structlog
from google.protobuf.any_pb2 import Any as Packed
from google.rpc import error_details_pb2
from structlog.testing import capture_logs

from orchestrator.domain.errors import DataLoss, InvalidArgument, SightlineError
from orchestrator.grpc_api.bulk import answer_items
from sightline.v1 import image_pb2
from sightline.v1 import image_service_pb2 as image_service
from tests.fixtures.pictures import png
from tests.fixtures.server import RunningServer

PARENT = "collections/default"
Item = image_service.BulkCreateImagesRequest
Answer = image_service.BulkCreateImagesResponse


def item(index: int, content: bytes = b"", **fields: Any) -> Item:
    request = image_service.CreateImageRequest(parent=PARENT, content=content, **fields)
    return Item(index=index, request=request)


async def stream(items: Iterable[Item]) -> AsyncIterator[Item]:
    for each in items:
        yield each


def violated(answer: Answer) -> str:
    bad = error_details_pb2.BadRequest()
    for packed in answer.error.details:
        if isinstance(packed, Packed) and packed.Unpack(bad):
            return str(bad.field_violations[0].field)
    return ""


async def test_each_item_is_answered_by_itself(server: RunningServer) -> None:
    items = [item(n, png("red", size=(40 + n, 40))) for n in range(8)]
    items[2] = item(2, b"not a picture")
    items[3] = Item(index=3)
    items[4] = item(4, png("red"), image_id="no/slash")
    items[5] = Item(index=5, request=image_service.CreateImageRequest(parent=PARENT, source_uri="ftp://x"))
    items[6] = Item(index=6, request=image_service.CreateImageRequest(parent="collections/no", content=b"x"))
    answers = {each.index: each async for each in server.images.BulkCreateImages(stream(items))}
    assert sorted(answers) == list(range(8))
    code = grpc.StatusCode
    assert {n: answers[n].error.code for n in range(2, 7)} == {
        2: code.INVALID_ARGUMENT.value[0],
        3: code.INVALID_ARGUMENT.value[0],
        4: code.INVALID_ARGUMENT.value[0],
        5: code.INVALID_ARGUMENT.value[0],
        6: code.NOT_FOUND.value[0],
    }
    assert [violated(answers[n]) for n in (2, 3, 4, 5)] == ["content", "request", "image_id", "source_uri"]
    assert {answers[n].image.width for n in (0, 1, 7)} == {40, 41, 47}
    listed = await server.images.ListImages(image_service.ListImagesRequest(parent=PARENT))
    assert {image.name for image in listed.images} == {answers[n].image.name for n in (0, 1, 7)}


async def test_an_empty_stream_has_no_answers(server: RunningServer) -> None:
    assert [each async for each in server.images.BulkCreateImages(stream([]))] == []


async def test_a_client_may_answer_before_it_sends_more(server: RunningServer) -> None:
    call = server.images.BulkCreateImages()
    for n in range(3):
        await call.write(item(n, png("blue", size=(50 + n, 50))))
        answer = await call.read()
        assert isinstance(answer, Answer)
        assert answer.index == n
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF


async def test_no_more_is_read_than_is_answered() -> None:
    read = 0

    async def endless() -> AsyncIterator[Item]:
        nonlocal read
        while True:
            read += 1
            yield item(read, b"x")

    async def create(request: image_service.CreateImageRequest) -> image_pb2.Image:
        return image_pb2.Image()

    answers = answer_items(endless(), create, in_flight=3)
    for taken in range(1, 10):
        await anext(answers)
        for _ in range(20):
            await asyncio.sleep(0)
        assert read <= taken + 3
    await answers.aclose()  # type: ignore[attr-defined]  # an async generator


async def test_items_are_side_by_side_and_answered_as_they_end() -> None:
    gates = {n: asyncio.Event() for n in range(3)}

    async def create(request: image_service.CreateImageRequest) -> image_pb2.Image:
        await gates[int(request.image_id)].wait()
        return image_pb2.Image()

    answers = answer_items(stream([item(n, b"x", image_id=str(n)) for n in range(3)]), create, in_flight=3)
    order = []
    for n in (2, 0, 1):
        gates[n].set()
        order.append((await anext(answers)).index)
    assert order == [2, 0, 1]


async def test_what_is_under_way_ends_with_the_caller() -> None:
    cancelled = asyncio.Event()

    async def create(request: image_service.CreateImageRequest) -> image_pb2.Image:
        if request.image_id == "first":
            return image_pb2.Image()
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()
        return image_pb2.Image()

    items = stream([item(0, b"x", image_id="first"), item(1, b"x")])
    answers = answer_items(items, create, in_flight=2)
    await anext(answers)
    await asyncio.sleep(0)
    await answers.aclose()  # type: ignore[attr-defined]  # an async generator
    assert cancelled.is_set()


async def test_an_unexpected_error_fails_its_item_and_tells_nothing() -> None:
    async def create(request: image_service.CreateImageRequest) -> image_pb2.Image:
        raise RuntimeError("a secret")

    (answer,) = [each async for each in answer_items(stream([item(4, b"x")]), create, in_flight=2)]
    assert (answer.index, answer.error.code) == (4, grpc.StatusCode.INTERNAL.value[0])
    assert b"secret" not in answer.SerializeToString()


@pytest.mark.parametrize(
    "error", [RuntimeError("a secret"), SightlineError("a secret"), DataLoss("it is gone")]
)
async def test_a_fault_of_ours_is_logged_under_the_id_that_the_caller_is_told(error: Exception) -> None:
    async def create(request: image_service.CreateImageRequest) -> image_pb2.Image:
        raise error

    merge = structlog.contextvars.merge_contextvars
    with (
        structlog.contextvars.bound_contextvars(request_id="r-1"),
        capture_logs(processors=[merge]) as logged,
    ):
        (answer,) = [each async for each in answer_items(stream([item(4, b"x")]), create, in_flight=2)]
    (line,) = logged
    assert (line["log_level"], line["request_id"], line["index"]) == ("error", "r-1", 4)
    assert line["exc_info"] is error
    told = error_details_pb2.RequestInfo()
    assert any(isinstance(each, Packed) and each.Unpack(told) for each in answer.error.details)
    assert told.request_id == "r-1"
    assert b"secret" not in answer.SerializeToString()


async def test_a_mistake_of_the_caller_is_no_fault_of_ours() -> None:
    async def create(request: image_service.CreateImageRequest) -> image_pb2.Image:
        raise InvalidArgument.field("content", "is empty")

    with capture_logs() as logged:
        (answer,) = [each async for each in answer_items(stream([item(4, b"x")]), create, in_flight=2)]
    assert answer.error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert logged == []

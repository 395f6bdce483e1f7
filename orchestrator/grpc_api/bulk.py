"""A bulk stream: items under way side by side, each answered by itself, no more read than are answered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from orchestrator.application.consistency import encode_tokens, noting
from orchestrator.domain.errors import InvalidArgument
from orchestrator.grpc_api.status import SERVER_FAULTS, code_of, to_status
from orchestrator.grpc_api.validation import validate
from sightline.v1 import image_pb2, image_service_pb2

Item = image_service_pb2.BulkCreateImagesRequest
Answer = image_service_pb2.BulkCreateImagesResponse
Create = Callable[[image_service_pb2.CreateImageRequest], Awaitable[image_pb2.Image]]

_log = structlog.get_logger("bulk")


async def answer_items(items: AsyncIterator[Item], create: Create, in_flight: int) -> AsyncIterator[Answer]:
    """Answers every item once, in the order in which they are done.

    An item is read when fewer than `in_flight` are unanswered; one counts as answered when the caller has
    taken its answer, so a caller who does not read is not read from. What fails, fails alone. When the
    caller goes away, what is under way is cancelled.
    """
    slots = asyncio.Semaphore(in_flight)
    answers: asyncio.Queue[Answer | None] = asyncio.Queue()
    under_way: set[asyncio.Task[None]] = set()

    async def answer(item: Item) -> None:
        await answers.put(await _answer(item, create))

    async def read() -> None:
        await slots.acquire()
        async for item in items:
            task = asyncio.create_task(answer(item))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            await slots.acquire()
        await asyncio.gather(*under_way)

    def end(_: asyncio.Task[None]) -> None:
        answers.put_nowait(None)

    reader = asyncio.create_task(read())
    reader.add_done_callback(end)
    try:
        while (done := await answers.get()) is not None:
            yield done
            slots.release()
        await reader  # raises what broke the stream
    finally:
        reader.cancel()
        for task in under_way:
            task.cancel()
        await asyncio.gather(reader, *under_way, return_exceptions=True)


async def _answer(item: Item, create: Create) -> Answer:
    try:
        if not item.HasField("request"):
            raise InvalidArgument.field("request", "is required")
        validate(item.request)
        with noting() as tokens:
            image = await create(item.request)
        return Answer(index=item.index, image=image, consistency_token=encode_tokens(tokens))
    except Exception as error:
        request_id = ""
        if code_of(error) in SERVER_FAULTS:
            request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
            _log.error("item failed", index=item.index, exc_info=error)
        return Answer(index=item.index, error=to_status(error, request_id))

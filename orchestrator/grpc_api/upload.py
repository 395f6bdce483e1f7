"""A chunked upload: `start`, chunks, `finish`, gathered into one request."""

import asyncio
from collections.abc import AsyncIterator

import google_crc32c

from orchestrator.domain.errors import DataLoss, DeadlineExceeded, InvalidArgument
from orchestrator.domain.image import MAX_CONTENT_BYTES
from orchestrator.grpc_api.validation import validate
from sightline.v1.image_service_pb2 import CreateImageRequest, UploadImageRequest

MAX_CHUNK_BYTES = 64 * 1024
IDLE_SECONDS = 60.0
"""The longest wait for the next part: what was sent is held in memory until then."""


async def receive_upload(
    parts: AsyncIterator[UploadImageRequest], *, idle_seconds: float = IDLE_SECONDS
) -> CreateImageRequest:
    """The request that the parts make together.

    Raises InvalidArgument for parts out of order and above a limit, as soon as they come; DataLoss when the
    checksum differs; DeadlineExceeded when nothing came for `idle_seconds`.
    """
    start: UploadImageRequest.Start | None = None
    finish: UploadImageRequest.Finish | None = None
    content = bytearray()
    checksum = 0
    iterator = aiter(parts)
    while (part := await _next(iterator, idle_seconds)) is not None:
        kind = part.WhichOneof("part")
        if kind == "chunk" and len(part.chunk) > MAX_CHUNK_BYTES:
            raise InvalidArgument.field("chunk", f"is longer than {MAX_CHUNK_BYTES} bytes")
        validate(part)
        if finish is not None:
            raise InvalidArgument.field("finish", "comes last")
        if (kind == "start") != (start is None):
            raise InvalidArgument.field("start", "comes first, and once")
        if kind == "start":
            start = part.start
        elif kind == "finish":
            finish = part.finish
        else:
            chunk = part.chunk
            if len(content) + len(chunk) > MAX_CONTENT_BYTES:
                raise InvalidArgument.field("chunk", f"all together exceed {MAX_CONTENT_BYTES} bytes")
            content += chunk
            checksum = google_crc32c.extend(checksum, chunk)
    if start is None or finish is None:
        raise InvalidArgument.field("finish" if start is not None else "start", "is missing")
    if finish.HasField("crc32c") and finish.crc32c != checksum:
        raise DataLoss(
            "the chunks' CRC-32C differs from the one in finish: bytes were changed on the way",
            reason="CHECKSUM_MISMATCH",
            metadata={"expected": f"{finish.crc32c:08x}", "received": f"{checksum:08x}"},
        )
    return CreateImageRequest(
        parent=start.parent,
        image_id=start.image_id,
        image=start.image if start.HasField("image") else None,
        content=bytes(content),
        request_id=start.request_id,
    )


async def _next(
    iterator: AsyncIterator[UploadImageRequest], idle_seconds: float
) -> UploadImageRequest | None:
    try:
        async with asyncio.timeout(idle_seconds):
            return await anext(iterator)
    except StopAsyncIteration:
        return None
    except TimeoutError as error:
        raise DeadlineExceeded(f"nothing came for {idle_seconds:g} s") from error

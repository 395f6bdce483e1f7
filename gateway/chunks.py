"""Cuts a file into the messages of a client-streaming RPC, as it comes: none of it is held."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from google.protobuf.message import Message

from gateway import fields, upload
from gateway.codec import Codec
from gateway.errors import invalid
from gateway.fields import FieldError, FieldPath
from gateway.multipart import Part, base_name, filename_of, form_events, media_type
from gateway.request import HttpRequest, bind_url
from gateway.routes import Route
from gateway.stream import Feed
from gateway.upload import ChunkPlan, UploadPlan


def feed_file(
    route: Route, values: Sequence[str], request: HttpRequest, codec: Codec, max_parts: int
) -> Feed | None:
    """What feeds a body, bare or a form, into a client-streaming RPC; None where the route takes none such.

    The feed raises RequestError (400, 408, 413, 429) and Disconnected.
    """
    plan = route.upload
    if plan is None or plan.chunks is None:
        return None
    content_type = request.header("content-type") or ""
    kind = media_type(content_type)
    file = _File(route, plan, plan.chunks, values, request, codec)

    async def bare(call: Any) -> None:
        name = filename_of(request.header("content-disposition") or "")
        await file.open(call, [], kind, name)
        await file.send(call, plan.raw, request.body.steady())
        await file.close(call, [])

    async def form(call: Any) -> None:
        await _feed_form(file, form_events(request.body.steady(), content_type, max_parts), call)

    if kind == upload.FORM and plan.parts:
        return form
    return bare if plan.takes_raw(kind) else None


class _File:
    """The messages of one upload."""

    def __init__(
        self, route: Route, plan: UploadPlan, chunks: ChunkPlan, values: Sequence[str], request: HttpRequest,
        codec: Codec,
    ) -> None:  # fmt: skip
        self.plan = plan
        self.hold = request.body.hold
        self._route = route
        self._chunks = chunks
        self._values = values
        self._query = request.query
        self._codec = codec

    async def open(self, call: Any, parts: Sequence[Part], kind: str, filename: str) -> None:
        """Sends the message in front of the file, if there is anything to say."""
        message = self._route.method.request_class()
        self.plan.fill(message, parts, 0, self._codec)
        try:
            self.plan.describe(message, kind, filename)
            bind_url(self._route, message, self._values, self._query, self._codec, upload=True)
            _set(message, self._chunks.start)
        except FieldError as error:
            raise invalid("", str(error)) from error
        if message.ByteSize():
            await call.write(message)

    async def send(self, call: Any, path: FieldPath, content: AsyncIterator[bytes]) -> None:
        """Sends a file's content in pieces of the plan's size, the last as large as it is."""
        rest = bytearray()
        size = self._chunks.size
        async for data in content:
            rest += data
            while len(rest) >= size:
                await self._piece(call, path, bytes(memoryview(rest)[:size]))
                del rest[:size]
        if rest:
            await self._piece(call, path, bytes(rest))

    async def close(self, call: Any, parts: Sequence[Part]) -> None:
        """Sends the message behind the file, if the plan has one, and ends the stream."""
        if self._chunks.finish:
            message = self._route.method.request_class()
            self.plan.fill(message, parts, 0, self._codec)
            _set(message, self._chunks.finish)
            await call.write(message)
        await call.done_writing()

    def is_last(self, path: FieldPath) -> bool:
        """Whether a field belongs into the message behind the file."""
        finish = self._chunks.finish
        return bool(finish) and path[: len(finish)] == finish

    async def _piece(self, call: Any, path: FieldPath, data: bytes) -> None:
        message = self._route.method.request_class()
        fields.set_value(message, path, data)
        await call.write(message)


def _set(message: Message, path: FieldPath) -> None:
    if path:
        getattr(fields.parent_of(message, path), path[-1].name).SetInParent()


async def _feed_form(file: _File, events: AsyncIterator[Part | bytes], call: Any) -> None:
    """Sends a form: parts for the first message, one file, and parts for the last message."""
    first: list[Part] = []
    last: list[Part] = []
    sent = False
    async for part, content in _parts(events):
        target = file.plan.target(part.name)
        if target.kind == "bytes":
            if sent or part.filename == "":
                raise invalid(part.name, "one request takes one file" if sent else "holds no file")
            sent = True
            await file.open(call, first, part.content_type, base_name(part.filename or ""))
            await file.send(call, target.path, content)
            continue
        late = file.is_last(target.path)
        if sent and not late:
            raise invalid(part.name, "comes behind the file; send it in front")
        same = last if late else first
        if any(part.name == other.name for other in same):
            raise invalid(part.name, "comes twice")
        same.append(part)
        async for data in content:
            file.hold(len(data))
            part.content += data
    if not sent:
        raise invalid("", "the form holds no file")
    await file.close(call, last)


async def _parts(
    events: AsyncIterator[Part | bytes],
) -> AsyncIterator[tuple[Part, AsyncIterator[bytes]]]:
    """Each part with its content, which is read to its end before the next part is asked for."""
    following: Part | None = None

    async def content() -> AsyncIterator[bytes]:
        nonlocal following
        async for event in events:
            if isinstance(event, Part):
                following = event
                return
            yield event

    async for _ in content():
        pass  # nothing comes before the first part
    while following is not None:
        part, following = following, None
        yield part, content()

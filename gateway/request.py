"""Makes the request message of a route from its path, its query and its body."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import Message

from gateway import fields, update_mask, upload
from gateway.body import BodyReader
from gateway.codec import Codec, JsonError, loads
from gateway.errors import RequestError, invalid
from gateway.fields import FieldError
from gateway.multipart import Part, filename_of, media_type, read_form
from gateway.routes import Route
from gateway.upload import UploadPlan

LARGE_JSON = 1 << 20
"""JSON from this size on is parsed off the event loop."""
_JSON = frozenset({"", "application/json"})
# RFC 7396, which the inferred mask makes of a PATCH: null takes a field away, what is not named stays.
MERGE_PATCH = "application/merge-patch+json"


@dataclass(slots=True)
class HttpRequest:
    """What the gateway keeps of one HTTP request."""

    method: str
    path: str
    query: bytes
    headers: Sequence[tuple[bytes, bytes]]
    body: BodyReader
    client: str | None = None
    by_name: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        found: dict[str, str] = {}
        for raw_name, raw_value in self.headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            found[name] = f"{found[name]}, {value}" if name in found else value
        self.by_name = found

    def header(self, name: str) -> str | None:
        """A header by its lower-case name; one that comes several times as one list."""
        return self.by_name.get(name)


@dataclass(frozen=True, slots=True)
class Form:
    """A form with several files: the requests it stands for, made one by one."""

    route: Route
    plan: UploadPlan
    values: Sequence[str]
    query: bytes
    parts: Sequence[Part]
    ranks: int
    codec: Codec

    def requests(self) -> Iterator[Message]:
        """Each request in turn; what a file held is let go of as its request is made. Raises RequestError."""
        for rank in range(self.ranks):
            message = self.route.method.request_class()
            self.plan.fill(message, self.parts, rank, self.codec)
            bind_url(self.route, message, self.values, self.query, self.codec, upload=True)
            yield message


async def read_request(
    route: Route, values: Sequence[str], request: HttpRequest, codec: Codec, max_parts: int
) -> Message | Form:
    """Reads the body and makes the request message, or the form of a request with several files.

    Raises RequestError (400, 408, 413, 415, 429), and Disconnected.
    """
    message = route.method.request_class()
    content_type = request.header("content-type") or ""
    kind = media_type(content_type)
    plan = route.upload
    uploaded = False
    value: Any = None
    if route.has_body:
        request.body.unpack(request.header("content-encoding"))
    if not route.has_body:
        pass
    elif route.raw_request:
        _set_http_body(route, message, content_type, await request.body.read())
    elif kind in _JSON or (kind == MERGE_PATCH and request.method == "PATCH"):
        value = await _set_json(route, message, content_type, await request.body.read(), codec)
    elif plan is not None and kind == upload.FORM and plan.parts:
        parts = await read_form(request.body.bounded(), content_type, max_parts)
        ranks = plan.ranks(parts)
        if ranks > 1:
            return Form(route, plan, values, request.query, parts, ranks, codec)
        plan.fill(message, parts, 0, codec)
        uploaded = True
    elif plan is not None and plan.takes_raw(kind):
        filename = filename_of(request.header("content-disposition") or "")
        plan.fill_raw(message, await request.body.read(), kind, filename)
        uploaded = True
    else:
        accepted = ["application/json", *(plan.accepted() if plan else [])]
        if request.method == "PATCH":
            accepted.append(MERGE_PATCH)
        raise unsupported(kind, accepted, request.method)
    bind_url(route, message, values, request.query, codec, upload=uploaded)
    update_mask.infer(route, message, value)
    return message


def bind_url(
    route: Route, message: Message, values: Sequence[str], query: bytes, codec: Codec, *, upload: bool = False
) -> None:
    """Sets what the query and the path say. The path comes last, and wins. Raises RequestError."""
    if query:
        route.query.bind(query, message, upload=upload)
    for path, text in zip(route.bound, values, strict=True):
        try:
            fields.set_text(message, path, text, codec)
        except FieldError as error:
            raise invalid(".".join(step.name for step in path), str(error)) from error


def unsupported(kind: str, accepted: Sequence[str], method: str = "POST") -> RequestError:
    """The error of a body whose type is not taken here (415)."""
    header = "accept-patch" if method == "PATCH" else "accept-post"
    return RequestError(
        grpc.StatusCode.INVALID_ARGUMENT,
        f"{kind!r} is not taken here; send {', '.join(accepted)}",
        status=415,
        headers=[(header, ", ".join(accepted))],
    )


def read_json(text: bytes, message: Message, codec: Codec) -> None:
    """Merges JSON text into a message. Raises RequestError with the path of what is wrong."""
    try:
        codec.merge(loads(text), message)
    except JsonError as error:
        raise invalid(error.field, error.why) from error


def merge_json(route: Route, message: Message, text: bytes, codec: Codec) -> Any:
    """Merges a JSON body as the route's body rule says, and returns its value.

    Raises RequestError with the path of what is wrong.
    """
    if not text.strip():
        return None
    try:
        value = loads(text)
        if route.body is None:
            codec.merge(value, message)
        else:
            codec.merge({route.body.json_name: value}, message)
    except JsonError as error:
        raise invalid(error.field, error.why) from error
    return value


async def _set_json(route: Route, message: Message, content_type: str, text: bytes, codec: Codec) -> Any:
    charset = content_type.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise unsupported(content_type, ["application/json; charset=utf-8"])
    if len(text) < LARGE_JSON:
        return merge_json(route, message, text, codec)
    return await asyncio.to_thread(merge_json, route, message, text, codec)


def _set_http_body(route: Route, message: Message, content_type: str, data: bytes) -> None:
    target: Any = message if route.body is None else getattr(message, route.body.name)
    target.content_type = content_type
    target.data = data

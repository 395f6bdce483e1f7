"""Coverage-guided fuzzing of the gateway's parsers: `python -m tests.fuzz.parsers NAME [libFuzzer's flags]`.

Each takes any bytes, and either makes something of them or raises the error that it documents.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator, Callable

import atheris

with atheris.instrument_imports(include=["gateway", "python_multipart"]):
    from gateway import metadata, multipart, pattern
    from gateway.codec import Codec, JsonError, dumps, loads
    from gateway.errors import RequestError
    from gateway.query import QueryBinder
    from gateway.router import MethodNotAllowed, Router, Unrouted
    from gateway.validators import Validators

from google.protobuf.message_factory import GetMessageClass

from gateway.descriptors import read_file
from gateway.schema import Schema
from tests.protos.library_server import build

SCHEMA = Schema(read_file(build() / "library.binpb"))
CODEC = Codec(SCHEMA.pool)
EVERYTHING = SCHEMA.pool.FindMessageTypeByName("library.v1.Everything")
BINDER = QueryBinder(EVERYTHING, [], "", CODEC)
TEMPLATES = ("/a/{b}", "/{a=b/**}:b", "/{a=**}", "/a:b", "/v1/{name=shelves/*/books/*}", "/v1/{a.b}/*:c")
ROUTER = Router([("GET", pattern.parse(text), text) for text in TEMPLATES])


def templates(data: bytes) -> None:
    """Path templates, and paths against those that are well formed."""
    text, _, path = data.decode("latin-1").partition("\n")
    try:
        template = pattern.parse(text)
        Router([("GET", template, text)]).find("GET", path)
    except (pattern.TemplateError, pattern.DecodeError, Unrouted):
        return


def paths(data: bytes) -> None:
    """Paths against a table of routes."""
    try:
        found, values = ROUTER.find("GET", "/" + data.decode("latin-1"))
    except (pattern.DecodeError, Unrouted, MethodNotAllowed):
        return
    assert len(values) == len(pattern.parse(found).variables)


def query(data: bytes) -> None:
    """Whole query strings."""
    try:
        BINDER.bind(data, GetMessageClass(EVERYTHING)())
    except RequestError as error:
        if error.status != 400:
            raise


def json(data: bytes) -> None:
    """JSON of a message: what is taken is written so that it reads as the same message."""
    message = GetMessageClass(EVERYTHING)()
    try:
        CODEC.merge(loads(data), message)
    except JsonError:
        return
    again = GetMessageClass(EVERYTHING)()
    CODEC.merge(loads(CODEC.dumps(message)), again)
    assert again.SerializeToString(deterministic=True) == message.SerializeToString(deterministic=True)


def values(data: bytes) -> None:
    """JSON of any kind: what is read is written so that it reads as the same value."""
    try:
        value = loads(data)
    except JsonError:
        return
    assert loads(dumps(value)) == value


def form(data: bytes) -> None:
    """Forms, cut into pieces at a place that the first byte says."""
    first, content = data[:1], data[1:]
    at = first[0] if first else 0

    async def chunks() -> AsyncIterator[bytes]:
        yield content[:at]
        yield content[at:]

    reading = multipart.read_form(chunks(), "multipart/form-data; boundary=x", 8)
    try:
        reading.send(None)  # it waits for nothing, so that no event loop is needed
    except StopIteration:
        return
    except RequestError as error:
        if error.status != 400:
            raise


def headers(data: bytes) -> None:
    """Headers as metadata, as the deadline, and as conditions on a date."""
    name, _, value = data.partition(b"\n")
    given = dict.fromkeys(("if-modified-since", "if-unmodified-since", "if-range"), value.decode("latin-1"))
    Validators('"a"', "Sun, 06 Nov 1994 08:49:37 GMT").refusal(given)
    try:
        metadata.incoming([(name.lower(), value), (b"grpc-metadata-" + name, value)], "1", "::1", "http")
        metadata.timeout(value.decode("latin-1"), None)
    except RequestError as error:
        if error.status not in (400, 431):
            raise


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (templates, paths, query, json, values, form, headers)
}

if __name__ == "__main__":
    logging.disable()  # python-multipart tells of each form that is wrong
    target = TARGETS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()

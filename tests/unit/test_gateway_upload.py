"""The upload option: what fits a method, and what is left out with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.upload import CHUNK, UploadOptionError, plan
from gateway.v1.annotations_pb2 import HttpUpload, UploadChunks, UploadMany, UploadPart
from tests.protos.library_server import stubs


def method(name: str) -> Any:
    pb, _ = stubs()
    return pb.DESCRIPTOR.services_by_name["Library"].methods_by_name[name]


def file(**more: Any) -> HttpUpload:
    return HttpUpload(raw_field="chunk", raw_content_types=["image/*"], **more)


def test_chunks_are_of_64_kib_unless_said() -> None:
    made = plan(file(chunks=UploadChunks(start_field="start", finish_field="finish")), method("UploadBook"))
    assert made.chunks is not None
    assert made.chunks.size == CHUNK == 65536
    assert [path[-1].name for path in (made.chunks.start, made.chunks.finish)] == ["start", "finish"]
    made = plan(file(chunks=UploadChunks(max_bytes=1000)), method("UploadBook"))
    assert made.chunks is not None
    assert (made.chunks.size, made.chunks.start, made.chunks.finish) == (1000, (), ())


@pytest.mark.parametrize(
    ("name", "option", "why"),
    [
        ("UploadBook", file(), "need chunks"),
        ("CreateBook", HttpUpload(chunks=UploadChunks()), "need chunks"),
        ("UploadBook", file(chunks=UploadChunks(), many=UploadMany(method="CountBooks")), "takes one file"),
        ("UploadBook", file(chunks=UploadChunks(start_field="begin")), "'begin'"),
        ("UploadBook", file(chunks=UploadChunks(finish_field="chunk")), "not a message field"),
        ("UploadBook", file(chunks=UploadChunks(max_bytes=-1)), "max_bytes"),
        ("UploadBook", file(chunks=UploadChunks(max_bytes=2 << 20)), "max_bytes"),
        ("UploadBook", HttpUpload(raw_field="chunk", chunks=UploadChunks()), "raw_content_types"),
        ("CreateBook", HttpUpload(parts=[UploadPart(name="file")]), "no target"),
        ("CreateBook", HttpUpload(parts=[UploadPart(name="file", bytes_field="note")]), "not of the type"),
        ("CreateBook", HttpUpload(many=UploadMany(method="GetBook")), "no client-streaming method"),
        ("CreateBook", HttpUpload(many=UploadMany(method="UploadBook")), "does not take"),
    ],
)
def test_options_that_do_not_fit(name: str, option: HttpUpload, why: str) -> None:
    with pytest.raises(UploadOptionError, match=why):
        plan(option, method(name))

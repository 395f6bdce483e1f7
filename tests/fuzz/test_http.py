"""Whatever comes over HTTP, the gateway answers: no fault of its own, no hang, no memory that grows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import EXAMPLES
from tests.fuzz.conftest import Live
from tests.fuzz.wire import check, head, send
from tests.protos.library_server import stubs

MAX_GROWTH = 48 << 20
ours = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES <= 40,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)

NAMES = [field.json_name for field in stubs()[0].Everything.DESCRIPTOR.fields]
PATHS = [
    "/v1/echo", "/v1/books/x", "/v1/shelves/1/books", "/v1/shelves/1/books/2", "/v1/shelves/1/titles",
    "/v1/files/a/b", "/v1/files/a:stat", "/v1/echo/1/x", "/v1:print", "/v1:inspect", "/v1/books:bulk",
    "/v1/books:count", "/library.v1.Library/Echo", "/readyz", "/openapi.json", "/docs/", "/redoc",
]  # fmt: skip
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "REPORT", "TRACE", "X"]

methods = st.sampled_from(METHODS)
escaped = st.binary(max_size=4).map(lambda raw: "".join(f"%{byte:02x}" for byte in raw))
pieces = st.one_of(
    st.sampled_from(
        ["/", "//", ":", "*", "**", "{", "}", "%", "%2", "%2F", "%zz", "..", ".", "~", "=", "@", ";"]
    ),
    st.sampled_from(["v1", "shelves", "books", "files", "echo", "1", "library.v1.Library", "Echo", "stat"]),
    escaped,
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#"), max_size=8),
)
paths = st.one_of(
    st.sampled_from(PATHS),
    st.tuples(st.sampled_from(PATHS), pieces).map("".join),
    st.lists(pieces, max_size=12).map(lambda found: "/" + "".join(found)),
)
values = st.one_of(
    st.text(max_size=12).map(quote),
    escaped,
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        ["", "NaN", "1e999", "true", "null", "{}", "[]", "9" * 400, "2020-01-02T03:04:05Z", "1s", "%"]
    ),
)
parameters = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from(NAMES),
            st.tuples(
                st.sampled_from(NAMES),
                st.sampled_from([".text", ".nested.text", "[a]", "[1]", "[", "]", "."]),
            ).map("".join),
            st.text(max_size=6).map(quote),
        ),
        st.sampled_from(["=", "", "==", "%3D"]),
        values,
    ).map("".join),
    max_size=6,
).map("&".join)
json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=12),
        st.sampled_from(["FICTION", "1.5s", "2020-01-02T03:04:05Z", "AA==", "-0", 1e400, 2**64, "a.b,cD"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.sampled_from([*NAMES, "@type"]), st.text(max_size=4)), inner, max_size=4
        ),
    ),
    max_leaves=20,
)


@pytest.fixture(scope="module", autouse=True)
def flat_memory(live: Live) -> Iterator[None]:
    """What all tests of this module together leave behind is bounded, once the gateway is warm."""
    for path in PATHS:
        for method in METHODS:
            send(live.url, head(method, path.encode(), {"Content-Type": "application/json"}, b"{}"))
    before = live.resident()
    yield
    assert live.resident() - before < MAX_GROWTH


@ours
@given(method=methods, path=paths, query=parameters)
def test_paths_and_queries(live: Live, method: str, path: str, query: str) -> None:
    target = path.encode("latin-1") + (b"?" + query.encode("latin-1") if query else b"")
    check(send(live.url, head(method, target)))


@ours
@given(target=st.binary(max_size=40), method=st.binary(max_size=6))
def test_bytes_for_a_request_line(live: Live, target: bytes, method: bytes) -> None:
    request = method + b" /" + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    check(send(live.url, request), must_answer=False)


@ours
@given(
    headers=st.dictionaries(
        st.one_of(
            st.sampled_from(
                ["Grpc-Timeout", "Grpc-Metadata-A", "Grpc-Metadata-B-bin", "Accept", "Range", "Content-Type"]
            ),
            st.sampled_from(
                ["Accept-Encoding", "Content-Encoding", "If-None-Match", "X-Forwarded-For", "Origin"]
            ),
            st.sampled_from(
                ["If-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Content-Disposition"]
            ),
            st.text(st.characters(min_codepoint=65, max_codepoint=122), min_size=1, max_size=8),
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=24),
        max_size=5,
    ),
    path=st.sampled_from(PATHS),
    method=methods,
)
def test_headers(live: Live, headers: dict[str, str], path: str, method: str) -> None:
    check(send(live.url, head(method, path.encode(), headers, b"{}")), must_answer=False)


@ours
@given(
    value=json_values, path=st.sampled_from(["/v1/echo", "/v1/shelves/1/books", "/library.v1.Library/Echo"])
)
def test_json(live: Live, value: Any, path: str) -> None:
    body = json.dumps(value).encode()
    check(send(live.url, head("POST", path.encode(), {"Content-Type": "application/json"}, body)))


@ours
@given(data=st.data(), path=st.sampled_from(["/v1/echo", "/v1/books:bulk", "/v1/books:count"]))
def test_json_that_is_broken(live: Live, data: st.DataObject, path: str) -> None:
    text = bytearray(json.dumps(data.draw(json_values)).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.one_of(
                st.binary(max_size=3), st.sampled_from([b'"', b"{", b"[", b"\n", b"\\u", b"\xff", b":", b","])
            )
        )
    check(send(live.url, head("POST", path.encode(), {"Content-Type": "application/json"}, bytes(text))))


part_names = st.one_of(st.sampled_from(["file", "book", "request", "note", ""]), st.text(max_size=5))
parts = st.tuples(
    part_names,
    st.one_of(st.none(), st.text(max_size=8)),
    st.one_of(st.binary(max_size=24), st.sampled_from([b"{}", b'{"title":"T"}', b"\r\n--x", b"--x--"])),
)


@ours
@given(
    found=st.lists(parts, max_size=5),
    boundary=st.sampled_from(["x", "--", "x" * 71, "a b", '"x"']),
    cut=st.one_of(st.none(), st.integers(0, 200)),
    path=st.sampled_from(["/v1/shelves/1/books", "/v1/shelves/1/books:upload", "/v1/echo"]),
)
def test_forms(
    live: Live, found: list[tuple[str, str | None, bytes]], boundary: str, cut: int | None, path: str
) -> None:
    body = b""
    for name, filename, content in found:
        disposition = f'form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
        body += f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n".encode("utf-8", "replace")
        body += content + b"\r\n"
    body = (body + f"--{boundary}--\r\n".encode())[:cut]
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    check(send(live.url, head("POST", path.encode(), kind, body)))

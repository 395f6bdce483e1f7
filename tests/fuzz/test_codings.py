"""Bodies in every content coding, whole and cut: unpacked within the limits, or refused."""

from __future__ import annotations

import gzip
import zlib

import brotli
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.conftest import Live
from tests.fuzz.test_http import METHODS, ours
from tests.fuzz.wire import check, head, send

CODINGS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "identity": bytes,
}
PATHS = ["/v1/echo", "/v1/books:count", "/v1/shelves/1/books:upload", "/library.v1.Library/Echo"]


@ours
@given(
    method=st.sampled_from(METHODS),
    path=st.sampled_from(PATHS),
    coding=st.sampled_from([*CODINGS, "gzip, br", "x", ""]),
    body=st.one_of(
        st.binary(max_size=40), st.sampled_from([b"{}", b'{"text":"a"}', b"", b"{}" + b" " * 5000])
    ),
    cut=st.one_of(st.none(), st.integers(0, 30)),
)
def test_codings(live: Live, method: str, path: str, coding: str, body: bytes, cut: int | None) -> None:
    packed = CODINGS.get(coding, bytes)(body)[:cut]
    headers = {
        "Content-Type": "application/json",
        "Content-Encoding": coding,
        "Accept-Encoding": "zstd, br;q=0.5",
    }
    check(send(live.url, head(method, path.encode(), headers, packed)))


def test_what_unpacks_to_more_than_the_limit_is_refused(live: Live) -> None:
    for coding in ("gzip", "br", "zstd"):
        packed = CODINGS[coding](b" " * (64 << 20))
        before = live.resident()
        headers = {"Content-Type": "application/json", "Content-Encoding": coding}
        answer = send(live.url, head("POST", b"/v1/echo", headers, packed))
        assert answer is not None
        assert answer.status == 413
        assert live.resident() - before < 32 << 20

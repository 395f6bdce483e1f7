"""Headers to metadata and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import metadata
from gateway.errors import RequestError


def carried(*headers: tuple[str, str], custom: bool = False, **more: str) -> dict[str, str | bytes]:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return dict(metadata.incoming(raw, "id", **more, custom=custom))


def test_what_a_proxy_knows_is_passed_on() -> None:
    headers = [("host", "gateway:8080"), ("X-Forwarded-For", "9.9.9.9"), ("X-Forwarded-Prefix", "/api")]
    assert carried(*headers, client="127.0.0.1", scheme="http") == {
        "x-request-id": "id",
        "grpcgateway-host": "gateway:8080",
        "x-forwarded-for": "9.9.9.9, 127.0.0.1",
        "x-forwarded-host": "gateway:8080",
        "x-forwarded-proto": "http",
        "x-forwarded-prefix": "/api",
    }
    headers += [
        ("X-Forwarded-Host", "example.org"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Port", "443"),
    ]
    found = carried(*headers, client="127.0.0.1", scheme="http")
    assert (found["x-forwarded-host"], found["x-forwarded-proto"]) == ("example.org", "https")
    assert found["x-forwarded-port"] == "443"


def test_other_headers_are_metadata_where_the_protocol_says_so() -> None:
    headers = [
        ("X-Tenant", "t"), ("X-Key-Bin", "AP8=, AQ"), ("Cookie", "c=1"), ("Connect-Timeout-Ms", "9"),
        ("Content-Type", "application/json"), ("Sec-Fetch-Site", "none"), ("Grpc-Timeout", "1S"),
        ("X-Forwarded-Proto", "https"), ("Bad!Name", "x"), ("X-Latin", "é"), ("Te", "trailers"),
    ]  # fmt: skip
    assert carried(*headers) == {
        "x-request-id": "id",
        "grpcgateway-cookie": "c=1",
        "x-forwarded-proto": "https",
    }
    found = carried(*headers, custom=True)
    assert found == {**carried(*headers), "x-tenant": "t", "x-key-bin": b"\x01"}
    both = metadata.incoming([(b"x-key-bin", b"AP8=, AQ")], "id", custom=True)
    assert [value for key, value in both if key == "x-key-bin"] == [b"\x00\xff", b"\x01"]
    with pytest.raises(RequestError, match="base64"):
        carried(("x-key-bin", "*"), custom=True)


def test_what_the_gateway_says_itself_stands_alone() -> None:
    headers = [
        ("Grpc-Metadata-Authorization", "b"), ("Authorization", "a"), ("Grpc-Metadata-X-Request-Id", "no"),
        ("Grpc-Metadata-X-Forwarded-For", "6.6.6.6"), ("Grpc-Metadata-Grpcgateway-Cookie", "c=2"),
        ("Cookie", "c=1"), ("Grpcgateway-Host", "forged"), ("Host", "h"), ("Grpc-Metadata-X-Tenant", "t"),
    ]  # fmt: skip
    raw = [(name.encode(), value.encode()) for name, value in headers]
    for custom in (False, True):
        found = metadata.incoming(raw, "id", "127.0.0.1", "http", custom=custom)
        assert sorted(found) == [
            ("authorization", "a"),
            ("grpcgateway-cookie", "c=1"),
            ("grpcgateway-host", "h"),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-host", "h"),
            ("x-forwarded-proto", "http"),
            ("x-request-id", "id"),
            ("x-tenant", "t"),
        ]
    assert carried(("Grpc-Metadata-Authorization", "b"))["authorization"] == "b"


@pytest.mark.parametrize(
    ("sent", "seconds"), [("10S", 10), ("250m", 0.25), ("99999999H", 365 * 86400), (None, 7)]
)
def test_a_deadline_is_within_a_year(sent: str | None, seconds: float) -> None:
    assert metadata.timeout(sent, 7) == seconds


def test_a_request_has_the_id_that_it_brings() -> None:
    assert metadata.request_id([(b"x-request-id", b"r-1")]) == "r-1"
    for wrong in (b"", b"a b", b"\xff", b"x" * 129):
        made = metadata.request_id([(b"X-Request-Id", wrong)])
        assert len(made) == 32
        assert made != metadata.request_id([])


def test_a_servers_metadata_never_forges_http_or_the_protocol() -> None:
    sent = [
        ("x-a", "1"),
        ("x-b-bin", b"\x00"),
        ("grpc-status", "0"),
        ("connect-x", "1"),
        ("content-length", "9"),
    ]
    sent += [("transfer-encoding", "chunked"), ("content-type", "text/html"), (":status", "200")]
    assert metadata.as_text(sent) == [("x-a", "1"), ("x-b-bin", "AA")]
    assert metadata.outgoing(sent)[:2] == [(b"grpc-metadata-x-a", b"1"), (b"grpc-metadata-x-b-bin", b"AA==")]


@given(st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=40)), max_size=8), st.booleans())
def test_no_header_breaks_it(headers: list[tuple[bytes, bytes]], custom: bool) -> None:
    status, found = 400, []
    try:
        found = metadata.incoming(headers, "id", custom=custom)
    except RequestError as error:
        status = error.status
    assert status == 400
    assert all(key == key.lower() for key, _ in found)

"""HTTP headers to gRPC metadata and back, and the deadline, as grpc-gateway maps them."""

from __future__ import annotations

import base64
import binascii
import random
import re
from collections.abc import Iterable, Sequence
from typing import Any

import grpc

from gateway.errors import RequestError, invalid

PREFIX = "grpc-metadata-"
REQUEST_ID = "x-request-id"

Metadata = list[tuple[str, str | bytes]]
Headers = Sequence[tuple[bytes, bytes]]

# Passed on under their own names: who calls, the trace that the call belongs to, where a reader left off, and
# what a proxy in front knows.
_AS_THEY_ARE = frozenset(
    {
        "authorization", "traceparent", "tracestate", "baggage", "last-event-id", "x-forwarded-port",
        "x-forwarded-prefix",
    }
)  # fmt: skip
# grpc-gateway's permanent headers, passed on under a prefix.
_PREFIXED = {
    name: f"grpcgateway-{name}"
    for name in (
        "accept", "accept-charset", "accept-language", "accept-ranges", "cache-control", "cookie", "date",
        "expect", "from", "host", "if-match", "if-modified-since", "if-none-match", "if-schedule-tag-match",
        "if-unmodified-since", "max-forwards", "origin", "pragma", "referer", "user-agent", "via", "warning",
    )
}  # fmt: skip
_RESERVED = frozenset({"content-type", "te", "host", "user-agent", "connection", "content-length", "trailer"})
# Headers of HTTP, of browsers and of the RPC protocols themselves: no metadata under their own names.
_NOT_CUSTOM = frozenset(_PREFIXED) | frozenset(
    {
        "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "dnt",
        "forwarded", "http2-settings", "keep-alive", "priority", "range", "save-data", "te", "trailer",
        "transfer-encoding", "upgrade", "upgrade-insecure-requests", "x-forwarded-for", "x-forwarded-host",
        "x-forwarded-proto", "x-grpc-web", REQUEST_ID,
    }
)  # fmt: skip
_NOT_CUSTOM_PREFIXES = ("access-control-", "connect-", "grpc-", "proxy-", "sec-")
_HOP_BY_HOP = frozenset(
    {
        "connection", "content-encoding", "content-length", "keep-alive", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_NOT_SHOWN = frozenset({"content-type", "user-agent", "date", "server"})

_KEY = re.compile(r"[0-9a-z_.-]+\Z")
_REQUEST_ID_HEADER = REQUEST_ID.encode()
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}\Z")
_TIMEOUT = re.compile(r"(\d{1,8})([HMSmun])\Z")
_LONGEST = 365 * 86400.0  # seconds; the clock of gRPC has an end
_UNITS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


def request_id(headers: Headers) -> str:
    """The id of a request: the caller's where it is a plain word, or a new one."""
    for name, value in headers:
        if name.lower() == _REQUEST_ID_HEADER and (
            found := _REQUEST_ID.match(value.decode("latin-1").strip())
        ):
            return found[0]
    return f"{random.getrandbits(128):032x}"


def incoming(
    headers: Headers, request_id: str, client: str | None = None, scheme: str = "", *, custom: bool = False
) -> Metadata:
    """The metadata of a request.

    `client` is the peer's address, added to X-Forwarded-For; `scheme` that of the request, for
    X-Forwarded-Proto. `custom`: other headers are metadata too, as Connect and gRPC-Web send it. Raises
    RequestError for metadata that gRPC cannot carry. What the gateway says itself stands alone: the client's
    metadata of the same name is left out.
    """
    metadata: Metadata = [(REQUEST_ID, request_id)]
    given: Metadata = []
    forwarded: list[str] = []
    hosts = {"x-forwarded-host": "", "host": "", "x-forwarded-proto": scheme}
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1").strip()
        if name.startswith(PREFIX):
            given.append(_explicit(name.removeprefix(PREFIX), value))
        elif name == "x-forwarded-for":
            forwarded.append(value)
        elif not _printable(value):
            continue
        elif name in _PREFIXED:
            metadata.append((_PREFIXED[name], value))
        elif name in _AS_THEY_ARE:
            metadata.append((name, value))
        elif custom and _is_custom(name):
            given += _custom(name, value)
        if name in hosts:
            hosts[name] = value
    if client:
        forwarded.append(client)
    for key, text in (
        ("x-forwarded-for", ", ".join(forwarded)),
        ("x-forwarded-host", hosts["x-forwarded-host"] or hosts["host"]),
        ("x-forwarded-proto", hosts["x-forwarded-proto"]),
    ):
        if text and _printable(text):
            metadata.append((key, text))
    if not given:
        return metadata
    own = {key for key, _ in metadata}
    return metadata + [(key, text) for key, text in given if key not in own]


def check_size(metadata: Metadata, limit: int) -> None:
    """Refuses metadata larger than `limit` bytes, as gRPC counts them (431). Raises RequestError."""
    if sum(len(key) + len(value) + 32 for key, value in metadata) > limit:
        raise RequestError(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"the headers become more metadata than the limit of {limit} bytes",
            status=431,
        )


def timeout(value: str | None, default: float | None) -> float | None:
    """Seconds of a `Grpc-Timeout` header ("10S", "250m"), at most a year, or the default.

    Raises RequestError.
    """
    if value is None:
        return default
    found = _TIMEOUT.match(value.strip())
    if found is None:
        raise invalid("Grpc-Timeout", "takes up to 8 digits and one of H, M, S, m, u, n: 10S, 250m")
    return min(int(found[1]) * _UNITS[found[2]], _LONGEST)


def outgoing(metadata: Iterable[Any] | None, prefix: str = "grpc-metadata-") -> list[tuple[bytes, bytes]]:
    """The response headers that carry a server's metadata; binary values as base64."""
    out = []
    for key, value in metadata or ():
        if key.startswith((":", "grpc-")) or key in _NOT_SHOWN:
            continue
        data = base64.b64encode(value) if isinstance(value, bytes) else value.encode("latin-1", "replace")
        out.append(((prefix + key).encode("latin-1"), data))
    return out


def as_text(metadata: Iterable[Any] | None) -> list[tuple[str, str]]:
    """A server's metadata under its own names, as Connect and gRPC-Web have it: binary as unpadded base64."""
    return [
        (key, base64.b64encode(value).decode().rstrip("=") if isinstance(value, bytes) else value)
        for key, value in metadata or ()
        if not key.startswith((":", "grpc-", "connect-")) and key not in _NOT_SHOWN | _HOP_BY_HOP
    ]


def as_lists(metadata: Iterable[Any] | None) -> dict[str, list[str]]:
    """The same as a JSON object: each key with all its values."""
    out: dict[str, list[str]] = {}
    for key, value in as_text(metadata):
        out.setdefault(key, []).append(value)
    return out


def _printable(value: str) -> bool:
    """Whether gRPC can carry it as it is."""
    return value.isascii() and value.isprintable()


def _is_custom(name: str) -> bool:
    return (
        name not in _NOT_CUSTOM and not name.startswith(_NOT_CUSTOM_PREFIXES) and _KEY.match(name) is not None
    )


def _custom(key: str, value: str) -> Metadata:
    if not key.endswith("-bin"):
        return [(key, value)]
    return [(key, _binary(key, one.strip())) for one in value.split(",")]  # HTTP may have joined several


def _binary(header: str, value: str) -> bytes:
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid(header, "binary metadata must be base64") from error


def _explicit(key: str, value: str) -> tuple[str, str | bytes]:
    header = f"Grpc-Metadata-{key}"
    if not _KEY.match(key) or key.startswith("grpc-") or key in _RESERVED:
        raise invalid(header, "is not a metadata key that a client may send")
    if key.endswith("-bin"):
        return key, _binary(header, value)
    if not _printable(value):
        raise invalid(header, "metadata must be printable ASCII; name the key *-bin and send base64")
    return key, value

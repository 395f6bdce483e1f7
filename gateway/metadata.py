"""HTTP headers to gRPC metadata and back, and the deadline, as grpc-gateway maps them."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from gateway.errors import invalid

PREFIX = "grpc-metadata-"
REQUEST_ID = "x-request-id"

Metadata = list[tuple[str, str | bytes]]
Headers = Sequence[tuple[bytes, bytes]]

# Passed on under their own names: who calls, and the trace that the call belongs to.
_AS_THEY_ARE = frozenset({"authorization", REQUEST_ID, "traceparent", "tracestate", "baggage"})
# grpc-gateway's permanent headers, passed on under a prefix.
_PREFIXED = frozenset(
    {
        "accept", "accept-charset", "accept-language", "accept-ranges", "cache-control", "cookie", "date",
        "expect", "from", "host", "if-match", "if-modified-since", "if-none-match", "if-schedule-tag-match",
        "if-unmodified-since", "max-forwards", "origin", "pragma", "referer", "user-agent", "via", "warning",
    }
)  # fmt: skip
_RESERVED = frozenset({"content-type", "te", "host", "user-agent", "connection", "content-length", "trailer"})
_NOT_SHOWN = frozenset({"content-type", "user-agent", "date", "server"})

_KEY = re.compile(r"[0-9a-z_.-]+\Z")
_VALUE = re.compile(r"[\x20-\x7e]*\Z")
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}\Z")
_TIMEOUT = re.compile(r"(\d{1,8})([HMSmun])\Z")
_UNITS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


def incoming(headers: Headers, client: str | None) -> tuple[Metadata, str]:
    """The metadata of a request, and its id (the caller's, or a new one).

    `client` is the peer's address, added to X-Forwarded-For. Raises RequestError for a `Grpc-Metadata-`
    header that gRPC cannot carry.
    """
    metadata: Metadata = []
    request_id = ""
    forwarded: list[str] = []
    forwarded_host = host = ""
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1").strip()
        if name.startswith(PREFIX):
            metadata.append(_explicit(name.removeprefix(PREFIX), value))
        elif name == REQUEST_ID:
            request_id = value if _REQUEST_ID.match(value) else ""
        elif name == "x-forwarded-for":
            forwarded.append(value)
        elif name == "x-forwarded-host":
            forwarded_host = value
        elif not _VALUE.match(value):
            continue
        elif name in _AS_THEY_ARE:
            metadata.append((name, value))
        if name in _PREFIXED and _VALUE.match(value):
            metadata.append((f"grpcgateway-{name}", value))
            host = value if name == "host" else host
    if client:
        forwarded.append(client)
    for key, text in (
        ("x-forwarded-for", ", ".join(forwarded)),
        ("x-forwarded-host", forwarded_host or host),
    ):
        if text and _VALUE.match(text):
            metadata.append((key, text))
    request_id = request_id or uuid.uuid4().hex
    metadata.append((REQUEST_ID, request_id))
    return metadata, request_id


def timeout(value: str | None, default: float | None) -> float | None:
    """Seconds of a `Grpc-Timeout` header ("10S", "250m"), or the default. Raises RequestError."""
    if value is None:
        return default
    found = _TIMEOUT.match(value.strip())
    if found is None:
        raise invalid("Grpc-Timeout", "takes up to 8 digits and one of H, M, S, m, u, n: 10S, 250m")
    return int(found[1]) * _UNITS[found[2]]


def outgoing(metadata: Iterable[Any] | None, prefix: str = "grpc-metadata-") -> list[tuple[bytes, bytes]]:
    """The response headers that carry a server's metadata; binary values as base64."""
    out = []
    for key, value in metadata or ():
        if key.startswith((":", "grpc-")) or key in _NOT_SHOWN:
            continue
        data = base64.b64encode(value) if isinstance(value, bytes) else value.encode("latin-1", "replace")
        out.append(((prefix + key).encode("latin-1"), data))
    return out


def _explicit(key: str, value: str) -> tuple[str, str | bytes]:
    header = f"Grpc-Metadata-{key}"
    if not _KEY.match(key) or key.startswith("grpc-") or key in _RESERVED:
        raise invalid(header, "is not a metadata key that a client may send")
    if key.endswith("-bin"):
        try:
            return key, base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
        except (binascii.Error, ValueError) as error:
            raise invalid(header, "binary metadata must be base64") from error
    if not _VALUE.match(value):
        raise invalid(header, "metadata must be printable ASCII; name the key *-bin and send base64")
    return key, value

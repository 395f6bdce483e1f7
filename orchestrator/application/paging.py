"""Pages (AIP-158): sizes within bounds, and opaque tokens that belong to one request."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from orchestrator.domain.errors import InvalidArgument

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000
MAX_TOKEN_LENGTH = 2048

_DIGEST_BYTES = 12


def clamp_page_size(asked: int, default: int = DEFAULT_PAGE_SIZE, maximum: int = MAX_PAGE_SIZE) -> int:
    """Items a page: `default` when 0, at most `maximum`. Raises InvalidArgument below 0."""
    if asked < 0:
        raise InvalidArgument.field("page_size", "must not be negative")
    return min(asked or default, maximum)


def encode_page_token(cursor: Any, request: Mapping[str, Any]) -> str:
    """A token that goes on at `cursor` (any JSON value), good only for an equal `request`.

    `request` holds every field that decides what the pages contain: all but page size and page token. Arrays
    and bytes are told apart by what they hold, everything else by its text.
    """
    body = json.dumps(cursor, separators=(",", ":")).encode()
    return _text(_digest(body, request) + body)


def decode_page_token(token: str, request: Mapping[str, Any], field: str = "page_token") -> Any:
    """The cursor of a token; None for the empty token, the first page.

    Raises InvalidArgument for a token that was changed, is not one, or belongs to another request. The
    digest is no secret: it guards against mistakes, and a forged cursor shows nothing that paging would not.
    """
    if not token:
        return None
    problem = InvalidArgument.field(
        field, "is not the next_page_token of this request with every other field unchanged"
    )
    if len(token) > MAX_TOKEN_LENGTH:
        raise problem
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise problem from error
    digest, body = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
    if digest != _digest(body, request) or _text(raw) != token:
        raise problem
    return json.loads(body)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _digest(body: bytes, request: Mapping[str, Any]) -> bytes:
    hasher = hashlib.blake2b(digest_size=_DIGEST_BYTES, person=b"sightline.page")
    for part in (*(part for key in sorted(request) for part in (key.encode(), _bytes(request[key]))), body):
        hasher.update(len(part).to_bytes(8, "little") + part)
    return hasher.digest()


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | np.ndarray) else repr(value).encode()

"""Consistency tokens: what a write leaves for a search that is to see it."""

import base64
import binascii
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from orchestrator.domain.errors import InvalidArgument

_FIELD = "consistency_token"

_noted: ContextVar[dict[str, str] | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[dict[str, str]]:
    """Collects the tokens of the writes of a block, by namespace: those of the tasks that it starts, too."""
    tokens: dict[str, str] = {}
    reset = _noted.set(tokens)
    try:
        yield tokens
    finally:
        _noted.reset(reset)


def note(namespace: str, token: str | None) -> None:
    """Tells who collects, if anyone does, of a write to a namespace: its last token stands for all before."""
    tokens = _noted.get()
    if token is not None and tokens is not None:
        tokens[namespace] = token


def encode_tokens(tokens: dict[str, str]) -> str:
    """The tokens of some writes as one that callers send back; empty for none."""
    if not tokens:
        return ""
    body = json.dumps(tokens, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def token_for(token: str, namespace: str) -> str | None:
    """What a caller's token says of a namespace; None where it says nothing.

    Raises InvalidArgument for what no write answered with.
    """
    if not token:
        return None
    try:
        tokens = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise InvalidArgument.field(_FIELD, "is no token of a write") from error
    if not (isinstance(tokens, dict) and all(isinstance(each, str) for each in tokens.values())):
        raise InvalidArgument.field(_FIELD, "is no token of a write")
    return tokens.get(namespace)

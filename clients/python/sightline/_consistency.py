"""A client reads what it wrote: the tokens of its writes go along with its searches."""

from collections.abc import Callable, Iterable
from typing import Any

CONSISTENCY_TOKEN = "sightline-consistency-token"  # noqa: S105 - a header


class Tokens:
    """The last token of each collection. Where an engine sees every write at once, there are none."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def note(self, token: str, *messages: Any) -> None:
        """Keeps the token of a write to the collection that one of its messages names."""
        if token and (collection := _collection_of(*messages)):
            self._last[collection] = token

    def note_metadata(self, metadata: Iterable[Any], *messages: Any) -> None:
        """The same, of a call's initial metadata."""
        for key, value in metadata or ():
            if key == CONSISTENCY_TOKEN:
                self.note(str(value), *messages)

    def of(self, message: Any) -> str:
        """The token to send with a message; empty: none is needed."""
        return self._last.get(_collection_of(message), "")


async def begun_async(
    method: Callable[..., Any], tokens: Tokens, request: Any, timeout: float, metadata: Any
) -> Any:
    """Makes a call, and keeps the token that it answers with."""
    call = method(request, timeout=timeout, metadata=metadata)
    answer = await call
    tokens.note_metadata(await call.initial_metadata(), answer, request)
    return answer


def begun(method: Callable[..., Any], tokens: Tokens, request: Any, timeout: float, metadata: Any) -> Any:
    """The same, without asyncio."""
    with_call: Callable[..., Any] = method.with_call  # type: ignore[attr-defined]
    answer, call = with_call(request, timeout=timeout, metadata=metadata)
    tokens.note_metadata(call.initial_metadata(), answer, request)
    return answer


def _collection_of(*messages: Any) -> str:
    """The collection that the first of some messages names."""
    for message in messages:
        for name in (getattr(message, "parent", ""), getattr(message, "name", "")):
            if isinstance(name, str) and name.startswith("collections/"):
                return name.split("/")[1]
    return ""

"""Where imports read: folders, buckets, archives, data sets, lists of URLs, feeds."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from orchestrator.domain.import_source import ImportSource, SourceItem

NO_TURN = "NO_TURN"
"""The reason of a ResourceExhausted where too much is asked for at once: the source itself was not asked."""


class Source(Protocol):
    """An open source. Nothing of it is held in memory but what is being read."""

    def items(self) -> AsyncIterator[SourceItem]:
        """All items, each key once, in an order that stays the same where the source has one.

        What cannot be understood of the source as a whole raises InvalidArgument, with the place; what does
        not answer, Unavailable.
        """
        ...

    async def read(self, item: SourceItem) -> bytes:
        """The file of an item's picture, at most `MAX_CONTENT_BYTES`.

        Raises InvalidArgument for what is too large, refused or no longer there: the item's own failure, that
        trying again does not mend; ResourceExhausted (with `retry_after`) and Unavailable for what it may.
        """
        ...


class Sources(Protocol):
    """Opens sources, and says which may be read at all."""

    def check(self, source: ImportSource) -> None:
        """Raises InvalidArgument for a source that makes no sense, FailedPrecondition for one that this
        server must not read: a folder outside those that may be imported from, a private address."""
        ...

    def open(self, source: ImportSource) -> AbstractAsyncContextManager[Source]:
        """Opens a source that `check` let pass. Raises as `check`, and Unavailable."""
        ...

    async def fetch(self, url: str) -> bytes:
        """The file at an http or https URL, under the same guard: what `CreateImage` has as `source_uri`.

        Raises as `Source.read`.
        """
        ...

"""The catalog's part about text records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from orchestrator.application.ports.work import OutboxEntry, StoredVector, Work
from orchestrator.domain.errors import AlreadyExists
from orchestrator.domain.filter import Filter
from orchestrator.domain.names import CollectionName, RecordName, TextName
from orchestrator.domain.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """A request id (AIP-155) and what it made; `payload` is a hash of the request."""

    request_id: str
    payload: str
    made: RecordName


@dataclass(frozen=True, slots=True, kw_only=True)
class NewText:
    """A PENDING text record with its vector, and the request that asked for it."""

    text: Text
    vector: StoredVector
    request: RequestRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextKey:
    """Where a page of text records, the oldest first, ended."""

    create_time: datetime
    text: str


class TextCatalog(Protocol):
    """Text records: one row each, with its vector. Written, finished and recovered as images are."""

    async def begin_texts(
        self, collection: CollectionName, new: Sequence[NewText], *, whole: bool = False
    ) -> Sequence[Work[Text] | AlreadyExists]:
        """Writes PENDING text records of a collection in one transaction, in their order.

        One whose name or request id (reason REQUEST_ID_TAKEN) is taken, also by one before it, is not
        written, and answered by that error; with `whole` the first such error is raised, and none is written.
        Raises NotFound for the collection.
        """
        ...

    async def finish_all(self, works: Sequence[Work[Text]]) -> Sequence[bool]:
        """As `finish` for many fresh records, each with its entry, in one transaction."""
        ...

    async def get_texts(self, names: Sequence[TextName]) -> Mapping[TextName, Text]:
        """Those of them that exist."""
        ...

    async def get_text(self, name: TextName) -> Text:
        """Raises NotFound."""
        ...

    async def list_texts(
        self,
        collection: CollectionName,
        *,
        filter: Filter | None = None,
        limit: int,
        after: TextKey | None = None,
    ) -> Sequence[Text]:
        """A page of text records, the oldest first, those behind `after`. Raises NotFound."""
        ...

    async def count_texts(self, collection: CollectionName, filter: Filter | None = None) -> int:
        """How many text records a filter finds. Raises NotFound."""
        ...

    async def change_text(self, text: Text, vector: StoredVector | None, *, etag: str) -> OutboxEntry:
        """Writes the fields of a text record whose etag still is `etag`; no vector: the one it has stays.

        Raises NotFound, Aborted.
        """
        ...

    async def begin_text_deletion(self, name: TextName, *, etag: str = "") -> OutboxEntry:
        """Hides a text record. Raises NotFound; Aborted where `etag` is given and stale."""
        ...

    async def remove_texts(self, collection: CollectionName, *, limit: int) -> int:
        """Removes some text records of a collection that is being deleted; how many."""
        ...

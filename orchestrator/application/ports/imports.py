"""Where imports keep what has become of their items: durable, shared by all orchestrators of a catalog."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from orchestrator.domain.import_item import (
    ClaimedItem,
    Imported,
    ImportItem,
    ImportProgress,
    ItemState,
    Outcome,
)
from orchestrator.domain.import_source import SourceItem
from orchestrator.domain.names import CollectionName, ImageName, OperationName
from orchestrator.domain.operation import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportScope:
    """What the items of one source of one collection are known by; `source` is a hash of it."""

    collection: CollectionName
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedItem:
    """An item that a listing found; `item` is a hash of its key, `told` of what is said of it."""

    item: str
    number: int
    told: str
    source: SourceItem


class Imports(Protocol):
    """Imports by their operations' names. Writes are durable when they return; all raise Unavailable."""

    async def begin(self, name: OperationName, scope: ImportScope) -> OperationName | None:
        """Makes the import of an operation, or finds it, and gives its source into its hands.

        Another import that has it, and that runs or has items under way: nothing is given then.
        """
        ...

    async def progress(self, name: OperationName) -> ImportProgress:
        """How it stands; of one that was not begun, that nothing is done."""
        ...

    async def begin_listing(self, name: OperationName, scope: ImportScope) -> None:
        """Says that the source is listed from now on."""
        ...

    async def add_items(self, name: OperationName, scope: ImportScope, items: Sequence[ListedItem]) -> None:
        """Keeps items that were listed; those that are kept already stay as they are.

        One whose fingerprint and `told` are those of an earlier import, what it became then being there
        still, is UNCHANGED; one with a problem is FAILED; others are PENDING.
        """
        ...

    async def end_listing(self, name: OperationName) -> None:
        """Says that all items are kept."""
        ...

    async def claim(
        self,
        name: OperationName,
        scope: ImportScope,
        claim: str,
        *,
        limit: int,
        lease: timedelta,
    ) -> Sequence[ClaimedItem]:
        """Takes the next PENDING items that nobody works on, for so long. One clock tells for all processes.

        None where the source is in another import's hands. One that was taken again and again without
        anything coming of it is taken alone, and at last is FAILED: it seems to end who works on it.
        """
        ...

    async def keep(self, claim: str, *, lease: timedelta) -> None:
        """Keeps the items of a claim for so long from now on."""
        ...

    async def release(self, claim: str) -> None:
        """Leaves the items of a claim to others."""
        ...

    async def finish_item(
        self, name: OperationName, scope: ImportScope, claim: str, item: str, outcome: Outcome
    ) -> bool:
        """Keeps what became of an item; False, and nothing is kept, where it is no longer of this claim.

        Raises Aborted where it was begun with what is no longer so: it is to be done again.
        """
        ...

    async def put_back(
        self, name: OperationName, claim: str, item: str, failure: Failure | None, *, rest: timedelta
    ) -> None:
        """Counts a try of a claimed item that failed; nobody takes it for so long. None: it only waits."""
        ...

    async def hold_content(self, name: OperationName, sha256: str, item: str) -> str:
        """The item of this import that these bytes are imported for: the first that asked, until it ends."""
        ...

    async def find_content(self, collection: CollectionName, sha256: str) -> ImageName | None:
        """An image of a collection that has these bytes, and is not given up."""
        ...

    async def imported(self, scope: ImportScope, item: str) -> Imported | None:
        """What an item became at an earlier import, or in this one."""
        ...

    async def vanished(
        self,
        name: OperationName,
        scope: ImportScope,
        extents: Sequence[str],
        *,
        limit: int,
        after: str = "",
    ) -> Sequence[Imported]:
        """What was made of items that no listing has seen since this import's began, in their order.

        Those behind the item `after` that were last listed with one of these parts of the source.
        """
        ...

    async def give_up(self, scope: ImportScope, item: str) -> str:
        """What is to be deleted with an item, or before it becomes another; empty: nothing.

        An image that other items are duplicates of is one of theirs from now on.
        """
        ...

    async def forget(self, name: OperationName, scope: ImportScope, item: str) -> None:
        """Forgets what an item became, and counts it as deleted."""
        ...

    async def forget_collection(self, collection: CollectionName, *, limit: int) -> int:
        """Forgets what the items of a collection under deletion became, so many at a time; how many."""
        ...

    async def items(
        self,
        name: OperationName,
        states: Sequence[ItemState] | None,
        *,
        limit: int,
        after: tuple[int, str] | None = None,
    ) -> Sequence[ImportItem]:
        """A page of items in the order of the listing, those behind `after`: a number and an item."""
        ...

    async def latest_failures(self, name: OperationName, *, limit: int) -> Sequence[ImportItem]:
        """Items that failed, those listed last first."""
        ...

    async def retry(self, name: OperationName, keys: Sequence[str] | None) -> int:
        """Makes FAILED items PENDING, those of the keys or all; an operation that had ended with PENDING
        items, or failed, is RUNNING again.

        How many items it was. Raises NotFound; FailedPrecondition where the operation was cancelled.
        """
        ...

    async def wait_for(self, name: OperationName, what: str) -> None:
        """Says what the work waits for; empty: it goes on."""
        ...

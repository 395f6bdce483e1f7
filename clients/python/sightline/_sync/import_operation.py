# Made from _async/import_operation.py by generate_sync.py. Do not edit.
"""An import that was started."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from sightline._inputs import ItemState
from sightline.v1 import import_pb2

if TYPE_CHECKING:
    from sightline._sync.imports import Imports


class ImportOperation:
    """An import on the server, where it goes on whatever becomes of this process.

    `name` is its operation's.
    """

    def __init__(self, client: Imports, name: str) -> None:
        """As `import_images` and `import_operation` make it."""
        self.name = name
        self._client = client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def status(self) -> import_pb2.ImportMetadata:
        """How it stands. Raises NotFound."""
        return self._client._import_status(self.name)

    def watch(self) -> Iterator[import_pb2.ImportMetadata]:
        """How it stands: now, at every change, at most twice a second, and when it has ended.

        There is no deadline. Raises NotFound, Unavailable when the server goes away.
        """
        for status in self._client._watch_import(self.name):
            yield status

    def wait(
        self,
        *,
        timeout: float | None = None,
        progress: Callable[[import_pb2.ImportMetadata], object] | None = None,
    ) -> import_pb2.ImportSummary:
        """Waits until it has ended; what became of its items. A server that goes away is waited for.

        `timeout`: seconds; None: as long as it takes. `progress` is called with how it stands, now and then.
        Raises DeadlineExceeded after `timeout`, and as a CallError what the import itself failed with.
        """
        return self._client._wait_import(self.name, timeout, progress)

    def items(self, state: ItemState | None = None, *, page_size: int = 0) -> Iterator[import_pb2.ImportItem]:
        """Its items in the order of the source, all or those of a state, fetched a page at a time.

        Raises NotFound.
        """
        for item in self._client._import_items(self.name, state, page_size):
            yield item

    def retry(self, keys: Sequence[str] = ()) -> int:
        """Tries failed items again, those of these keys or all; how many. Raises FailedPrecondition."""
        return self._client._retry_items(self.name, keys)

    def pause(self) -> import_pb2.ImportMetadata:
        """Pauses it. Raises FailedPrecondition where it has ended."""
        return self._client._pause_import(self.name)

    def resume(self) -> import_pb2.ImportMetadata:
        """Goes on with it. Raises FailedPrecondition where it has ended."""
        return self._client._resume_import(self.name)

    def cancel(self) -> None:
        """Cancels it; what it has imported stays. Raises NotFound."""
        self._client.cancel_operation(self.name)

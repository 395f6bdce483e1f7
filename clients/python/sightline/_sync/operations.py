# Made from _async/operations.py by generate_sync.py. Do not edit.
"""Long-running operations (AIP-151)."""

import time
from collections.abc import Iterator
from typing import Final

from google.longrunning import operations_pb2

from sightline._sync.calls import Calls
from sightline.errors import DeadlineExceeded, from_status

FIRST_PAUSE: Final = 0.1  # seconds; each is twice the one before
LAST_PAUSE: Final = 5.0


class Operations(Calls):
    """`google.longrunning.Operations`."""

    def get_operation(self, name: str) -> operations_pb2.Operation:
        """Gets an operation: `metadata` says how it stands. Raises NotFound."""
        request = operations_pb2.GetOperationRequest(name=name)
        operation: operations_pb2.Operation = self._call(self._operations.GetOperation, request)
        return operation

    def list_operations(self, *, filter: str = "", page_size: int = 0) -> Iterator[operations_pb2.Operation]:
        """Operations, the newest first, fetched a page at a time.

        `filter`: terms such as `kind = "import"`, joined by AND; `collection`, `schedule`, `state` and `done`
        are known too. Raises InvalidArgument.
        """
        request = operations_pb2.ListOperationsRequest(name="operations", filter=filter, page_size=page_size)
        while True:
            page = self._call(self._operations.ListOperations, request)
            for operation in page.operations:
                yield operation
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def cancel_operation(self, name: str) -> None:
        """Cancels an operation; one that has ended stays as it ended. Raises NotFound."""
        self._call(self._operations.CancelOperation, operations_pb2.CancelOperationRequest(name=name))

    def delete_operation(self, name: str) -> None:
        """Forgets an operation that has ended. Raises FailedPrecondition, NotFound."""
        self._call(self._operations.DeleteOperation, operations_pb2.DeleteOperationRequest(name=name))

    def wait_operation(self, name: str, *, timeout: float | None = None) -> operations_pb2.Operation:
        """Asks for an operation until it is done, and gives it: its `response` holds the result.

        `timeout`: seconds that it may take; None: as long as it takes. Raises NotFound, DeadlineExceeded
        after `timeout`, and as a CallError what the operation itself failed with.
        """
        until = None if timeout is None else time.monotonic() + timeout
        pause = FIRST_PAUSE
        while True:
            operation = self.get_operation(name)
            if operation.done:
                break
            if until is not None and time.monotonic() + pause > until:
                raise DeadlineExceeded(f"{name} is not done after {timeout:g} s")
            time.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE)
        if operation.HasField("error"):
            raise from_status(operation.error)
        return operation

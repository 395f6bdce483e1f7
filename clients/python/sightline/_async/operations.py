"""Long-running operations (AIP-151)."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final

from google.longrunning import operations_pb2

from sightline._async.calls import AsyncCalls
from sightline.errors import DeadlineExceeded, from_status

FIRST_PAUSE: Final = 0.1  # seconds; each is twice the one before
LAST_PAUSE: Final = 5.0


class AsyncOperations(AsyncCalls):
    """`google.longrunning.Operations`."""

    async def get_operation(self, name: str) -> operations_pb2.Operation:
        """Gets an operation: `metadata` says how it stands. Raises NotFound."""
        request = operations_pb2.GetOperationRequest(name=name)
        operation: operations_pb2.Operation = await self._call(self._operations.GetOperation, request)
        return operation

    async def list_operations(
        self, *, filter: str = "", page_size: int = 0
    ) -> AsyncIterator[operations_pb2.Operation]:
        """Operations, the newest first, fetched a page at a time.

        `filter`: terms such as `kind = "import"`, joined by AND; `collection`, `schedule`, `state` and `done`
        are known too. Raises InvalidArgument.
        """
        request = operations_pb2.ListOperationsRequest(name="operations", filter=filter, page_size=page_size)
        while True:
            page = await self._call(self._operations.ListOperations, request)
            for operation in page.operations:
                yield operation
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def cancel_operation(self, name: str) -> None:
        """Cancels an operation; one that has ended stays as it ended. Raises NotFound."""
        await self._call(self._operations.CancelOperation, operations_pb2.CancelOperationRequest(name=name))

    async def delete_operation(self, name: str) -> None:
        """Forgets an operation that has ended. Raises FailedPrecondition, NotFound."""
        await self._call(self._operations.DeleteOperation, operations_pb2.DeleteOperationRequest(name=name))

    async def wait_operation(self, name: str, *, timeout: float | None = None) -> operations_pb2.Operation:
        """Asks for an operation until it is done, and gives it: its `response` holds the result.

        `timeout`: seconds that it may take; None: as long as it takes. Raises NotFound, DeadlineExceeded
        after `timeout`, and as a CallError what the operation itself failed with.
        """
        until = None if timeout is None else time.monotonic() + timeout
        pause = FIRST_PAUSE
        while True:
            operation = await self.get_operation(name)
            if operation.done:
                break
            if until is not None and time.monotonic() + pause > until:
                raise DeadlineExceeded(f"{name} is not done after {timeout:g} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE)
        if operation.HasField("error"):
            raise from_status(operation.error)
        return operation

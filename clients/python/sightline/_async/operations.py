"""Long-running operations (AIP-151)."""

import asyncio
import time
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

"""google.longrunning.Operations: translate, use case, translate."""

from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf.empty_pb2 import Empty

from orchestrator.application import operations
from orchestrator.application.ports import Ports
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.names import parse_operation
from orchestrator.grpc_api.faces import FACES
from orchestrator.grpc_api.interceptors import Context
from orchestrator.grpc_api.translate.operation import to_operation

_MARGIN = 0.2
"""Seconds before a caller's deadline at which it is answered."""


class OperationsServicer(operations_pb2_grpc.OperationsServicer):  # type: ignore[misc]
    """Operations over gRPC."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def GetOperation(
        self, request: operations_pb2.GetOperationRequest, context: Context
    ) -> operations_pb2.Operation:
        """Gets an operation."""
        found = await operations.get_operation(self._ports, parse_operation(request.name))
        return await to_operation(self._ports, found, FACES)

    async def ListOperations(
        self, request: operations_pb2.ListOperationsRequest, context: Context
    ) -> operations_pb2.ListOperationsResponse:
        """Lists operations, the newest first."""
        if request.name not in ("", "operations"):
            raise InvalidArgument.field("name", "is 'operations'")
        found, token = await operations.list_operations(
            self._ports, filter=request.filter, page_size=request.page_size, page_token=request.page_token
        )
        return operations_pb2.ListOperationsResponse(
            operations=[await to_operation(self._ports, each, FACES) for each in found], next_page_token=token
        )

    async def CancelOperation(
        self, request: operations_pb2.CancelOperationRequest, context: Context
    ) -> Empty:
        """Cancels an operation."""
        await operations.cancel_operation(self._ports, parse_operation(request.name))
        return Empty()

    async def DeleteOperation(
        self, request: operations_pb2.DeleteOperationRequest, context: Context
    ) -> Empty:
        """Deletes an operation that has ended."""
        await operations.delete_operation(self._ports, parse_operation(request.name))
        return Empty()

    async def WaitOperation(
        self, request: operations_pb2.WaitOperationRequest, context: Context
    ) -> operations_pb2.Operation:
        """Waits for an operation, as long as the request and the call's deadline say."""
        asked = request.timeout.ToNanoseconds() / 1e9 if request.HasField("timeout") else None
        if asked is not None and asked < 0:
            raise InvalidArgument.field("timeout", "must not be negative")
        left = context.time_remaining()
        bounds = [asked, None if left is None else max(left - _MARGIN, 0.0)]
        seconds = min((bound for bound in bounds if bound is not None), default=None)
        found = await operations.wait_operation(self._ports, parse_operation(request.name), seconds)
        return await to_operation(self._ports, found, FACES)

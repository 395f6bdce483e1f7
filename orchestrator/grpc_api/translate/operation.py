"""Operations, as messages: of each kind its metadata and its response."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from google.longrunning import operations_pb2
from google.protobuf.message import Message
from google.rpc import code_pb2, status_pb2

from orchestrator.application.ports import Ports
from orchestrator.domain.operation import Operation, OperationState
from orchestrator.grpc_api.status import to_status


@dataclass(frozen=True, slots=True)
class Face:
    """What `metadata` and `response` of operations of one kind are."""

    metadata: Callable[[Ports, Operation], Awaitable[Message]]
    response: Callable[[Ports, Operation], Awaitable[Message]]


async def to_operation(
    ports: Ports, operation: Operation, faces: Mapping[str, Face]
) -> operations_pb2.Operation:
    """The message of an operation; `faces` by kind."""
    state, face = operation.state, faces.get(operation.kind)
    message = operations_pb2.Operation(name=str(operation.name), done=state.done)
    if face is not None:
        message.metadata.Pack(await face.metadata(ports, operation))
    if state is OperationState.SUCCEEDED:
        if face is None:
            message.response.type_url = "type.googleapis.com/google.protobuf.Empty"
        else:
            message.response.Pack(await face.response(ports, operation))
    elif state is OperationState.CANCELLED:
        message.error.CopyFrom(
            status_pb2.Status(code=code_pb2.CANCELLED, message="the operation was cancelled")
        )
    elif state is OperationState.FAILED and operation.failure is not None:
        message.error.CopyFrom(to_status(operation.failure.error()))
    return message

"""Errors become statuses: the one table from domain errors to gRPC codes, and AIP-193's details."""

from collections.abc import Mapping

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from orchestrator.domain import errors

DOMAIN = "sightline"
"""ErrorInfo.domain of every error that Sightline makes."""

CODES: Mapping[type[errors.SightlineError], grpc.StatusCode] = {
    errors.InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT,
    errors.NotFound: grpc.StatusCode.NOT_FOUND,
    errors.AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    errors.FailedPrecondition: grpc.StatusCode.FAILED_PRECONDITION,
    errors.Aborted: grpc.StatusCode.ABORTED,
    errors.ResourceExhausted: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.Unavailable: grpc.StatusCode.UNAVAILABLE,
    errors.DeadlineExceeded: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.DataLoss: grpc.StatusCode.DATA_LOSS,
    errors.Unimplemented: grpc.StatusCode.UNIMPLEMENTED,
}

SERVER_FAULTS = frozenset({grpc.StatusCode.INTERNAL, grpc.StatusCode.DATA_LOSS, grpc.StatusCode.UNKNOWN})
"""Codes of what is ours to repair: such errors are logged with their traceback."""


def code_of(error: BaseException) -> grpc.StatusCode:
    """The code of an error; INTERNAL for one that is not ours."""
    for kind in type(error).__mro__:
        if kind in CODES:
            return CODES[kind]
    return grpc.StatusCode.INTERNAL


def to_status(error: BaseException, request_id: str = "") -> status_pb2.Status:
    """The status of an error, with its details. Of an error that is not ours: the request id alone."""
    code = code_of(error)
    if isinstance(error, errors.SightlineError) and code is not grpc.StatusCode.INTERNAL:
        return status_pb2.Status(
            code=code.value[0], message=error.message, details=_details(error, request_id)
        )
    message = f"internal error; the server's log tells more under request id {request_id}"
    details: list[Message] = [error_details_pb2.ErrorInfo(reason="INTERNAL", domain=DOMAIN)]
    if request_id:
        details.append(error_details_pb2.RequestInfo(request_id=request_id))
    return status_pb2.Status(
        code=grpc.StatusCode.INTERNAL.value[0],
        message=message if request_id else "internal error",
        details=[_packed(detail) for detail in details],
    )


def _details(error: errors.SightlineError, request_id: str) -> list[any_pb2.Any]:
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    ]
    if error.violations:
        details.append(
            error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(
                        field=violation.field, description=violation.description
                    )
                    for violation in error.violations
                ]
            )
        )
    if error.retry_after is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromNanoseconds(int(error.retry_after * 1e9))
        details.append(retry)
    if request_id:
        details.append(error_details_pb2.RequestInfo(request_id=request_id))
    return [_packed(detail) for detail in details]


def _packed(message: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed

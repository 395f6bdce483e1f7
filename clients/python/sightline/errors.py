"""The errors that calls raise.

SightlineError
├── CallError                 the server, or the way to it, answered with an error
│   ├── InvalidArgument       the call makes no sense; see `field_violations`
│   ├── NotFound
│   ├── AlreadyExists
│   ├── FailedPrecondition    the call makes sense, but not in this state
│   ├── Unauthenticated       who calls did not say who they are, or not so that it can be believed
│   ├── PermissionDenied      they may not
│   ├── Aborted               the etag is stale: read again, and repeat
│   ├── ResourceExhausted     too much is under way; see `retry_after`
│   ├── Unavailable           no server, or an engine behind it is gone
│   ├── DeadlineExceeded
│   ├── Cancelled
│   ├── DataLoss
│   ├── Unimplemented         named by the API, not offered yet
│   └── InternalError         everything else
└── ConfigurationError        an address or a setting makes no sense
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import grpc
from google.rpc import error_details_pb2, status_pb2


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One thing that is wrong with a request: the field's path, and what is wrong with it."""

    field: str
    description: str


class SightlineError(Exception):
    """Whatever this package raises by itself."""


class ConfigurationError(SightlineError):
    """An address or a setting makes no sense."""


class CallError(SightlineError):
    """A call failed: its `code`, the server's `message`, and the details that came along (AIP-193).

    `reason` is a word for programs, `field_violations` say what is wrong with which field, `retry_after` says
    in how many seconds to try again; each is empty, or None, where the server says nothing of it.
    """

    code: ClassVar[grpc.StatusCode] = grpc.StatusCode.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        field_violations: Sequence[FieldViolation] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.field_violations: tuple[FieldViolation, ...] = tuple(field_violations)
        self.retry_after = retry_after


class InvalidArgument(CallError):
    """The call makes no sense."""

    code = grpc.StatusCode.INVALID_ARGUMENT


class NotFound(CallError):
    """The resource does not exist."""

    code = grpc.StatusCode.NOT_FOUND


class AlreadyExists(CallError):
    """The name is taken."""

    code = grpc.StatusCode.ALREADY_EXISTS


class FailedPrecondition(CallError):
    """The call makes sense, but not in this state."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class Unauthenticated(CallError):
    """The caller did not say who they are, or not so that it can be believed."""

    code = grpc.StatusCode.UNAUTHENTICATED


class PermissionDenied(CallError):
    """The caller may not do this."""

    code = grpc.StatusCode.PERMISSION_DENIED


class Aborted(CallError):
    """Somebody else changed the resource first."""

    code = grpc.StatusCode.ABORTED


class ResourceExhausted(CallError):
    """Too much is under way."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class Unavailable(CallError):
    """No server answers, or an engine behind it is gone."""

    code = grpc.StatusCode.UNAVAILABLE


class DeadlineExceeded(CallError):
    """The call took longer than its timeout."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class Cancelled(CallError):
    """The call was cancelled."""

    code = grpc.StatusCode.CANCELLED


class DataLoss(CallError):
    """Bytes changed on the way, or a stored file is gone."""

    code = grpc.StatusCode.DATA_LOSS


class Unimplemented(CallError):
    """Named by the API, not offered yet."""

    code = grpc.StatusCode.UNIMPLEMENTED


class InternalError(CallError):
    """The server's fault."""

    code = grpc.StatusCode.INTERNAL


_BY_NUMBER: dict[int, type[CallError]] = {
    kind.code.value[0]: kind
    for kind in (
        InvalidArgument,
        NotFound,
        AlreadyExists,
        FailedPrecondition,
        Unauthenticated,
        PermissionDenied,
        Aborted,
        ResourceExhausted,
        Unavailable,
        DeadlineExceeded,
        Cancelled,
        DataLoss,
        Unimplemented,
        InternalError,
    )
}
_DETAILS = "grpc-status-details-bin"
_NO_CONNECTION = ("failed to connect to all addresses", "DNS resolution failed", "errors resolving")
_ANSWERS_OTHERWISE = {
    "handshake failed": "the TLS handshake fails at {}: it speaks no TLS, or its certificate is not trusted",
    "http1.x server": "what answers at {} is no gRPC server: it may be the gateway, whose clients speak HTTP",
}
NO_SERVER = "NO_SERVER"
"""The `reason` of an Unavailable that no server sent: nobody could be reached."""


def from_status(status: status_pb2.Status) -> CallError:
    """The error for a google.rpc.Status, such as that of one item of a bulk call."""
    reason, violations, retry_after = "", [], None
    for detail in status.details:
        info, bad, retry = (
            error_details_pb2.ErrorInfo(),
            error_details_pb2.BadRequest(),
            error_details_pb2.RetryInfo(),
        )
        if detail.Unpack(info):
            reason = info.reason
        elif detail.Unpack(bad):
            violations = [FieldViolation(item.field, item.description) for item in bad.field_violations]
        elif detail.Unpack(retry):
            retry_after = retry.retry_delay.ToTimedelta().total_seconds()
    kind = _BY_NUMBER.get(status.code, InternalError)
    return kind(status.message, reason=reason, field_violations=violations, retry_after=retry_after)


def from_rpc_error(error: grpc.RpcError, address: str) -> CallError:
    """The error for what grpc raised: a call's status and details, or that nobody answers at `address`."""
    call: Any = error
    status = status_pb2.Status(code=call.code().value[0], message=call.details() or "")
    for key, value in call.trailing_metadata() or ():
        if key == _DETAILS:
            status = status_pb2.Status.FromString(value)
    said_by_grpc = not status.details and status.message.startswith(_NO_CONNECTION)
    if call.code() is grpc.StatusCode.UNAVAILABLE and said_by_grpc:
        for sign, said in _ANSWERS_OTHERWISE.items():
            if sign in status.message:
                return Unavailable(said.format(address))
        return Unavailable(f"nobody answers at {address}", reason=NO_SERVER)
    return from_status(status)

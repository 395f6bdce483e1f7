"""Errors: the one table from gRPC codes to HTTP statuses, and the bodies that both ends see."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2

from gateway.codec import Codec

# grpc-gateway's runtime/errors.go.
HTTP_STATUS: Mapping[grpc.StatusCode, int] = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.UNKNOWN: 500,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.INTERNAL: 500,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DATA_LOSS: 500,
    grpc.StatusCode.UNAUTHENTICATED: 401,
}

CODES: Mapping[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}
"""By their numbers."""

# What gRPC's own core says when no server answered; it names sockets and addresses, which callers do not see.
_FROM_CORE = re.compile(
    r"failed to connect|connections to all backends|socket closed|connection (?:reset|refused)"
    r"|recvmsg|sendmsg"
    r"|goaway|dns resolution|ipv[46]:|endpoint closing|transport (?:is )?clos|channel (?:is )?clos|keepalive",
    re.IGNORECASE,
)
UNREACHABLE = "The service cannot be reached at present."


class RequestError(Exception):
    """A request that the gateway refuses itself.

    `status` overrides the table's HTTP status; `violations` are (field path, description) pairs and become
    the `google.rpc.BadRequest` among the details.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        status: int | None = None,
        violations: Sequence[tuple[str, str]] = (),
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or HTTP_STATUS[code]
        self.violations = violations
        self.headers = headers

    @property
    def closes(self) -> bool:
        """Whether the connection ends with it: the client may be sending still."""
        return ("connection", "close") in self.headers

    def body(self) -> dict[str, Any]:
        """The JSON object of the error."""
        details = []
        if self.violations:
            details.append(
                {
                    "@type": "type.googleapis.com/google.rpc.BadRequest",
                    "fieldViolations": [
                        {"field": field, "description": why} for field, why in self.violations
                    ],
                }
            )
        return {"code": self.code.value[0], "message": self.message, "details": details}


def invalid(field: str, why: str) -> RequestError:
    """The error of a request whose field, named by its path, is wrong."""
    return RequestError(
        grpc.StatusCode.INVALID_ARGUMENT, f"{field}: {why}" if field else why, violations=[(field, why)]
    )


def status_of(error: RequestError | grpc.aio.AioRpcError) -> Any:
    """The `google.rpc.Status` of a failure: its code, its message, and the details that travelled with it."""
    if isinstance(error, RequestError):
        status = status_pb2.Status(code=error.code.value[0], message=error.message)
        if error.violations:
            violations = [
                error_details_pb2.BadRequest.FieldViolation(field=field, description=why)
                for field, why in error.violations
            ]
            status.details.add().Pack(error_details_pb2.BadRequest(field_violations=violations))
        return status
    code: grpc.StatusCode = error.code()
    message = error.details() or ""
    if code is grpc.StatusCode.UNAVAILABLE and _FROM_CORE.search(message):
        message = UNREACHABLE
    status = status_pb2.Status(code=code.value[0], message=message)
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            # DecodeError: the server's own business, and no reason to hide its message
            with contextlib.suppress(ValueError):
                status.details.extend(status_pb2.Status.FromString(value).details)
    return status


def rpc_error_body(error: grpc.aio.AioRpcError, codec: Codec) -> dict[str, Any]:
    """The JSON object of a failed RPC: code, message, and the details that travelled with it."""
    return status_body(status_of(error), codec)


def status_body(status: Any, codec: Codec) -> dict[str, Any]:
    """The JSON object of a `google.rpc.Status`."""
    details = [codec.any_to_value(detail.type_url, detail.value) for detail in status.details]
    return {"code": status.code, "message": status.message, "details": details}

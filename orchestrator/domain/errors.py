"""The errors that callers are told of.

SightlineError
├── InvalidArgument      the call makes no sense; names the field
├── NotFound             the resource does not exist
├── AlreadyExists        the name is taken
├── FailedPrecondition   the call makes sense, but not in this state
├── Aborted              the etag is stale
├── ResourceExhausted    too much is under way; try later
├── Unavailable          an engine does not answer; try later
├── DeadlineExceeded     the caller's time ran out
├── DataLoss             bytes changed on the way, or a stored file is gone
└── Unimplemented        named by the API, not offered yet; names the field
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One thing that is wrong with a request: the field's path in proto names, and what is wrong with it."""

    field: str
    description: str


class SightlineError(Exception):
    """An error whose message may be shown to the caller.

    `reason` is a constant in UPPER_SNAKE_CASE (AIP-193's ErrorInfo.reason); `metadata` holds the names and
    numbers of the message; `retry_after` is in seconds, where trying again helps.
    """

    reason = "INTERNAL"

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[FieldViolation] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or type(self).reason
        self.metadata = dict(metadata or {})
        self.violations = tuple(violations)
        self.retry_after = retry_after


class InvalidArgument(SightlineError):
    """A field of the request makes no sense."""

    reason = "INVALID_ARGUMENT"

    @classmethod
    def field(cls, field: str, description: str, *, reason: str | None = None) -> "InvalidArgument":
        """The usual case: one field, one description."""
        return cls(f"{field}: {description}", reason=reason, violations=(FieldViolation(field, description),))


class NotFound(SightlineError):
    """No such resource."""

    reason = "RESOURCE_NOT_FOUND"

    @classmethod
    def resource(cls, name: str) -> "NotFound":
        """The usual case: a resource name."""
        return cls(f"{name} does not exist", metadata={"resource": name})


class AlreadyExists(SightlineError):
    """The name is taken."""

    reason = "RESOURCE_ALREADY_EXISTS"

    @classmethod
    def resource(cls, name: str) -> "AlreadyExists":
        """The usual case: a resource name."""
        return cls(f"{name} already exists", metadata={"resource": name})


class FailedPrecondition(SightlineError):
    """The call makes sense, but not in this state."""

    reason = "FAILED_PRECONDITION"


class Aborted(SightlineError):
    """Somebody else changed the resource first."""

    reason = "ETAG_MISMATCH"


class ResourceExhausted(SightlineError):
    """Too much is under way."""

    reason = "TOO_MANY_REQUESTS"


class Unavailable(SightlineError):
    """An engine does not answer; the call may be repeated."""

    reason = "ENGINE_UNAVAILABLE"


class DeadlineExceeded(SightlineError):
    """The caller's deadline passed."""

    reason = "DEADLINE_EXCEEDED"


class DataLoss(SightlineError):
    """Bytes changed on the way, or a stored file is gone."""

    reason = "DATA_LOSS"


class Unimplemented(SightlineError):
    """Named by the API, not offered yet."""

    reason = "NOT_OFFERED_YET"

    @classmethod
    def field(cls, field: str) -> "Unimplemented":
        """The usual case: a field that is not built yet. `field` is its path in proto names."""
        violation = FieldViolation(field, "not offered yet")
        return cls(f"{field} is not offered yet", metadata={"field": field}, violations=(violation,))

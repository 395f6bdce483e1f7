"""Long-running work (AIP-151): what was asked for, how it stands, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from orchestrator.domain import errors
from orchestrator.domain.names import OperationName


class OperationState(Enum):
    """Where an operation stands. The last three are its ends."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def done(self) -> bool:
        """Whether it is an end."""
        return self not in (OperationState.RUNNING, OperationState.PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error as it is kept: the name of its class in `domain.errors`, and what callers are told."""

    kind: str
    message: str
    reason: str

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Of an error that is not ours: that it was one, and no more."""
        if isinstance(error, errors.SightlineError) and type(error).__module__ == errors.__name__:
            return cls(kind=type(error).__name__, message=error.message, reason=error.reason)
        return cls(
            kind="SightlineError",
            message="internal error; the server's log tells more",
            reason=errors.SightlineError.reason,
        )

    def error(self) -> errors.SightlineError:
        """The error again."""
        kind: type[errors.SightlineError] = getattr(errors, self.kind, errors.SightlineError)
        return kind(self.message, reason=self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Work of one `kind` with its JSON `argument`; `progress` and `result` are JSON too.

    `collection` and `schedule` are resource names; empty: it belongs to none. `owner` is the process that
    works on it, until `lease_until`. `waiting`: for what it waits; empty: for nothing.
    """

    name: OperationName
    kind: str
    argument: Mapping[str, Any]
    collection: str = ""
    schedule: str = ""
    state: OperationState = OperationState.RUNNING
    progress: Mapping[str, Any] = field(default_factory=dict)
    waiting: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    failure: Failure | None = None
    create_time: datetime
    update_time: datetime
    end_time: datetime | None = None
    owner: str = ""
    lease_until: datetime | None = None

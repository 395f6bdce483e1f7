"""Sightline finds things in pictures: this is its client.

`Sightline` calls a server, `AsyncSightline` does so over asyncio; both are made from one source. Answers are
the messages of `sightline.v1`; errors are those of `sightline.errors`.
"""

from sightline._async.client import AsyncSightline
from sightline._inputs import (
    BoxLike,
    NewImage,
    NewText,
    PictureFile,
    RerankOptions,
    Segmentation,
    ServingStatus,
    Target,
    View,
)
from sightline._sync.client import Sightline
from sightline.errors import (
    NO_SERVER,
    Aborted,
    AlreadyExists,
    CallError,
    Cancelled,
    ConfigurationError,
    DataLoss,
    DeadlineExceeded,
    FailedPrecondition,
    FieldViolation,
    InternalError,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    SightlineError,
    Unauthenticated,
    Unavailable,
    Unimplemented,
)
from sightline.results import CreateResult, CreateTextResult

__all__ = [
    "NO_SERVER",
    "Aborted",
    "AlreadyExists",
    "AsyncSightline",
    "BoxLike",
    "CallError",
    "Cancelled",
    "ConfigurationError",
    "CreateResult",
    "CreateTextResult",
    "DataLoss",
    "DeadlineExceeded",
    "FailedPrecondition",
    "FieldViolation",
    "InternalError",
    "InvalidArgument",
    "NewImage",
    "NewText",
    "NotFound",
    "PermissionDenied",
    "PictureFile",
    "RerankOptions",
    "ResourceExhausted",
    "Segmentation",
    "ServingStatus",
    "Sightline",
    "SightlineError",
    "Target",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "View",
]

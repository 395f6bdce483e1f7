"""Sightline finds things in pictures: this is its client.

`Sightline` calls a server, `AsyncSightline` does so over asyncio; both are made from one source. Answers are
the messages of `sightline.v1`; errors are those of `sightline.errors`.
"""

from sightline._async.client import AsyncSightline
from sightline._async.import_operation import AsyncImportOperation
from sightline._inputs import (
    BoxLike,
    Hybrid,
    ItemState,
    NewImage,
    NewText,
    PictureFile,
    RerankOptions,
    Segmentation,
    ServingStatus,
    Target,
    View,
)
from sightline._sources import SourceKind, SourceLike, to_source
from sightline._sync.client import Sightline
from sightline._sync.import_operation import ImportOperation
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
    "AsyncImportOperation",
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
    "Hybrid",
    "ImportOperation",
    "InternalError",
    "InvalidArgument",
    "ItemState",
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
    "SourceKind",
    "SourceLike",
    "Target",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "View",
    "to_source",
]

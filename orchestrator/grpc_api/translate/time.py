"""Times and durations, as messages."""

from datetime import datetime

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp


def to_timestamp(moment: datetime) -> Timestamp:
    """The message of an aware moment."""
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def to_duration(seconds: float) -> Duration:
    """The message of some seconds."""
    nanoseconds = round(seconds * 1e9)
    return Duration(seconds=nanoseconds // 1_000_000_000, nanos=nanoseconds % 1_000_000_000)

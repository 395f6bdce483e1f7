"""Where what was put into a collection stands on its way into the index."""

from enum import Enum


class RecordState(Enum):
    """Of an image or a text record. Callers see ACTIVE ones alone."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    DELETING = "DELETING"

"""A text record: words that were put into a collection, and are found beside its pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orchestrator.domain.image import Label
from orchestrator.domain.names import TextName
from orchestrator.domain.record_state import RecordState

MAX_CONTENT = 4096
"""Characters of a text record, as of a query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFields:
    """What callers say of a text record, and may change; `content` is what is embedded."""

    content: str
    display_name: str = ""
    folder: str = ""
    source_uri: str = ""
    labels: tuple[Label, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text record as the catalog keeps it. `uid` is new with every creation, even of the same name.

    `truncated`: words beyond the text tower's length were cut off before it was embedded.
    """

    name: TextName
    uid: str = ""
    fields: TextFields
    truncated: bool = False
    state: RecordState = RecordState.PENDING
    create_time: datetime
    update_time: datetime
    etag: str

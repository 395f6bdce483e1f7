"""Items of an import: what became of each, and of all together."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from orchestrator.domain.import_source import SourceItem
from orchestrator.domain.operation import Failure


class ItemState(Enum):
    """What became of an item. `UNCHANGED` and `DUPLICATE` ones were left out."""

    PENDING = "PENDING"
    DONE = "DONE"
    UNCHANGED = "UNCHANGED"
    DUPLICATE = "DUPLICATE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportItem:
    """An item as it is shown. `made` is the name of what it became; `failure` may be that of its last try."""

    item: str
    number: int
    key: str
    state: ItemState
    failure: Failure | None = None
    tries: int = 0
    made: str = ""
    update_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedItem:
    """An item that is to be worked on; `item` is a hash of its key."""

    item: str
    tries: int
    source: SourceItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an item became at an earlier import.

    `told` and `sha256` are hashes of what was said of it and of its bytes. `owned`: `made` was made for it,
    and it is not the duplicate of another's. `extent` is the part of the source that listed it.
    """

    item: str
    fingerprint: str
    told: str
    sha256: str
    made: str
    owned: bool
    extent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a claimed item; `imported` where there is something for later imports to know.

    `replaces` is what it had become before, where that was given up.
    """

    state: ItemState
    made: str = ""
    failure: Failure | None = None
    imported: Imported | None = None
    replaces: str = ""
    content_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProgress:
    """How an import stands. `partial`: some of the source could not be listed. `waiting` says for what."""

    listed: bool = False
    partial: bool = False
    waiting: str = ""
    pending: int = 0
    done: int = 0
    unchanged: int = 0
    duplicate: int = 0
    failed: int = 0
    deleted: int = 0
    content_bytes: int = 0

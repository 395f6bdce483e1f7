"""A schedule: an import that is run again and again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestrator.domain.names import ScheduleName


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule as it is kept. `plan` is the argument of the operations that it starts.

    `next_run_time` is None while it is paused. `last_operation` is a resource name.
    """

    name: ScheduleName
    display_name: str = ""
    cron: str
    time_zone: str = ""
    plan: Mapping[str, Any]
    paused: bool = False
    next_run_time: datetime | None = None
    last_run_time: datetime | None = None
    last_operation: str = ""
    last_error: str = ""
    create_time: datetime
    update_time: datetime
    etag: str

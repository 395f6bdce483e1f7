"""The table of schedules. `migrations/` makes it; a test holds the two together."""

import sqlalchemy as sa

from orchestrator.adapters.catalog.column_types import Microseconds, Text
from orchestrator.adapters.catalog.tables import metadata

schedules = sa.Table(
    "schedules",
    metadata,
    sa.Column(
        "collection", Text, sa.ForeignKey("collections.collection", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("schedule", Text, primary_key=True),
    sa.Column("display_name", Text, nullable=False),
    sa.Column("cron", Text, nullable=False),
    sa.Column("time_zone", Text, nullable=False),
    # JSON: the argument of its operations.
    sa.Column("plan", Text, nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("next_run_time", Microseconds, nullable=True),
    sa.Column("last_run_time", Microseconds, nullable=True),
    sa.Column("last_operation", Text, nullable=False),
    sa.Column("last_error", Text, nullable=False),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Column("update_time", Microseconds, nullable=False),
    sa.Column("etag", Text, nullable=False),
    sa.Index("schedules_by_time", "next_run_time"),
)

"""Schedules."""

import sqlalchemy as sa
from alembic import op

from orchestrator.adapters.catalog.column_types import Text

revision = "0009"
down_revision = "0008"


def _text(name: str, *rules: sa.schema.SchemaItem, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, Text, *rules, nullable=False, primary_key=primary_key)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def upgrade() -> None:
    """Makes the table."""
    owner = sa.ForeignKey("collections.collection", ondelete="CASCADE")
    op.create_table(
        "schedules",
        _text("collection", owner, primary_key=True),
        _text("schedule", primary_key=True),
        *map(_text, ("display_name", "cron", "time_zone", "plan")),
        sa.Column("paused", sa.Boolean, nullable=False),
        _moment("next_run_time", nullable=True),
        _moment("last_run_time", nullable=True),
        *map(_text, ("last_operation", "last_error")),
        *map(_moment, ("create_time", "update_time")),
        _text("etag"),
    )
    op.create_index("schedules_by_time", "schedules", ["next_run_time"])


def downgrade() -> None:
    """Removes the table."""
    op.drop_table("schedules")

"""The tables of operations. `migrations/` makes them; a test holds the two together."""

import sqlalchemy as sa

from orchestrator.adapters.catalog.tables import Microseconds, metadata

operations = sa.Table(
    "operations",
    metadata,
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("argument", sa.Text, nullable=False),
    sa.Column("collection", sa.Text, nullable=False),
    sa.Column("schedule", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    # JSON, as `argument`.
    sa.Column("progress", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("failure", sa.Text, nullable=True),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Column("update_time", Microseconds, nullable=False),
    sa.Column("end_time", Microseconds, nullable=True),
    # Who works on it, and until when nobody else may.
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("lease_until", Microseconds, nullable=True),
    # NULL where the caller gave none.
    sa.Column("request_id", sa.Text, nullable=True, unique=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Index("operations_by_time", "create_time", "operation"),
    sa.Index("operations_by_state", "state"),
    sa.Index("operations_by_schedule", "schedule", "create_time"),
)

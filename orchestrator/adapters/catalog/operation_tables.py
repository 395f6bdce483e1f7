"""The tables of operations. `migrations/` makes them; a test holds the two together."""

import sqlalchemy as sa

from orchestrator.adapters.catalog.column_types import Microseconds, Text
from orchestrator.adapters.catalog.tables import metadata

operations = sa.Table(
    "operations",
    metadata,
    sa.Column("operation", Text, primary_key=True),
    sa.Column("kind", Text, nullable=False),
    sa.Column("argument", Text, nullable=False),
    sa.Column("collection", Text, nullable=False),
    sa.Column("schedule", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    # JSON, as `argument`.
    sa.Column("progress", Text, nullable=False),
    # Why it does not go on; empty: it does.
    sa.Column("waiting", Text, nullable=False, server_default=""),
    sa.Column("result", Text, nullable=False),
    sa.Column("failure", Text, nullable=True),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Column("update_time", Microseconds, nullable=False),
    sa.Column("end_time", Microseconds, nullable=True),
    # Who works on it, and until when nobody else may.
    sa.Column("owner", Text, nullable=False),
    sa.Column("lease_until", Microseconds, nullable=True),
    # NULL where the caller gave none.
    sa.Column("request_id", Text, nullable=True, unique=True),
    sa.Column("payload", Text, nullable=False),
    sa.Index("operations_by_time", "create_time", "operation"),
    sa.Index("operations_by_state", "state"),
    sa.Index("operations_by_schedule", "schedule", "create_time"),
)

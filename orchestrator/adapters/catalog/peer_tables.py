"""The tables of orchestrators, and of what they share. `migrations/` makes them."""

import sqlalchemy as sa

from orchestrator.adapters.catalog.column_types import Microseconds, Text
from orchestrator.adapters.catalog.tables import metadata

# One row.
deployment = sa.Table(
    "deployment",
    metadata,
    sa.Column("catalog", Text, primary_key=True),
    # Whether an object store bears the catalog's id.
    sa.Column("blobs_marked", sa.Boolean, nullable=False),
)

orchestrators = sa.Table(
    "orchestrators",
    metadata,
    sa.Column("orchestrator", Text, primary_key=True),
    sa.Column("start_time", Microseconds, nullable=False),
    # By the database's clock.
    sa.Column("beat_time", Microseconds, nullable=False),
    # Where it runs and what it uses, as JSON.
    sa.Column("document", Text, nullable=False),
)

"""Operations."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from orchestrator.adapters.catalog.column_types import Text

revision = "0007"
down_revision = "0006"


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, Text, nullable=options.pop("nullable", False), **options)


def _moment(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=options.pop("nullable", False), **options)


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "operations",
        _text("operation", primary_key=True),
        *map(_text, ("kind", "argument", "collection", "schedule", "state", "progress", "result")),
        _text("failure", nullable=True),
        *map(_moment, ("create_time", "update_time")),
        _moment("end_time", nullable=True),
        _text("owner"),
        _moment("lease_until", nullable=True),
        _text("request_id", nullable=True, unique=True),
        _text("payload"),
    )
    op.create_index("operations_by_time", "operations", ["create_time", "operation"])
    op.create_index("operations_by_state", "operations", ["state"])
    op.create_index("operations_by_schedule", "operations", ["schedule", "create_time"])


def downgrade() -> None:
    """Removes the table."""
    op.drop_table("operations")

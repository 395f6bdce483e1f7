"""With which part of its source an item was listed last."""

import sqlalchemy as sa
from alembic import op

from orchestrator.adapters.catalog.column_types import Text

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("imported", sa.Column("extent", Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Removes the column."""
    op.drop_column("imported", "extent")

"""A collection names the pack that reranks."""

import sqlalchemy as sa
from alembic import op

from orchestrator.adapters.catalog.column_types import Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the column; empty: the embedder's pack's own."""
    op.add_column("collections", sa.Column("matcher", Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Removes the column."""
    op.drop_column("collections", "matcher")

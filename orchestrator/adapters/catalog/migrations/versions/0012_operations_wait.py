"""What operations wait for."""

import sqlalchemy as sa
from alembic import op

from orchestrator.adapters.catalog.column_types import Text

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("operations", sa.Column("waiting", Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Removes the column."""
    op.drop_column("operations", "waiting")

"""How often an item was taken by processes that said nothing more of it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("import_items", sa.Column("claims", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Removes the column."""
    op.drop_column("import_items", "claims")

"""Listings of sources are numbered, and one import at a time works on a source."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from orchestrator.adapters.catalog.column_types import Text

revision = "0011"
down_revision = "0010"


def _number(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, **options)


def upgrade() -> None:
    """Makes the table and the columns. What was imported before was seen by no listing."""
    op.create_table(
        "import_scopes",
        sa.Column(
            "collection",
            Text,
            sa.ForeignKey("collections.collection", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("source", Text, primary_key=True),
        sa.Column("operation", Text, nullable=False),
        _number("listings"),
    )
    op.add_column("imports", _number("listing", server_default="0"))
    op.add_column("imported", _number("seen", server_default="0"))


def downgrade() -> None:
    """Removes them."""
    op.drop_column("imported", "seen")
    op.drop_column("imports", "listing")
    op.drop_table("import_scopes")

"""Who works on a catalog, and the catalog's own id."""

import secrets

import sqlalchemy as sa
from alembic import op

from orchestrator.adapters.catalog.column_types import Text

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Makes the tables, and chooses the id."""
    deployment = op.create_table(
        "deployment",
        sa.Column("catalog", Text, primary_key=True),
        sa.Column("blobs_marked", sa.Boolean, nullable=False),
    )
    op.bulk_insert(deployment, [{"catalog": secrets.token_hex(16), "blobs_marked": False}])
    op.create_table(
        "orchestrators",
        sa.Column("orchestrator", Text, primary_key=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("start_time", "beat_time")),
        sa.Column("document", Text, nullable=False),
    )


def downgrade() -> None:
    """Removes the tables."""
    op.drop_table("orchestrators")
    op.drop_table("deployment")

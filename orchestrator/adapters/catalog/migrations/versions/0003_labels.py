"""A collection's vocabulary, and the labels that were predicted from it."""

import sqlalchemy as sa
from alembic import op

from orchestrator.adapters.catalog.column_types import Text

revision = "0003"
down_revision = "0002"


def _text(name: str, default: str) -> sa.Column[str]:
    return sa.Column(name, Text, nullable=False, server_default=default)


def upgrade() -> None:
    """Adds the columns. What is there counts as labelled from no vocabulary."""
    op.add_column("collections", _text("labels_vocabulary", ""))
    op.add_column("images", _text("predicted_labels", "[]"))
    op.add_column("images", _text("vocabulary", ""))
    op.add_column("regions", _text("predicted_labels", "[]"))
    op.create_index("images_by_vocabulary", "images", ["collection", "vocabulary"])


def downgrade() -> None:
    """Removes the columns."""
    op.drop_index("images_by_vocabulary", "images")
    op.drop_column("regions", "predicted_labels")
    op.drop_column("images", "vocabulary")
    op.drop_column("images", "predicted_labels")
    op.drop_column("collections", "labels_vocabulary")

"""Who wrote an image's caption, and indexes that give what is to be predicted anew in a fixed order."""

import sqlalchemy as sa
from alembic import op

from orchestrator.adapters.catalog.column_types import Text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds the column. Who wrote the captions that are there is not known: they count as their callers'."""
    op.add_column("images", sa.Column("captioner", Text, nullable=True, server_default=""))
    caption = {
        "sqlite": "json_extract(document, '$.description.caption')",
        "postgresql": "document::json #>> '{description,caption}'",
    }[op.get_bind().dialect.name]
    op.execute(f"UPDATE images SET captioner = NULL WHERE {caption} <> ''")  # noqa: S608 — two constants
    op.create_index("images_by_captioner", "images", ["collection", "captioner", "image"])
    op.drop_index("images_by_vocabulary", "images")
    op.create_index("images_by_vocabulary", "images", ["collection", "vocabulary", "image"])


def downgrade() -> None:
    """Removes the column."""
    op.drop_index("images_by_vocabulary", "images")
    op.create_index("images_by_vocabulary", "images", ["collection", "vocabulary"])
    op.drop_index("images_by_captioner", "images")
    op.drop_column("images", "captioner")

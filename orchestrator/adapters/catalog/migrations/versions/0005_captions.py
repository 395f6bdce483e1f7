"""Who wrote an image's caption, and indexes that give what is to be predicted anew in a fixed order."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds the column. Who wrote the captions that are there is not known: they count as their callers'."""
    op.add_column("images", sa.Column("captioner", sa.Text, nullable=True, server_default=""))
    op.execute(
        "UPDATE images SET captioner = NULL WHERE json_extract(document, '$.description.caption') <> ''"
    )
    op.create_index("images_by_captioner", "images", ["collection", "captioner", "image"])
    op.drop_index("images_by_vocabulary", "images")
    op.create_index("images_by_vocabulary", "images", ["collection", "vocabulary", "image"])


def downgrade() -> None:
    """Removes the column."""
    op.drop_index("images_by_vocabulary", "images")
    op.create_index("images_by_vocabulary", "images", ["collection", "vocabulary"])
    op.drop_index("images_by_captioner", "images")
    op.drop_column("images", "captioner")

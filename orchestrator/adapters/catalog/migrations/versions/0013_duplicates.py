"""What a picture was imported for is known by the picture, and whether it is about to go."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Makes the column and the indexes."""
    flag = sa.Column("leaving", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("imported", flag)
    op.create_index("imported_by_made", "imported", ["collection", "made"])
    op.create_index("import_contents_by_item", "import_contents", ["operation", "item"])


def downgrade() -> None:
    """Removes them."""
    op.drop_index("import_contents_by_item", "import_contents")
    op.drop_index("imported_by_made", "imported")
    op.drop_column("imported", "leaving")

"""Imports, their items, and what they have imported; images by their content."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from orchestrator.adapters.catalog.column_types import Text

revision = "0008"
down_revision = "0007"

_COUNTS = ("pending", "done", "unchanged", "duplicate", "failed", "deleted", "content_bytes")


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, Text, nullable=options.pop("nullable", False), **options)


def _number(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, **options)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _operation() -> sa.Column[str]:
    owner = sa.ForeignKey("operations.operation", ondelete="CASCADE")
    return sa.Column("operation", Text, owner, primary_key=True)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "imports",
        _operation(),
        _flag("listed"),
        _flag("partial"),
        _text("waiting"),
        *(_number(name, server_default="0") for name in _COUNTS),
    )
    op.create_table(
        "import_items",
        _operation(),
        _text("item", primary_key=True),
        _number("number"),
        *map(_text, ("key", "state")),
        _text("failure", nullable=True),
        sa.Column("tries", sa.Integer, nullable=False),
        *map(_text, ("made", "document", "claim")),
        *map(_number, ("free_time", "update_time")),
    )
    op.create_index("import_items_by_state", "import_items", ["operation", "state", "number", "item"])
    op.create_index("import_items_by_number", "import_items", ["operation", "number", "item"])
    op.create_index("import_items_by_claim", "import_items", ["claim"])
    op.create_table("import_contents", _operation(), _text("sha256", primary_key=True), _text("item"))
    op.create_table(
        "imported",
        sa.Column(
            "collection",
            Text,
            sa.ForeignKey("collections.collection", ondelete="CASCADE"),
            primary_key=True,
        ),
        *(_text(name, primary_key=True) for name in ("source", "item")),
        *map(_text, ("fingerprint", "told", "sha256", "made")),
        _flag("owned"),
    )
    op.add_column("images", _text("sha256", server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("UPDATE images SET sha256 = document::json #>> '{facts,sha256}'")
    else:
        op.execute("UPDATE images SET sha256 = json_extract(document, '$.facts.sha256')")
    op.create_index("images_by_content", "images", ["collection", "sha256"])


def downgrade() -> None:
    """Removes the tables."""
    op.drop_index("images_by_content", "images")
    op.drop_column("images", "sha256")
    for table in ("imported", "import_contents", "import_items", "imports"):
        op.drop_table(table)

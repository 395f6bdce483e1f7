"""Text records, each with its vector, beside images; the outbox and request ids speak of both."""

import sqlalchemy as sa
from alembic import op

from orchestrator.adapters.catalog.column_types import Json, Text

revision = "0006"
down_revision = "0005"

_NAMED = ("outbox", "request_ids")


def _text(name: str, *rules: sa.schema.SchemaItem, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, Text, *rules, nullable=False, primary_key=primary_key)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def upgrade() -> None:
    """Makes the table, and adds the columns; empty: the entry is of an image."""
    op.create_table(
        "texts",
        _text("collection", sa.ForeignKey("collections.collection"), primary_key=True),
        _text("text", primary_key=True),
        *map(_text, ("uid", "state")),
        _number("revision"),
        _text("etag"),
        *map(_number, ("create_time", "update_time")),
        _text("document"),
        sa.Column("attributes", Json, nullable=False),
        _text("space"),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )
    op.create_index("texts_by_time", "texts", ["collection", "create_time", "text"])
    op.add_column("collections", sa.Column("text_count", sa.BigInteger, nullable=False, server_default="0"))
    for table in _NAMED:
        op.add_column(table, sa.Column("text", Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Removes them, and what speaks of texts."""
    for table in _NAMED:
        op.execute(f"DELETE FROM {table} WHERE text <> ''")  # noqa: S608 — of our own names
        op.drop_column(table, "text")
    op.drop_column("collections", "text_count")
    op.drop_table("texts")

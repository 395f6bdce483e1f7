"""Collections, images, regions, vectors, the outbox and request ids."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from orchestrator.adapters.catalog.column_types import Json, Text

revision = "0001"
down_revision = None


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, Text, nullable=False, **options)


def _number(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, **options)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "collections",
        _text("collection", primary_key=True),
        *map(_text, ("display_name", "embedder", "segmenter", "segmentation", "space")),
        sa.Column("dimension", sa.Integer, nullable=False),
        _text("state"),
        *map(_number, ("create_time", "update_time")),
        _text("etag"),
        *(_number(name, server_default="0") for name in ("image_count", "region_count", "content_bytes")),
    )
    op.create_table(
        "images",
        sa.Column("collection", Text, sa.ForeignKey("collections.collection"), primary_key=True),
        _text("image", primary_key=True),
        *map(_text, ("uid", "state")),
        _number("revision"),
        _text("etag"),
        *map(_number, ("create_time", "update_time")),
        sa.Column("region_count", sa.Integer, nullable=False),
        _number("size_bytes"),
        _text("document"),
        sa.Column("attributes", Json, nullable=False),
    )
    op.create_index("images_by_time", "images", ["collection", "create_time", "image"])
    op.create_index("images_by_uid", "images", ["uid"], unique=True)
    op.create_table(
        "regions",
        *(_text(name, primary_key=True) for name in ("collection", "image", "region")),
        _text("state"),
        *map(_number, ("area", "create_time")),
        _text("document"),
        _of_image(),
    )
    op.create_table(
        "vectors",
        *(_text(name, primary_key=True) for name in ("collection", "image", "region")),
        _text("space"),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        _of_image(),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        *map(_text, ("collection", "image")),
        _number("create_time"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "request_ids",
        *(_text(name, primary_key=True) for name in ("collection", "request_id")),
        *map(_text, ("image", "payload")),
        _number("create_time"),
    )
    op.create_index("request_ids_by_time", "request_ids", ["create_time"])


def _of_image() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["collection", "image"], ["images.collection", "images.image"], ondelete="CASCADE"
    )


def downgrade() -> None:
    """Removes the tables."""
    for table in ("request_ids", "outbox", "vectors", "regions", "images", "collections"):
        op.drop_table(table)

"""The catalog's tables. `migrations/` makes them; a test holds the two together."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Microseconds(sa.TypeDecorator[datetime]):
    """An aware time as whole microseconds since 1970: exact and ordered in every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        """To the database."""
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """From the database."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


metadata = sa.MetaData()

collections = sa.Table(
    "collections",
    metadata,
    sa.Column("collection", sa.Text, primary_key=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("embedder", sa.Text, nullable=False),
    sa.Column("segmenter", sa.Text, nullable=False),
    sa.Column("segmentation", sa.Text, nullable=False),
    sa.Column("matcher", sa.Text, nullable=False, server_default=""),
    sa.Column("captioner", sa.Text, nullable=False, server_default=""),
    # One word a line.
    sa.Column("labels_vocabulary", sa.Text, nullable=False, server_default=""),
    sa.Column("space", sa.Text, nullable=False),
    sa.Column("dimension", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Column("update_time", Microseconds, nullable=False),
    sa.Column("etag", sa.Text, nullable=False),
    # Sums over ACTIVE images and texts, kept in the transactions that show and hide them.
    sa.Column("image_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("region_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("content_bytes", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("text_count", sa.BigInteger, nullable=False, server_default="0"),
)

images = sa.Table(
    "images",
    metadata,
    sa.Column("collection", sa.Text, sa.ForeignKey("collections.collection"), primary_key=True),
    sa.Column("image", sa.Text, primary_key=True),
    sa.Column("uid", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Column("update_time", Microseconds, nullable=False),
    sa.Column("region_count", sa.Integer, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    # What the file tells and what callers say of it; see documents.py.
    sa.Column("document", sa.Text, nullable=False),
    # What filters look at; see filter_sql.py.
    sa.Column("attributes", sa.Text, nullable=False),
    # What was predicted, as JSON, and the stamp of the vocabulary that it was chosen from.
    sa.Column("predicted_labels", sa.Text, nullable=False, server_default="[]"),
    sa.Column("vocabulary", sa.Text, nullable=False, server_default=""),
    # The stamp of what wrote the caption; empty: nothing has yet; NULL: a caller, whose caption it stays.
    sa.Column("captioner", sa.Text, nullable=True, server_default=""),
    sa.Index("images_by_vocabulary", "collection", "vocabulary", "image"),
    sa.Index("images_by_captioner", "collection", "captioner", "image"),
    sa.Index("images_by_time", "collection", "create_time", "image"),
    sa.Index("images_by_uid", "uid", unique=True),
)

regions = sa.Table(
    "regions",
    metadata,
    sa.Column("collection", sa.Text, primary_key=True),
    sa.Column("image", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("area", sa.BigInteger, nullable=False),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("predicted_labels", sa.Text, nullable=False, server_default="[]"),
    sa.ForeignKeyConstraint(
        ["collection", "image"], ["images.collection", "images.image"], ondelete="CASCADE"
    ),
)

vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("collection", sa.Text, primary_key=True),
    sa.Column("image", sa.Text, primary_key=True),
    # Empty: the vector of the whole image.
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("space", sa.Text, nullable=False),
    # Little-endian float32.
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(
        ["collection", "image"], ["images.collection", "images.image"], ondelete="CASCADE"
    ),
)

texts = sa.Table(
    "texts",
    metadata,
    sa.Column("collection", sa.Text, sa.ForeignKey("collections.collection"), primary_key=True),
    sa.Column("text", sa.Text, primary_key=True),
    sa.Column("uid", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Column("update_time", Microseconds, nullable=False),
    # What callers say of it, content and all; see documents.py.
    sa.Column("document", sa.Text, nullable=False),
    # What filters look at; see filter_sql.py.
    sa.Column("attributes", sa.Text, nullable=False),
    sa.Column("space", sa.Text, nullable=False),
    # Little-endian float32.
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.Index("texts_by_time", "collection", "create_time", "text"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("collection", sa.Text, nullable=False),
    # Of these two, the one that is not empty.
    sa.Column("image", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False, server_default=""),
    sa.Column("create_time", Microseconds, nullable=False),
    sqlite_autoincrement=True,
)

request_ids = sa.Table(
    "request_ids",
    metadata,
    sa.Column("collection", sa.Text, primary_key=True),
    sa.Column("request_id", sa.Text, primary_key=True),
    # Of these two, the one that is not empty.
    sa.Column("image", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False, server_default=""),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Index("request_ids_by_time", "create_time"),
)

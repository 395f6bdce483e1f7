"""The catalog's tables. `migrations/` makes them; a test holds the two together."""

import sqlalchemy as sa

from orchestrator.adapters.catalog.column_types import Json, Microseconds, Text

metadata = sa.MetaData()

collections = sa.Table(
    "collections",
    metadata,
    sa.Column("collection", Text, primary_key=True),
    sa.Column("display_name", Text, nullable=False),
    sa.Column("embedder", Text, nullable=False),
    sa.Column("segmenter", Text, nullable=False),
    sa.Column("segmentation", Text, nullable=False),
    sa.Column("matcher", Text, nullable=False, server_default=""),
    sa.Column("captioner", Text, nullable=False, server_default=""),
    # One word a line.
    sa.Column("labels_vocabulary", Text, nullable=False, server_default=""),
    sa.Column("space", Text, nullable=False),
    sa.Column("dimension", sa.Integer, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Column("update_time", Microseconds, nullable=False),
    sa.Column("etag", Text, nullable=False),
    # Sums over ACTIVE images and texts, kept in the transactions that show and hide them.
    sa.Column("image_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("region_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("content_bytes", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("text_count", sa.BigInteger, nullable=False, server_default="0"),
)

images = sa.Table(
    "images",
    metadata,
    sa.Column("collection", Text, sa.ForeignKey("collections.collection"), primary_key=True),
    sa.Column("image", Text, primary_key=True),
    sa.Column("uid", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("etag", Text, nullable=False),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Column("update_time", Microseconds, nullable=False),
    sa.Column("region_count", sa.Integer, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    # What the file tells and what callers say of it; see documents.py.
    sa.Column("document", Text, nullable=False),
    # What filters look at; see filter_sql.py.
    sa.Column("attributes", Json, nullable=False),
    # What was predicted, as JSON, and the stamp of the vocabulary that it was chosen from.
    sa.Column("predicted_labels", Text, nullable=False, server_default="[]"),
    sa.Column("vocabulary", Text, nullable=False, server_default=""),
    # The stamp of what wrote the caption; empty: nothing has yet; NULL: a caller, whose caption it stays.
    sa.Column("captioner", Text, nullable=True, server_default=""),
    # Of its file: what duplicates are found by.
    sa.Column("sha256", Text, nullable=False, server_default=""),
    sa.Index("images_by_vocabulary", "collection", "vocabulary", "image"),
    sa.Index("images_by_captioner", "collection", "captioner", "image"),
    sa.Index("images_by_time", "collection", "create_time", "image"),
    sa.Index("images_by_uid", "uid", unique=True),
    sa.Index("images_by_content", "collection", "sha256"),
)

regions = sa.Table(
    "regions",
    metadata,
    sa.Column("collection", Text, primary_key=True),
    sa.Column("image", Text, primary_key=True),
    sa.Column("region", Text, primary_key=True),
    sa.Column("state", Text, nullable=False),
    sa.Column("area", sa.BigInteger, nullable=False),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Column("document", Text, nullable=False),
    sa.Column("predicted_labels", Text, nullable=False, server_default="[]"),
    sa.ForeignKeyConstraint(
        ["collection", "image"], ["images.collection", "images.image"], ondelete="CASCADE"
    ),
)

vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("collection", Text, primary_key=True),
    sa.Column("image", Text, primary_key=True),
    # Empty: the vector of the whole image.
    sa.Column("region", Text, primary_key=True),
    sa.Column("space", Text, nullable=False),
    # Little-endian float32.
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(
        ["collection", "image"], ["images.collection", "images.image"], ondelete="CASCADE"
    ),
)

texts = sa.Table(
    "texts",
    metadata,
    sa.Column("collection", Text, sa.ForeignKey("collections.collection"), primary_key=True),
    sa.Column("text", Text, primary_key=True),
    sa.Column("uid", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("etag", Text, nullable=False),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Column("update_time", Microseconds, nullable=False),
    # What callers say of it, content and all; see documents.py.
    sa.Column("document", Text, nullable=False),
    # What filters look at; see filter_sql.py.
    sa.Column("attributes", Json, nullable=False),
    sa.Column("space", Text, nullable=False),
    # Little-endian float32.
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.Index("texts_by_time", "collection", "create_time", "text"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("collection", Text, nullable=False),
    # Of these two, the one that is not empty.
    sa.Column("image", Text, nullable=False),
    sa.Column("text", Text, nullable=False, server_default=""),
    sa.Column("create_time", Microseconds, nullable=False),
    sqlite_autoincrement=True,
)

request_ids = sa.Table(
    "request_ids",
    metadata,
    sa.Column("collection", Text, primary_key=True),
    sa.Column("request_id", Text, primary_key=True),
    # Of these two, the one that is not empty.
    sa.Column("image", Text, nullable=False),
    sa.Column("text", Text, nullable=False, server_default=""),
    sa.Column("payload", Text, nullable=False),
    sa.Column("create_time", Microseconds, nullable=False),
    sa.Index("request_ids_by_time", "create_time"),
)

"""The tables of imports. `migrations/` makes them; a test holds the two together."""

import sqlalchemy as sa

from orchestrator.adapters.catalog.column_types import Microseconds, Text
from orchestrator.adapters.catalog.tables import metadata

COUNTS = ("pending", "done", "unchanged", "duplicate", "failed", "deleted", "content_bytes")

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("operation", Text, sa.ForeignKey("operations.operation", ondelete="CASCADE"), primary_key=True),
    sa.Column("listed", sa.Boolean, nullable=False),
    # Whether the source had places that could not be listed.
    sa.Column("partial", sa.Boolean, nullable=False),
    sa.Column("waiting", Text, nullable=False),
    # The number of its listing among those of its source; 0: it has not begun.
    sa.Column("listing", sa.BigInteger, nullable=False, server_default="0"),
    # Of the items by what has become of them, kept in the transactions that change the items.
    *(sa.Column(name, sa.BigInteger, nullable=False, server_default="0") for name in COUNTS),
)

import_items = sa.Table(
    "import_items",
    metadata,
    sa.Column("operation", Text, sa.ForeignKey("operations.operation", ondelete="CASCADE"), primary_key=True),
    # A hash of its key.
    sa.Column("item", Text, primary_key=True),
    # Its place in the listing.
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("key", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("failure", Text, nullable=True),
    sa.Column("tries", sa.Integer, nullable=False),
    # The resource that it became, or whose duplicate it is.
    sa.Column("made", Text, nullable=False),
    # The source's item, as JSON, while it may yet be worked on.
    sa.Column("document", Text, nullable=False),
    # Who works on it, and when another may take it.
    sa.Column("claim", Text, nullable=False),
    sa.Column("free_time", Microseconds, nullable=False),
    # How often it was taken since the last time that something came of it.
    sa.Column("claims", sa.Integer, nullable=False, server_default="0"),
    sa.Column("update_time", Microseconds, nullable=False),
    sa.Index("import_items_by_state", "operation", "state", "number", "item"),
    sa.Index("import_items_by_number", "operation", "number", "item"),
    sa.Index("import_items_by_claim", "claim"),
)

import_contents = sa.Table(
    "import_contents",
    metadata,
    sa.Column("operation", Text, sa.ForeignKey("operations.operation", ondelete="CASCADE"), primary_key=True),
    sa.Column("sha256", Text, primary_key=True),
    # The item that it is imported for.
    sa.Column("item", Text, nullable=False),
    sa.Index("import_contents_by_item", "operation", "item"),
)

import_scopes = sa.Table(
    "import_scopes",
    metadata,
    sa.Column(
        "collection", Text, sa.ForeignKey("collections.collection", ondelete="CASCADE"), primary_key=True
    ),
    # A hash of the source.
    sa.Column("source", Text, primary_key=True),
    # The import that may work on its items.
    sa.Column("operation", Text, nullable=False),
    # How many listings have begun.
    sa.Column("listings", sa.BigInteger, nullable=False),
)

imported = sa.Table(
    "imported",
    metadata,
    sa.Column(
        "collection", Text, sa.ForeignKey("collections.collection", ondelete="CASCADE"), primary_key=True
    ),
    # A hash of the source.
    sa.Column("source", Text, primary_key=True),
    sa.Column("item", Text, primary_key=True),
    sa.Column("fingerprint", Text, nullable=False),
    # Hashes of what was said of it, and of its bytes.
    sa.Column("told", Text, nullable=False),
    sa.Column("sha256", Text, nullable=False),
    sa.Column("made", Text, nullable=False),
    # Whether `made` was made for it, and is no other's.
    sa.Column("owned", sa.Boolean, nullable=False),
    # The listing that saw it last.
    sa.Column("seen", sa.BigInteger, nullable=False, server_default="0"),
    # With which part of the source: another part's listing does not tell that it has vanished.
    sa.Column("extent", Text, nullable=False, server_default=""),
    # Whether `made` is being deleted: nothing may become its duplicate any more.
    sa.Column("leaving", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("imported_by_made", "collection", "made"),
)

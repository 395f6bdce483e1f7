"""Locks on rows, for what a transaction decides by. SQLite needs none: its writers never meet.

A transaction that locks several rows takes a collection's KEEP first, then images by their names, then what
counts in a collection: nobody waits in a circle but for a collection's removal, which is tried again.
"""

from enum import Enum
from typing import Any

import sqlalchemy as sa


class Lock(Enum):
    """What others may do to a row until the transaction ends."""

    KEEP = "KEY SHARE"
    """They may change it and keep it too, but not remove it."""
    CHANGE = "NO KEY UPDATE"
    """They may keep it."""
    REMOVE = "UPDATE"
    """They wait."""


def locked(query: sa.Select[Any], lock: Lock | None, table: sa.Table | None = None) -> sa.Select[Any]:
    """A query that locks the rows it finds, those of `table` where it reads several. None: it does not."""
    if lock is None:
        return query
    return query.with_for_update(read=lock is Lock.KEEP, key_share=lock is not Lock.REMOVE, of=table)

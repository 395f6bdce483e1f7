"""What `database.py` needs to know of an engine."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Connections to one database, and what is special about it.

    `statements` commits each statement by itself, `snapshots` shows one state to a whole transaction; both
    share a pool. `writers` and `readers` are how many connections each of the two pools has at most.
    """

    file: Path | None
    """SQLite's."""
    writer: sa.Engine
    writers: int
    statements: sa.Engine
    snapshots: sa.Engine
    readers: int
    prepare: Callable[[], None]
    """What is to be done before the first connection."""
    lock_tables: Callable[[sa.Connection], None]
    """Waits until nobody else migrates, and keeps others from it until the transaction's end."""
    lost_to_another: Callable[[SQLAlchemyError], bool]
    """Whether a transaction failed only because of another that ran beside it: it may be run again."""

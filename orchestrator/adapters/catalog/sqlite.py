"""SQLite: one writer at a time, in a file that every process of a machine may share."""

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from orchestrator.adapters.catalog.engines import Engines

_BUSY_SECONDS = 15
_READERS = 4


def sqlite_engines(url: sa.URL) -> Engines:
    """All writes queue for one connection instead of failing on a lock; other processes are waited for.

    It runs with a write-ahead log and `synchronous=FULL`, so that what was committed survives the loss of
    power.
    """
    readers = _engine(url, pool_size=_READERS, begin="BEGIN")

    file = Path(url.database) if url.database else None

    def prepare() -> None:
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)

    return Engines(
        file=file,
        writer=_engine(url, pool_size=1, begin="BEGIN IMMEDIATE"),
        writers=1,
        statements=readers.execution_options(sightline_begin=False),
        snapshots=readers,
        readers=_READERS,
        prepare=prepare,
        lock_tables=lambda connection: None,  # BEGIN IMMEDIATE did
        lost_to_another=lambda error: False,
    )


def _engine(url: sa.URL, *, pool_size: int, begin: str) -> sa.Engine:
    # Last in, first out: calls one after another find the same connection, and what it remembers.
    engine = sa.create_engine(
        url, pool_size=pool_size, max_overflow=0, pool_use_lifo=True, hide_parameters=True
    )
    sa.event.listen(engine, "connect", _prepare)

    @sa.event.listens_for(engine, "begin")
    def _(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("sightline_begin", True):
            connection.exec_driver_sql(begin)

    return engine


def _prepare(connection: Any, record: object) -> None:
    connection.isolation_level = None  # BEGIN is said by us: the driver's own would not be IMMEDIATE
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {_BUSY_SECONDS * 1000}",
        "page_size = 8192",  # a 512-dimensional vector takes 2 KiB: three a page instead of one
        "synchronous = FULL",
        "foreign_keys = ON",
        "cache_size = -32768",
        "journal_size_limit = 67108864",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    _use_write_ahead_log(cursor)
    cursor.close()


def _use_write_ahead_log(cursor: Any) -> None:
    """SQLite does not wait, whatever its `busy_timeout`, where others open a new database too."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)

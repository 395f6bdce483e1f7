"""Connections to the catalog's database: one that writes, some that read, and the migrations."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import SQLAlchemyError

from orchestrator.domain.errors import Unavailable

Result = TypeVar("Result")

_BUSY_SECONDS = 15
_READERS = 4
_log = structlog.get_logger(__name__)


class Database:
    """A database by its SQLAlchemy URL. Nothing is opened before `open`.

    A transaction is a plain function that runs in a thread, from its beginning to its end: one change of
    threads a transaction instead of one a statement, and none is torn apart when its caller is cancelled.
    SQLite takes one writer at a time: here all writes queue for one thread instead of failing on a lock, and
    other processes on the same file are waited for. It runs with a write-ahead log and `synchronous=FULL`, so
    that what was committed survives the loss of power.
    """

    def __init__(self, url: str) -> None:
        self._url = sa.make_url(url)
        self._writer = self._engine(pool_size=1, begin="BEGIN IMMEDIATE")
        self._readers = self._engine(pool_size=_READERS, begin="BEGIN")
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="catalog-write")
        self._reading = ThreadPoolExecutor(_READERS, thread_name_prefix="catalog-read")

    async def open(self) -> None:
        """Makes the database where there is none, and brings its tables up to date.

        Several processes may do so at once. Raises Unavailable.
        """
        if self._url.database and self._url.get_backend_name() == "sqlite":
            await asyncio.to_thread(Path(self._url.database).parent.mkdir, parents=True, exist_ok=True)
        await self.write(_migrate)

    async def close(self) -> None:
        """Waits for transactions under way, then closes every connection."""
        for threads in (self._writing, self._reading):
            await asyncio.to_thread(threads.shutdown)
        for engine in (self._writer, self._readers):
            await asyncio.to_thread(engine.dispose)

    async def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs `work` in one transaction. Once begun it ends, even when the caller is cancelled.

        Raises Unavailable, and whatever `work` raises: nothing is written then.
        """
        return await self._run(self._writing, partial(_transaction, self._writer, work))

    async def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs `work`, each statement of which sees what is committed when it runs. Raises Unavailable."""
        return await self._run(self._reading, partial(_statements, self._readers, work))

    async def snapshot(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs `work`, all statements of which see the same state of the database. Raises Unavailable."""
        return await self._run(self._reading, partial(_transaction, self._readers, work))

    async def ready(self) -> bool:
        """Whether the database answers; never raises."""
        try:
            await self.read(lambda connection: connection.execute(sa.text("SELECT 1")).scalar())
        except Unavailable:
            return False
        return True

    async def _run(self, threads: ThreadPoolExecutor, call: Callable[[], Result]) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, call)
        except SQLAlchemyError as error:
            _log.warning("catalog.failed", exc_info=error)
            raise Unavailable("the catalog's database does not answer", retry_after=1.0) from error

    def _engine(self, *, pool_size: int, begin: str) -> sa.Engine:
        # Last in, first out: calls one after another find the same connection, and what it remembers.
        engine = sa.create_engine(self._url, pool_size=pool_size, max_overflow=0, pool_use_lifo=True)
        if self._url.get_backend_name() == "sqlite":
            sa.event.listen(engine, "connect", _prepare_sqlite)

            @sa.event.listens_for(engine, "begin")
            def _(connection: sa.Connection) -> None:
                if connection.get_execution_options().get("sightline_begin", True):
                    connection.exec_driver_sql(begin)

        return engine


def _transaction(engine: sa.Engine, work: Callable[[sa.Connection], Result]) -> Result:
    with engine.begin() as connection:
        return work(connection)


def _statements(engine: sa.Engine, work: Callable[[sa.Connection], Result]) -> Result:
    with engine.connect() as connection:
        return work(connection.execution_options(sightline_begin=False))


def _prepare_sqlite(connection: Any, record: object) -> None:
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


def _migrate(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

"""The catalog's database: transactions in threads, and the migrations."""

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
import structlog
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from orchestrator.adapters.catalog.engines import Engines
from orchestrator.adapters.catalog.postgres import postgres_engines
from orchestrator.adapters.catalog.sqlite import sqlite_engines
from orchestrator.domain.errors import Unavailable

Result = TypeVar("Result")

_ATTEMPTS = 6
_log = structlog.get_logger(__name__)


class Database:
    """SQLite or PostgreSQL by its URL. Nothing is opened before `open`.

    A transaction is a plain function that runs in a thread, from its beginning to its end: one change of
    threads a transaction instead of one a statement, and none is torn apart when its caller is cancelled.
    Writes may run beside each other, in this process and in others: a function reads with a lock
    (`SELECT … FOR UPDATE`) what it decides by, and one that met another's in a deadlock is run again.
    """

    def __init__(self, url: str) -> None:
        self.engines = engines_of(url)
        self._writing = ThreadPoolExecutor(self.engines.writers, thread_name_prefix="catalog-write")
        self._reading = ThreadPoolExecutor(self.engines.readers, thread_name_prefix="catalog-read")

    @property
    def file(self) -> Path | None:
        """SQLite's file; None: it is a server."""
        return self.engines.file

    async def open(self) -> None:
        """Makes the tables, or brings them up to date. SQLite's file is made where there is none.

        Several processes may do so at once. Raises Unavailable.
        """
        await asyncio.to_thread(self.engines.prepare)
        await self.write(partial(_migrate, self.engines))

    async def close(self) -> None:
        """Waits for transactions under way, then closes every connection."""
        for threads in (self._writing, self._reading):
            await asyncio.to_thread(threads.shutdown)
        for engine in (self.engines.writer, self.engines.snapshots):
            await asyncio.to_thread(engine.dispose)

    async def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs `work` in one transaction. Once begun it ends, even when the caller is cancelled.

        It may run more than once, each time on what is committed by then. Raises Unavailable, and whatever
        `work` raises: nothing is written then.
        """
        return await self._run(self._writing, partial(_again, self.engines, work))

    async def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs `work`, each statement of which sees what is committed when it runs. Raises Unavailable."""
        return await self._run(self._reading, partial(_statements, self.engines.statements, work))

    async def snapshot(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs `work`, all statements of which see the same state of the database. Raises Unavailable."""
        return await self._run(self._reading, partial(_transaction, self.engines.snapshots, work))

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
        except (OperationalError, InterfaceError) as error:  # it is away, too slow, or refuses us
            _log.warning("catalog.unavailable", why=str(error.orig).partition("\n")[0])
            raise Unavailable("the catalog's database does not answer", retry_after=1.0) from error
        except SQLAlchemyError as error:
            _log.error("catalog.failed", exc_info=error)
            raise Unavailable("the catalog's database does not answer", retry_after=1.0) from error


def engines_of(url: str) -> Engines:
    """The engines of SQLite or PostgreSQL by a URL. Raises ValueError, which never quotes it."""
    try:
        parsed = sa.make_url(url)
    except (SQLAlchemyError, ValueError):
        parsed = None
    if parsed is not None and parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return sqlite_engines(parsed)
    if parsed is not None and parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return postgres_engines(parsed)
    raise ValueError("it is neither sqlite:///PATH nor postgresql://USER:PASSWORD@HOST:PORT/DATABASE")


def _again(engines: Engines, work: Callable[[sa.Connection], Result]) -> Result:
    for attempt in range(_ATTEMPTS):
        try:
            return _transaction(engines.writer, work)
        except SQLAlchemyError as error:
            if attempt == _ATTEMPTS - 1 or not engines.lost_to_another(error):
                raise
            _log.info("catalog.again", attempt=attempt + 1)
        time.sleep(random.uniform(0, 0.01 * 2**attempt))
    raise AssertionError("the last attempt returned or raised")


def _transaction(engine: sa.Engine, work: Callable[[sa.Connection], Result]) -> Result:
    with engine.begin() as connection:
        return work(connection)


def _statements(engine: sa.Engine, work: Callable[[sa.Connection], Result]) -> Result:
    with engine.connect() as connection:
        return work(connection)


def _migrate(engines: Engines, connection: sa.Connection) -> None:
    engines.lock_tables(connection)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ValueError("its tables are of another version of Sightline") from error

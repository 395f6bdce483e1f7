"""Connections to the catalog's database: one that writes, some that read, and the migrations."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from orchestrator.domain.errors import Unavailable

Result = TypeVar("Result")

_BUSY_SECONDS = 15
_READERS = 4
_log = structlog.get_logger(__name__)


class Database:
    """A database by its SQLAlchemy URL. Nothing is opened before `open`.

    SQLite takes one writer at a time: here all writes queue for one connection instead of failing on a
    lock, and other processes on the same file are waited for. It runs with a write-ahead log and
    `synchronous=FULL`, so that what was committed survives the loss of power.
    """

    def __init__(self, url: str) -> None:
        self._url = sa.make_url(url)
        self._gate = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._writer = self._engine(pool_size=1, begin="BEGIN IMMEDIATE")
        self._readers = self._engine(pool_size=_READERS, begin="BEGIN")

    async def open(self) -> None:
        """Makes the database where there is none, and brings its tables up to date.

        Several processes may do so at once. Raises Unavailable.
        """
        if self._url.database and self._url.get_backend_name() == "sqlite":
            await asyncio.to_thread(Path(self._url.database).parent.mkdir, parents=True, exist_ok=True)

        async def migrate(connection: AsyncConnection) -> None:
            await connection.run_sync(_migrate)

        await self.write(migrate)

    async def close(self) -> None:
        """Waits for writes under way, then closes every connection."""
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._writer.dispose()
        await self._readers.dispose()

    async def write(self, work: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        """Runs `work` in one transaction. Once begun it ends, even when the caller is cancelled.

        Raises Unavailable, and whatever `work` raises: nothing is written then.
        """
        task = asyncio.ensure_future(self._transaction(work))
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection on which every statement sees what is committed when it runs. Raises Unavailable."""
        with _translated():
            async with self._readers.connect() as connection:
                yield await connection.execution_options(sightline_begin=False)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection on which all statements see the same state of the database. Raises Unavailable."""
        with _translated():
            async with self._readers.connect() as connection:
                yield connection

    async def ready(self) -> bool:
        """Whether the database answers; never raises."""
        try:
            async with self.read() as connection:
                await connection.execute(sa.text("SELECT 1"))
        except Unavailable:
            return False
        return True

    async def _transaction(self, work: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        with _translated():
            async with self._gate, self._writer.begin() as connection:
                return await work(connection)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()

    def _engine(self, *, pool_size: int, begin: str) -> AsyncEngine:
        engine = create_async_engine(self._url, pool_size=pool_size, max_overflow=0, pool_timeout=30)
        if self._url.get_backend_name() == "sqlite":
            sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)

            @sa.event.listens_for(engine.sync_engine, "begin")
            def _(connection: sa.Connection) -> None:
                if connection.get_execution_options().get("sightline_begin", True):
                    connection.exec_driver_sql(begin)

        return engine


class _translated:
    """Turns the library's errors into the domain's."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SQLAlchemyError):
            _log.warning("catalog.failed", exc_info=error)
            raise Unavailable("the catalog's database does not answer", retry_after=1.0) from error


def _prepare_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # BEGIN is said by us: the driver's own would not be IMMEDIATE
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {_BUSY_SECONDS * 1000}",
        "page_size = 8192",  # a 512-dimensional vector takes 2 KiB: three a page instead of one
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "cache_size = -32768",
        "journal_size_limit = 67108864",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

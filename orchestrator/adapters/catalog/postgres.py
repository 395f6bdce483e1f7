"""PostgreSQL: many writers beside each other, of this orchestrator and of others."""

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from orchestrator.adapters.catalog.engines import Engines

_WRITERS = _READERS = 8
_CONNECT_SECONDS = 5
_STATEMENT_SECONDS = 30
_LOCK_SECONDS = 10
_MIGRATION_SECONDS = 600
_MIGRATING = 0x5167_6874  # the key of an advisory lock: any number, the same in every orchestrator

_DEADLOCK, _NOT_SERIALIZABLE = "40P01", "40001"


def postgres_engines(url: sa.URL) -> Engines:
    """Writes are READ COMMITTED. A connection that the server dropped is noticed before it is used."""
    url, options = _with_limits(url)
    readers = _engine(url, options, _READERS)
    return Engines(
        file=None,
        writer=_engine(url, options, _WRITERS).execution_options(isolation_level="READ COMMITTED"),
        writers=_WRITERS,
        statements=readers.execution_options(isolation_level="AUTOCOMMIT"),
        snapshots=readers.execution_options(isolation_level="REPEATABLE READ"),
        readers=_READERS,
        prepare=lambda: None,
        lock_tables=_lock_tables,
        lost_to_another=_lost_to_another,
    )


def _with_limits(url: sa.URL) -> tuple[sa.URL, str]:
    """The URL without its `options`, and these behind our own: a connection ends what takes too long."""
    own = {
        "statement_timeout": _STATEMENT_SECONDS,
        "lock_timeout": _LOCK_SECONDS,
        "idle_in_transaction_session_timeout": _STATEMENT_SECONDS,
    }
    limits = [f"-c {name}={seconds}s" for name, seconds in own.items()]
    given = url.query.get("options", ())
    return url.difference_update_query(["options"]).set(drivername="postgresql+psycopg"), " ".join(
        [*limits, *([given] if isinstance(given, str) else given)]
    )


def _engine(url: sa.URL, options: str, size: int) -> sa.Engine:
    defaults = {
        "application_name": "sightline",
        "connect_timeout": _CONNECT_SECONDS,
        # A server that vanished is noticed within half a minute.
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    arguments = {name: value for name, value in defaults.items() if name not in url.query}
    return sa.create_engine(
        url,
        connect_args={**arguments, "options": options},
        pool_size=size,
        max_overflow=0,
        pool_use_lifo=True,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _lock_tables(connection: sa.Connection) -> None:
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise ValueError(f"the database's encoding is {encoding}: it has to be UTF8")
    for limit in ("statement_timeout", "lock_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {limit} = '{_MIGRATION_SECONDS}s'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")


def _lost_to_another(error: SQLAlchemyError) -> bool:
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return state in (_DEADLOCK, _NOT_SERIALIZABLE)

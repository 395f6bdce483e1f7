"""The catalog on a PostgreSQL that goes away, is slow, or is not what the setting says."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.domain.errors import Unavailable
from orchestrator.domain.names import CollectionName
from tests.fixtures.images import collection
from tests.fixtures.postgres import Postgres

THINGS = CollectionName("things")


@pytest.fixture
def stopped(postgres: Postgres) -> Iterator[Postgres]:
    """A server that a test may stop."""
    yield postgres
    postgres.stop()
    postgres.start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "crashed"])
async def test_it_goes_away_and_comes_back(
    stopped: Postgres, postgres_url: str, number: signal.Signals
) -> None:
    catalog = SqlCatalog(postgres_url)
    await catalog.open()
    await catalog.add_collection(collection())
    await asyncio.gather(*(catalog.get_collection(THINGS) for _ in range(8)))  # every connection is open
    stopped.stop(number)
    for call in (catalog.get_collection(THINGS), catalog.add_collection(collection("new"))):
        with pytest.raises(Unavailable):
            await call
    assert not await catalog.ready()
    stopped.start()
    assert await catalog.ready()
    await asyncio.gather(*(catalog.get_collection(THINGS) for _ in range(8)))
    await catalog.add_collection(collection("new"))
    await catalog.close()


async def test_a_connection_that_dies_in_a_transaction_leaves_nothing(
    postgres: Postgres, postgres_url: str
) -> None:
    database = Database(postgres_url)
    await database.open()

    def die(connection: sa.Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE half (n int)")
        number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        postgres.run(f"SELECT pg_terminate_backend({number})")
        connection.exec_driver_sql("CREATE TABLE whole (n int)")

    with pytest.raises(Unavailable):
        await database.write(die)
    count = "SELECT count(*) FROM pg_tables WHERE tablename IN ('half', 'whole')"
    assert await database.read(lambda connection: connection.exec_driver_sql(count).scalar_one()) == 0
    await database.close()


async def test_two_who_wait_for_each_other_both_come_through(postgres_url: str) -> None:
    database = Database(postgres_url)
    await database.open()
    make = "CREATE TABLE counters AS SELECT n AS name, 0 AS value FROM generate_series(1, 2) AS n"
    await database.write(lambda connection: connection.exec_driver_sql(make))
    meeting, runs = threading.Barrier(2), list[int]()

    async def count(first: int, second: int) -> None:
        def work(connection: sa.Connection) -> None:
            runs.append(first)
            step = "UPDATE counters SET value = value + 1 WHERE name = %s"
            connection.exec_driver_sql(step, (first,))
            if len(runs) <= 2:
                meeting.wait(30)
            connection.exec_driver_sql(step, (second,))

        await database.write(work)

    await asyncio.gather(count(1, 2), count(2, 1))
    values = "SELECT value FROM counters ORDER BY name"
    found = await database.read(lambda connection: connection.exec_driver_sql(values).scalars().all())
    assert list(found) == [2, 2]
    assert len(runs) == 3
    await database.close()


async def test_what_takes_too_long_is_given_up(postgres_url: str) -> None:
    database = Database(postgres_url + "?options=-cstatement_timeout%3D200ms")
    await database.open()
    with pytest.raises(Unavailable):
        await database.read(lambda connection: connection.exec_driver_sql("SELECT pg_sleep(20)"))
    assert await database.ready()
    await database.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
async def test_the_usual_spellings_of_its_url_are_known(postgres_url: str, scheme: str) -> None:
    catalog = SqlCatalog(postgres_url.replace("postgresql", scheme, 1))
    await catalog.open()
    assert await catalog.ready()
    await catalog.close()


@pytest.mark.parametrize(
    "url", ["mysql://root:hidden@host/db", "hidden", "postgresql+asyncpg://a:hidden@b/c", ""]
)
def test_another_engine_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(ValueError, match="neither sqlite") as caught:
        SqlCatalog(url)
    assert "hidden" not in str(caught.value)


async def test_its_password_is_in_no_log(postgres: Postgres) -> None:
    url = postgres.url("missing").replace("sightline@", "sightline:hidden@")
    catalog = SqlCatalog(url + "?sslmode=disable")
    with capture_logs() as logs, pytest.raises(Unavailable) as caught:
        await catalog.open()
    assert [entry["event"] for entry in logs] == ["catalog.unavailable"]
    chain: BaseException | None = caught.value
    told = [str(logs)]
    while chain is not None:
        told.append(repr(chain))
        chain = chain.__cause__
    assert "hidden" not in " ".join(told)
    await catalog.close()


async def test_encryption_is_asked_for_in_the_url(postgres_url: str) -> None:
    catalog = SqlCatalog(postgres_url + "?sslmode=require")  # this server has no certificate
    with pytest.raises(Unavailable):
        await catalog.open()
    await catalog.close()


async def test_a_database_of_another_encoding_is_refused(postgres: Postgres, tmp_path: Path) -> None:
    postgres.run("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0")
    catalog = SqlCatalog(postgres.url("latin"))
    with pytest.raises(ValueError, match="UTF8"):
        await catalog.open()
    await catalog.close()
    postgres.run("DROP DATABASE latin")

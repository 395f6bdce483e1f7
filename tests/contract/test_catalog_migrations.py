"""The migrations make the tables that the code writes to."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from orchestrator.adapters.catalog.schema import metadata
from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from tests.fixtures.catalogs import connected
from tests.fixtures.images import collection


async def test_the_migrated_tables_are_those_of_the_code(catalog_url: str) -> None:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    await catalog.close()
    with connected(catalog_url) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        else:
            assert _ordered_otherwise(connection) == []


def _ordered_otherwise(connection: sa.Connection) -> list[str]:
    """Texts of PostgreSQL that the database's own language orders: `column_types.Text` is missing there."""
    query = """
        SELECT table_name || '.' || column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type IN ('text', 'character varying')
        AND collation_name IS DISTINCT FROM 'C' AND table_name <> 'alembic_version'
    """
    return list(connection.exec_driver_sql(query).scalars())


async def test_opening_again_keeps_what_is_there(catalog_url: str) -> None:
    for _ in range(2):
        catalog = SqlCatalog(catalog_url)
        await catalog.open()
        if not await catalog.list_collections(limit=1):
            await catalog.add_collection(collection())
        await catalog.close()
    assert await _names(catalog_url) == ["things"]


async def test_tables_of_a_later_version_are_left_alone(catalog_url: str) -> None:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    await catalog.close()
    with connected(catalog_url) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    catalog = SqlCatalog(catalog_url)
    with pytest.raises(ValueError, match="another version"):
        await catalog.open()
    await catalog.close()


async def _names(url: str) -> list[str]:
    catalog = SqlCatalog(url)
    await catalog.open()
    found = [each.name.collection for each in await catalog.list_collections(limit=9)]
    await catalog.close()
    return found

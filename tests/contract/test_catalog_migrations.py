"""The migrations make the tables that the code writes to."""

from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.adapters.catalog.tables import metadata
from tests.fixtures.images import collection


async def test_the_migrated_tables_are_those_of_the_code(tmp_path: Path) -> None:
    catalog = SqlCatalog(f"sqlite:///{tmp_path}/catalog.sqlite")
    await catalog.open()
    await catalog.close()
    engine = sa.create_engine(f"sqlite:///{tmp_path}/catalog.sqlite")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    engine.dispose()


async def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    for _ in range(2):
        catalog = SqlCatalog(f"sqlite:///{tmp_path}/catalog.sqlite")
        await catalog.open()
        if not await catalog.list_collections(limit=1):
            await catalog.add_collection(collection())
        await catalog.close()
    assert await _names(tmp_path) == ["things"]


async def _names(folder: Path) -> list[str]:
    catalog = SqlCatalog(f"sqlite:///{folder}/catalog.sqlite")
    await catalog.open()
    found = [each.name.collection for each in await catalog.list_collections(limit=9)]
    await catalog.close()
    return found

"""`python -m orchestrator.adapters.catalog.copy --from URL --to URL`: moves a catalog to another engine.

No orchestrator may run on it meanwhile. Everything is written in one transaction: a copy is whole, or is not.
Passwords are better given as SIGHTLINE_COPY_FROM and SIGHTLINE_COPY_TO than on a command line.
"""

import argparse
import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.engines import Engines
from orchestrator.adapters.catalog.peer_rows import alive
from orchestrator.adapters.catalog.peer_tables import deployment, orchestrators
from orchestrator.adapters.catalog.schema import metadata
from orchestrator.adapters.catalog.tables import outbox
from orchestrator.domain.errors import SightlineError

_ROWS = 500
_TABLES = [table for table in metadata.sorted_tables if table is not orchestrators]


class CannotCopy(Exception):
    """Why nothing was copied."""


async def copy_catalog(source: str, target: str) -> dict[str, int]:
    """Copies every row of a catalog to an empty one; how many, by table.

    Raises CannotCopy where somebody works on the source, the target is not empty, or what was written does
    not read the same; Unavailable.
    """
    one, other = Database(source), Database(target)
    try:
        await one.open()
        await other.open()
        return await asyncio.to_thread(_copy_all, one.engines, other.engines)
    finally:
        await one.close()
        await other.close()


def _copy_all(source: Engines, target: Engines) -> dict[str, int]:
    with source.snapshots.begin() as there, target.writer.begin() as here:
        return _copy(there, here)


def _copy(source: sa.Connection, target: sa.Connection) -> dict[str, int]:
    if there := alive(source):
        raise CannotCopy(f"an orchestrator on {there[0].host} works on the catalog: stop it first")
    for table in _TABLES:
        if table is not deployment and target.execute(sa.select(table).limit(1)).first() is not None:
            raise CannotCopy(f"the target is not empty: it has {table.name}")
    known = {table.name for table in metadata.sorted_tables} | {"alembic_version"}
    if unknown := set(sa.inspect(source).get_table_names()) - known:
        raise CannotCopy(f"nothing is known of the table {min(unknown)}")
    target.execute(sa.delete(deployment))
    copied = {}
    for table in _TABLES:
        copied[table.name] = 0
        for rows in _batches(source, table):
            target.execute(sa.insert(table), rows)
            copied[table.name] += len(rows)
        if _checksum(source, table) != _checksum(target, table):
            raise CannotCopy(f"{table.name} does not read the same from the target")
    if target.dialect.name == "postgresql":
        last = sa.select(sa.func.coalesce(sa.func.max(outbox.c.id), 0) + 1).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence("outbox", "id")
        target.execute(sa.select(sa.func.setval(sequence, last, False)))
    return copied


def _batches(connection: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, object]]]:
    found = connection.execute(sa.select(table).execution_options(yield_per=_ROWS)).mappings()
    for some in found.partitions(_ROWS):
        yield [{name: _as_text(value) for name, value in row.items()} for row in some]


def _as_text(value: object) -> object:
    """PostgreSQL's driver reads a JSON document as what it says."""
    return json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else value


def _checksum(connection: sa.Connection, table: sa.Table) -> tuple[int, str]:
    """The number of rows, and a hash of them; without what filters look at, whose form is each engine's."""
    columns = [column for column in table.c if column.name != "attributes"]
    query = sa.select(*columns).order_by(*table.primary_key.columns).execution_options(yield_per=_ROWS)
    number, hashed = 0, hashlib.sha256()
    for row in connection.execute(query):
        number += 1
        hashed.update(repr(tuple(row)).encode())
    return number, hashed.hexdigest()


def main() -> int:
    """Runs it; 1 with one line where it cannot."""
    parser = argparse.ArgumentParser(
        prog="python -m orchestrator.adapters.catalog.copy",
        description="Copies a catalog to an empty database, such as from SQLite to PostgreSQL.",
    )
    for name in ("from", "to"):
        variable = f"SIGHTLINE_COPY_{name.upper()}"
        parser.add_argument(
            f"--{name}",
            dest=f"{name}_",
            metavar="URL",
            default=os.environ.get(variable),
            help=f"as SIGHTLINE_CATALOG_URL takes it; or {variable} in the environment",
        )
    given = parser.parse_args()
    if not given.from_ or not given.to_:
        parser.error("--from and --to are needed")
    try:
        copied = asyncio.run(copy_catalog(given.from_, given.to_))
    except (CannotCopy, SightlineError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 — a program for the terminal
        return 1
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", None) or type(error).__name__).partition("\n")[0]
        print(f"error: the database refused: {why}", file=sys.stderr)  # noqa: T201
        return 1
    for name, number in copied.items():
        print(f"{number:12,} {name}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())

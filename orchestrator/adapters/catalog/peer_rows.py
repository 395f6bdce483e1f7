"""`ports.Peers` in the catalog's database."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Peers`.

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from orchestrator.adapters.catalog.clock import read_clock
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.locks import Lock, locked
from orchestrator.adapters.catalog.peer_tables import deployment, orchestrators
from orchestrator.domain.deployment import Gone, Orchestrator, Refusal

SILENT = timedelta(seconds=30)
"""Who has not been heard of for so long is gone."""


class SqlPeers:
    """Orchestrators as rows. Its database is opened and closed by the catalog, whose it is too."""

    def __init__(self, database: Database, *, silent: timedelta = SILENT) -> None:
        self._database = database
        self._silent = silent

    async def join(self, newcomer: Orchestrator, refuse: Refusal, gone: Gone) -> str | None:
        def write(connection: sa.Connection) -> str | None:
            connection.execute(locked(sa.select(deployment.c.catalog), Lock.CHANGE)).one()
            now = read_clock(connection)
            connection.execute(sa.delete(orchestrators).where(orchestrators.c.beat_time < now - self._silent))
            there = alive(connection, self._silent)
            for other in filter(gone, there):
                connection.execute(sa.delete(orchestrators).where(_is(other.id)))
            if why := refuse([other for other in there if not gone(other)]):
                return why
            connection.execute(sa.insert(orchestrators).values(_row(newcomer, now)))
            return None

        return await self._database.write(write)

    async def beat(self, one: Orchestrator) -> Sequence[Orchestrator]:
        def write(connection: sa.Connection) -> Sequence[Orchestrator]:
            now = read_clock(connection)
            change = sa.update(orchestrators).where(_is(one.id)).values(beat_time=now)
            if connection.execute(change).rowcount == 0:  # the database was away for long
                connection.execute(sa.insert(orchestrators).values(_row(one, now)))
            return alive(connection, self._silent)

        return await self._database.write(write)

    async def leave(self, id: str) -> None:
        gone = sa.delete(orchestrators).where(_is(id))
        await self._database.write(lambda connection: connection.execute(gone))

    async def catalog_id(self) -> str:
        query = sa.select(deployment.c.catalog)
        return await self._database.read(lambda connection: str(connection.execute(query).scalar_one()))

    async def blobs_are_marked(self) -> bool:
        query = sa.select(deployment.c.blobs_marked)
        return await self._database.read(lambda connection: bool(connection.execute(query).scalar_one()))

    async def mark_blobs(self) -> None:
        marked = sa.update(deployment).values(blobs_marked=True)
        await self._database.write(lambda connection: connection.execute(marked))


def alive(connection: sa.Connection, silent: timedelta = SILENT) -> list[Orchestrator]:
    """Who is there, the oldest first."""
    query = (
        sa.select(orchestrators)
        .where(orchestrators.c.beat_time >= read_clock(connection) - silent)
        .order_by(orchestrators.c.start_time, orchestrators.c.orchestrator)
    )
    return [_read(row) for row in connection.execute(query)]


def _is(id: str) -> sa.ColumnElement[bool]:
    return orchestrators.c.orchestrator == id


def _row(one: Orchestrator, now: datetime) -> dict[str, Any]:
    document = asdict(one)
    return {
        "orchestrator": document.pop("id"),
        "start_time": document.pop("start_time"),
        "beat_time": now,
        "document": json.dumps(document),
    }


def _read(row: sa.Row[Any]) -> Orchestrator:
    return Orchestrator(id=row.orchestrator, start_time=row.start_time, **json.loads(row.document))

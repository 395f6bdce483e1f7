"""Request ids (AIP-155) in the catalog."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.Catalog`.

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.tables import request_ids
from orchestrator.adapters.catalog.works import name_columns, read_name
from orchestrator.application.ports import RequestRecord
from orchestrator.domain.names import CollectionName


class RequestRows:
    """The catalog's part about request ids; `ports.Catalog` has the contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_request(self, collection: CollectionName, request_id: str) -> RequestRecord | None:
        def read(connection: sa.Connection) -> RequestRecord | None:
            return find_request(connection, collection, request_id)

        return await self._database.read(read)

    async def forget_requests(self, *, before: datetime) -> None:
        old = sa.delete(request_ids).where(request_ids.c.create_time < before)

        def write(connection: sa.Connection) -> None:
            connection.execute(old)

        await self._database.write(write)


def find_request(
    connection: sa.Connection, collection: CollectionName, request_id: str
) -> RequestRecord | None:
    """What an id was used for in a collection."""
    query = sa.select(request_ids).where(
        request_ids.c.collection == collection.collection, request_ids.c.request_id == request_id
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return RequestRecord(request_id=row.request_id, payload=row.payload, made=read_name(row))


def request_row(request: RequestRecord, now: datetime) -> dict[str, Any]:
    """The columns of `request_ids`."""
    said = {"request_id": request.request_id, "payload": request.payload, "create_time": now}
    return name_columns(request.made) | said

"""One clock for all processes of a catalog."""

from datetime import UTC, datetime

import sqlalchemy as sa


def read_clock(connection: sa.Connection) -> datetime:
    """What time it is: by the database, or by the machine where all are on it."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    now: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return now

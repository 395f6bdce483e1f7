"""The columns' types: the same values, in the same order, in every database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Jsonb(sa.types.UserDefinedType[str]):
    """PostgreSQL's jsonb, written as text: what `documents.py` gives is JSON already."""

    cache_ok = True

    def get_col_spec(self, **options: Any) -> str:
        return "JSONB"

    def bind_expression(self, bindvalue: sa.BindParameter[str]) -> sa.ColumnElement[str]:
        return sa.cast(bindvalue, self)


Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text ordered by its code points, whatever the database's own language is."""

Json = sa.Text().with_variant(_Jsonb(), "postgresql")
"""A JSON document that filters look into."""


class Microseconds(sa.TypeDecorator[datetime]):
    """An aware time as whole microseconds since 1970: exact and ordered in every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        """To the database."""
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """From the database."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)

"""`ports.Copies` in a SQLite file."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

_NAMES = 500  # a statement: SQLite bounds its variables


class SqliteCopies:
    """One file for each engine that is filled. Closed when the process ends."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(file, check_same_thread=False, timeout=60, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS copies (name TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID"
        )

    async def versions(self, names: Sequence[str]) -> Mapping[str, str]:
        """Those of them that were copied."""

        def read() -> dict[str, str]:
            found: dict[str, str] = {}
            for start in range(0, len(names), _NAMES):
                some = names[start : start + _NAMES]
                marks = ",".join("?" * len(some))
                query = f"SELECT name, version FROM copies WHERE name IN ({marks})"  # noqa: S608 — marks alone
                found.update(self._connection.execute(query, list(some)).fetchall())
            return found

        return await asyncio.to_thread(read)

    async def remember(self, versions: Mapping[str, str]) -> None:
        """In one transaction."""
        insert = (
            "INSERT INTO copies VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version"
        )
        await asyncio.to_thread(self._write, insert, list(versions.items()))

    async def forget(self, names: Sequence[str]) -> None:
        """In one transaction."""
        await asyncio.to_thread(self._write, "DELETE FROM copies WHERE name = ?", [(name,) for name in names])

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def _write(self, statement: str, rows: Sequence[tuple[str, ...]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(statement, rows)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

"""What is said of pictures in files of their own, of any number of them: in a temporary file, by key."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any


class Notes:
    """Values by key, several to a key, in the order in which they were added. Blocks."""

    def __init__(self) -> None:
        # An empty name is SQLite's for a private file that it writes only when its cache is full.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE notes (key TEXT NOT NULL, value TEXT NOT NULL)")
        self._database.execute("BEGIN")

    def add(self, found: Iterable[tuple[str, Any]]) -> None:
        """Adds keys with values that JSON has."""
        rows = ((key, json.dumps(value)) for key, value in found)
        self._database.executemany("INSERT INTO notes VALUES (?, ?)", rows)

    def index(self) -> None:
        """All is added: it may be looked up now."""
        self._database.execute("CREATE INDEX by_key ON notes (key)")

    def of(self, key: str) -> list[Any]:
        """The values of a key."""
        found = self._database.execute("SELECT value FROM notes WHERE key = ? ORDER BY rowid", (key,))
        return [json.loads(value) for (value,) in found]

    def close(self) -> None:
        """Takes the file away."""
        self._database.close()

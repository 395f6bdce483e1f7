"""Which keys were seen, of any number of them: in memory while they are few, in a temporary file then."""

import hashlib
import sqlite3


class Seen:
    """A set of texts that grows beyond memory."""

    def __init__(self) -> None:
        # An empty name is SQLite's for a private file that it writes only when its cache is full.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def add(self, key: str) -> bool:
        """Whether it is new."""
        digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        return self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,)).rowcount == 1

    def close(self) -> None:
        """Takes the file away."""
        self._database.close()

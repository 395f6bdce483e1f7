"""`ports.Catalog` over SQLAlchemy."""

from orchestrator.adapters.catalog.collection_rows import CollectionRows
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.image_rows import ImageRows
from orchestrator.adapters.catalog.prediction_rows import PredictionRows
from orchestrator.adapters.catalog.recovery_rows import RecoveryRows
from orchestrator.adapters.catalog.request_rows import RequestRows
from orchestrator.adapters.catalog.text_rows import TextRows
from orchestrator.adapters.catalog.write_rows import WriteRows


class SqlCatalog(CollectionRows, ImageRows, TextRows, WriteRows, RequestRows, PredictionRows, RecoveryRows):
    """The catalog in the database of a SQLAlchemy URL, such as `sqlite:///data/catalog.sqlite3`.

    `open` before the first use, `close` at the end.
    """

    def __init__(self, url: str) -> None:
        super().__init__(Database(url))

    @property
    def database(self) -> Database:
        """Its database, for what else is kept there."""
        return self._database

    async def open(self) -> None:
        """Opens the database and brings its tables up to date. Raises Unavailable."""
        await self._database.open()

    async def close(self) -> None:
        """Waits for writes under way and closes the connections."""
        await self._database.close()

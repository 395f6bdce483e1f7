"""What Alembic runs: the migrations, inside the transaction that `database.py` opened."""

from alembic import context

from orchestrator.adapters.catalog.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()

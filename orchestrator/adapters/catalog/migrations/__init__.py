"""The catalog's tables, version by version (Alembic)."""

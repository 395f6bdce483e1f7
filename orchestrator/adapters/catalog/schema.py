"""All tables of the catalog's database, whichever module has them."""

from orchestrator.adapters.catalog import (
    import_tables,
    operation_tables,
    peer_tables,
    schedule_tables,
    tables,
)

MODULES = (tables, operation_tables, import_tables, schedule_tables, peer_tables)

metadata = tables.metadata
"""What knows them, once these modules are imported."""

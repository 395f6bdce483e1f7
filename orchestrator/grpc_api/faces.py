"""What operations of each kind show."""

from collections.abc import Mapping

from orchestrator.application.imports.plan import KIND as IMPORT
from orchestrator.application.snapshots.operations import EXPORT as EXPORT_COLLECTION
from orchestrator.application.snapshots.operations import IMPORT as IMPORT_COLLECTION
from orchestrator.grpc_api.translate import imports, transfer
from orchestrator.grpc_api.translate.operation import Face

FACES: Mapping[str, Face] = {
    IMPORT: imports.FACE,
    EXPORT_COLLECTION: transfer.EXPORT_FACE,
    IMPORT_COLLECTION: transfer.IMPORT_FACE,
}
"""Kind → its face. Operations of one without show neither metadata nor response."""

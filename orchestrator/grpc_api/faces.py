"""What operations of each kind show."""

from collections.abc import Mapping

from orchestrator.application.imports.plan import KIND as IMPORT
from orchestrator.grpc_api.translate import imports
from orchestrator.grpc_api.translate.operation import Face

FACES: Mapping[str, Face] = {IMPORT: imports.FACE}
"""Kind → its face. Operations of one without show neither metadata nor response."""

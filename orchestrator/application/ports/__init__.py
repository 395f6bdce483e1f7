"""What the use cases need of the world: models, pictures, an index, an object store, a catalog, a cache,
sources to import
from, places for snapshots.

Adapters raise the errors of `domain.errors`: Unavailable where an engine does not answer, whatever its own
library raised.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from orchestrator.application.pace import Pace
from orchestrator.application.permits import Permits
from orchestrator.application.ports.blobs import Blobs
from orchestrator.application.ports.cache import Cache
from orchestrator.application.ports.captioner import Captioner
from orchestrator.application.ports.catalog import (
    REQUEST_ID_TAKEN,
    Catalog,
    CollectionTotals,
    ImageKey,
    ImageOrder,
    RegionKey,
)
from orchestrator.application.ports.catalog_reader import CatalogReader
from orchestrator.application.ports.catalog_texts import NewText, RequestRecord, TextKey
from orchestrator.application.ports.embedder import Embedder, TextEmbeddings
from orchestrator.application.ports.imports import Imports
from orchestrator.application.ports.matcher import Matcher
from orchestrator.application.ports.models import Models, PackInfo
from orchestrator.application.ports.operations import OperationFilter, OperationKey, Operations
from orchestrator.application.ports.pictures import DecodedPicture, LazyPicture, Pictures
from orchestrator.application.ports.predictions import (
    CaptionChange,
    LabelChange,
    Prediction,
    PredictionChange,
)
from orchestrator.application.ports.schedules import Schedules
from orchestrator.application.ports.segmenter import Segmenter
from orchestrator.application.ports.snapshots import (
    ImageEntry,
    Places,
    RegionEntry,
    SnapshotFiles,
    TextEntry,
)
from orchestrator.application.ports.sources import Source, Sources
from orchestrator.application.ports.vector_index import (
    Kind,
    Neighbour,
    VectorIndex,
    VectorRecord,
    WordMatch,
)
from orchestrator.application.ports.work import OutboxEntry, Record, StoredVector, Work
from orchestrator.application.traffic import Traffic
from orchestrator.application.vocabularies import EmbeddedVocabularies

__all__ = [
    "REQUEST_ID_TAKEN",
    "Blobs",
    "Cache",
    "CaptionChange",
    "Captioner",
    "Catalog",
    "CatalogReader",
    "CollectionTotals",
    "DecodedPicture",
    "Embedder",
    "ImageEntry",
    "ImageKey",
    "ImageOrder",
    "Imports",
    "Kind",
    "LabelChange",
    "LazyPicture",
    "Matcher",
    "Models",
    "Neighbour",
    "NewText",
    "OperationFilter",
    "OperationKey",
    "Operations",
    "OutboxEntry",
    "PackInfo",
    "Pictures",
    "Places",
    "Ports",
    "Prediction",
    "PredictionChange",
    "Record",
    "RegionEntry",
    "RegionKey",
    "RequestRecord",
    "Schedules",
    "Segmenter",
    "SnapshotFiles",
    "Source",
    "Sources",
    "StoredVector",
    "TextEmbeddings",
    "TextEntry",
    "TextKey",
    "VectorIndex",
    "VectorRecord",
    "WordMatch",
    "Work",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything that use cases are given."""

    models: Models
    pictures: Pictures
    index: VectorIndex
    blobs: Blobs
    catalog: Catalog
    cache: Cache
    sources: Sources
    operations: Operations
    imports: Imports
    schedules: Schedules
    places: Places
    snapshots: SnapshotFiles
    default_embedder: str
    default_segmenter: str
    permits: Permits = field(default_factory=Permits)
    vocabularies: EmbeddedVocabularies = field(default_factory=EmbeddedVocabularies)
    pace: Pace = field(default_factory=Pace)
    traffic: Traffic = field(default_factory=Traffic)
    leads: Callable[[], bool] = lambda: True
    """Whether this is the orchestrator, of several on one catalog, that does what is to be done once."""

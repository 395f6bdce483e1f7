"""What the use cases need of the world: models, pictures, an index, an object store, a catalog, a cache.

Adapters raise the errors of `domain.errors`: Unavailable where an engine does not answer, whatever its own
library raised.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from orchestrator.domain.collection import Collection
from orchestrator.domain.embedding import Calibration, EmbeddingSpace, Vector, Vectors
from orchestrator.domain.filter import Attributes, Filter
from orchestrator.domain.image import FileFacts, Image, Picture
from orchestrator.domain.names import CollectionName, ImageName, RegionName
from orchestrator.domain.region import Box, Mask, Prompt, Region, Segment

# --- models -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEmbeddings:
    """Embedded texts: `vectors` (N, D); `truncated[i]`: words beyond the tower's length were cut off."""

    vectors: Vectors
    truncated: tuple[bool, ...]


class Embedder(Protocol):
    """A pack's towers."""

    @property
    def space(self) -> EmbeddingSpace:
        """The space that its vectors live in."""
        ...

    @property
    def calibration(self) -> Calibration:
        """What a text–image cosine is worth."""
        ...

    @property
    def has_text(self) -> bool:
        """Whether it has a text tower."""
        ...

    async def embed_pictures(self, pictures: Sequence[Picture]) -> Vectors:
        """Embeds N pictures of any sizes: (N, D). Raises Unavailable."""
        ...

    async def embed_texts(self, texts: Sequence[str]) -> TextEmbeddings:
        """Embeds N texts. Raises FailedPrecondition without a text tower, Unavailable."""
        ...


class Segmenter(Protocol):
    """A pack's segmenter."""

    async def segment(self, picture: "LazyPicture", prompt: Prompt) -> Sequence[Segment]:
        """Segments a picture. Automatic: by predicted IoU; prompts: in their order. Raises Unavailable."""
        ...


class LazyPicture(Protocol):
    """A picture that is decoded only when its pixels are needed: a click on encoded features needs none."""

    @property
    def sha256(self) -> str:
        """SHA-256 of its file: the key of its features."""
        ...

    @property
    def width(self) -> int:
        """Of the upright picture, in pixels."""
        ...

    @property
    def height(self) -> int:
        """Of the upright picture, in pixels."""
        ...

    async def pixels(self) -> Picture:
        """The upright pixels."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PackInfo:
    """An installed pack, as people are told of it. `image_size` in pixels; None where there is no such part."""

    name: str
    title: str
    description: str
    revision: str
    licence: str
    source: str
    models: tuple[str, ...]
    space: EmbeddingSpace | None = None
    image_size: int | None = None
    has_text: bool = False
    context_length: int = 0
    relevance_threshold: float = 0.5
    segmenter_image_size: int | None = None


class Models(Protocol):
    """The installed packs."""

    def packs(self) -> Sequence[PackInfo]:
        """All of them, by name. Asks no engine."""
        ...

    def embedder(self, pack: str) -> Embedder:
        """Raises InvalidArgument where the pack is unknown or does not embed."""
        ...

    def segmenter(self, pack: str) -> Segmenter:
        """Raises InvalidArgument where the pack is unknown or does not segment."""
        ...

    async def ready(self) -> Mapping[str, bool]:
        """Triton model name → served now. All False where Triton does not answer; never raises."""
        ...


# --- pictures ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedPicture:
    """A file that was read: what it tells, and its upright pixels."""

    facts: FileFacts
    pixels: Picture


class Pictures(Protocol):
    """Reads and writes picture files. Work is done off the event loop, within bounds."""

    async def decode(self, content: bytes, field: str = "content") -> DecodedPicture:
        """Decodes a file. Checks size, type and dimensions before decoding. Raises InvalidArgument."""
        ...

    async def thumbnail(self, content: bytes, max_pixels: int, crop: Box | None = None) -> tuple[str, bytes]:
        """A smaller or cropped upright picture: (content type, file). `max_pixels` 0: no limit."""
        ...

    async def cutout(self, content: bytes, box: Box, mask: Mask | None, max_pixels: int) -> tuple[str, bytes]:
        """The mask's pixels, the rest of the box transparent: (content type, PNG)."""
        ...

    async def mask_picture(self, mask: Mask, max_pixels: int) -> tuple[str, bytes]:
        """The mask, white on black: (content type, PNG)."""
        ...


# --- vector index -----------------------------------------------------------------------------------------


class Kind(Enum):
    """What a vector is of."""

    IMAGE = "image"
    REGION = "region"


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorRecord:
    """A vector as an index keeps it. `id` is `vector_id(name)`; `attributes` are those of the image."""

    id: UUID
    name: str
    kind: Kind
    vector: Vector
    attributes: Attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A record that an index found; `cosine` from -1 to 1."""

    name: str
    cosine: float


class VectorIndex(Protocol):
    """Nearest neighbours by cosine, in namespaces. Writes are idempotent, and seen by the next search."""

    async def create_namespace(self, namespace: str, dimension: int) -> None:
        """Makes a namespace; one that exists is left as it is."""
        ...

    async def delete_namespace(self, namespace: str) -> None:
        """Deletes a namespace and its vectors; one that does not exist is no error."""
        ...

    async def upsert(self, namespace: str, records: Sequence[VectorRecord]) -> None:
        """Writes records; durable when it returns."""
        ...

    async def delete(self, namespace: str, ids: Sequence[UUID]) -> None:
        """Deletes records; missing ones are no error."""
        ...

    async def overwrite_attributes(self, namespace: str, ids: Sequence[UUID], attributes: Attributes) -> None:
        """Gives records other attributes, without their vectors; missing records are no error."""
        ...

    def ids(self, namespace: str) -> AsyncIterator[UUID]:
        """The ids of all records, in no order. None for a namespace that does not exist."""
        ...

    async def search(
        self,
        namespace: str,
        vector: Vector,
        kind: Kind,
        *,
        limit: int,
        offset: int = 0,
        filter: Filter | None = None,
    ) -> Sequence[Neighbour]:
        """The nearest records, the best first; of equal cosine, by name."""
        ...

    async def count(self, namespace: str, kind: Kind, filter: Filter | None = None) -> int:
        """How many records there are. 0 for a namespace that does not exist."""
        ...

    async def ready(self) -> bool:
        """Whether the engine answers; never raises."""
        ...


# --- object store -----------------------------------------------------------------------------------------


class Blobs(Protocol):
    """Files by key. A put is durable, and all or nothing."""

    async def put(self, key: str, content: bytes) -> None:
        """Writes a file, over one that is there."""
        ...

    async def get(self, key: str) -> bytes:
        """Reads a file. Raises DataLoss where it is gone."""
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Deletes files; missing ones are no error."""
        ...

    def list(self, prefix: str = "") -> AsyncIterator[tuple[str, datetime]]:
        """Keys below a prefix and when each was written."""
        ...

    async def ready(self) -> bool:
        """Whether the store answers; never raises."""
        ...


# --- catalog ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVector:
    """A vector kept beside the catalog: what an index is rebuilt from, without a model."""

    name: ImageName | RegionName
    space: str
    vector: Vector


class CatalogReader(Protocol):
    """What the catalog tells. Only ACTIVE images, and regions of such, are seen."""

    async def get_collection(self, name: CollectionName) -> Collection:
        """With its counts. Raises NotFound."""
        ...

    async def get_image(self, name: ImageName) -> Image:
        """Raises NotFound."""
        ...

    async def get_images(self, names: Sequence[ImageName]) -> Mapping[ImageName, Image]:
        """Those of them that exist."""
        ...

    async def get_region(self, name: RegionName) -> Region:
        """Raises NotFound."""
        ...

    async def get_regions(self, names: Sequence[RegionName]) -> Mapping[RegionName, Region]:
        """Those of them that exist."""
        ...

    async def get_vectors(
        self, names: Sequence[ImageName | RegionName]
    ) -> Mapping[ImageName | RegionName, StoredVector]:
        """Those of them that are kept."""
        ...

    async def newest_vectors(
        self, collection: CollectionName, filter: Filter | None, limit: int
    ) -> Sequence[StoredVector]:
        """Vectors of whole images, the newest images first."""
        ...

    async def ready(self) -> bool:
        """Whether the database answers; never raises."""
        ...


# --- cache ------------------------------------------------------------------------------------------------


class Cache(Protocol):
    """Bytes by key, bounded in size and age. What it lost is made again: it never answers wrongly."""

    async def get(self, key: str) -> bytes | None:
        """None where it has none."""
        ...

    async def put(self, key: str, value: bytes) -> None:
        """Keeps a value for a while."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything that use cases are given."""

    models: Models
    pictures: Pictures
    index: VectorIndex
    blobs: Blobs
    catalog: "Catalog"
    cache: Cache
    default_embedder: str
    default_segmenter: str


class Catalog(CatalogReader, Protocol):
    """What the catalog keeps, and the steps of a write (see `index_image`)."""

"""What the use cases need of the world: models, pictures, an index, an object store, a catalog, a cache.

Adapters raise the errors of `domain.errors`: Unavailable where an engine does not answer, whatever its own
library raised.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from orchestrator.application.pace import Pace
from orchestrator.application.permits import Permits
from orchestrator.application.vocabularies import EmbeddedVocabularies
from orchestrator.domain.collection import Collection
from orchestrator.domain.embedding import Calibration, EmbeddingSpace, Vector, Vectors
from orchestrator.domain.filter import Attributes, Filter
from orchestrator.domain.image import FileFacts, Image, Label, Picture
from orchestrator.domain.labels import Labelling
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
    def region_calibration(self) -> Calibration:
        """What a cosine of a text and a region is worth: parts of a thing look like it, too."""
        ...

    @property
    def labelling(self) -> Labelling:
        """How it labels, and its own vocabulary."""
        ...

    @property
    def has_text(self) -> bool:
        """Whether it has a text tower."""
        ...

    async def embed_pictures(self, pictures: Sequence[Picture], *, bulk: bool = False) -> Vectors:
        """Embeds N pictures of any sizes: (N, D). `bulk` lets others go before. Raises Unavailable."""
        ...

    async def embed_texts(self, texts: Sequence[str]) -> TextEmbeddings:
        """Embeds N texts. Raises FailedPrecondition without a text tower, Unavailable."""
        ...


class Segmenter(Protocol):
    """A pack's segmenter."""

    async def segment(self, picture: "LazyPicture", prompt: Prompt) -> Sequence[Segment]:
        """Segments a picture. Automatic: by predicted IoU; prompts: in their order. Raises Unavailable."""
        ...


class Matcher(Protocol):
    """A pack's image-text matcher: slower than a comparison of embeddings, and sees more."""

    @property
    def stamp(self) -> str:
        """Equal for equal answers: what they are remembered by."""
        ...

    async def prepare(self, picture: Picture) -> Picture:
        """What it looks at of a picture: small enough that many can be held."""
        ...

    async def match(self, text: str, prepared: Sequence[Picture]) -> NDArray[np.float32]:
        """How likely each of N prepared pictures shows what a text says: (N,), 0 to 1. Raises Unavailable."""
        ...


class Captioner(Protocol):
    """A pack's captioner."""

    @property
    def stamp(self) -> str:
        """Equal for equal captions."""
        ...

    async def caption(self, pictures: Sequence[Picture], *, bulk: bool = False) -> list[str]:
        """A sentence about each of N pictures of any sizes; `bulk` lets others go before. Raises
        Unavailable."""
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
    """An installed pack, as people are told of it. Sizes in pixels; None where there is no such part.

    `models` are all its Triton models, `embedder_models` and `segmenter_models` those of them that these
    parts need.
    """

    name: str
    title: str
    description: str
    revision: str
    licence: str
    source: str
    models: tuple[str, ...]
    embedder_models: tuple[str, ...] = ()
    segmenter_models: tuple[str, ...] = ()
    space: EmbeddingSpace | None = None
    image_size: int | None = None
    has_text: bool = False
    context_length: int = 0
    relevance_threshold: float = 0.5
    segmenter_image_size: int | None = None
    matcher_image_size: int | None = None
    captioner_image_size: int | None = None
    captioner_max_tokens: int = 0
    label_count: int = 0


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

    def matcher(self, pack: str) -> Matcher:
        """Raises InvalidArgument where the pack is unknown or has no matcher."""
        ...

    def captioner(self, pack: str) -> Captioner:
        """Raises InvalidArgument where the pack is unknown or has no captioner."""
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


# --- the catalog's writes ---------------------------------------------------------------------------------


REQUEST_ID_TAKEN = "REQUEST_ID_TAKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """Says that an index may not yet hold what the catalog says of an image."""

    id: int
    image: ImageName
    create_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What an index should hold of one image, at one `revision` of its row.

    `vectors` are to be there, those of `removed` not; `region_labels` are those predicted for its regions.
    `entry` is the outbox entry that a write left.
    """

    image: Image
    namespace: str
    dimension: int
    revision: int
    vectors: tuple[StoredVector, ...]
    region_labels: Mapping[RegionName, tuple[Label, ...]] = field(default_factory=dict)
    removed: tuple[RegionName, ...] = ()
    entry: OutboxEntry | None = None


class Prediction(Enum):
    """What models say of an image once, and anew where the collection has come to name another model."""

    LABELS = "LABELS"
    CAPTION = "CAPTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChange:
    """What was predicted for an image and its regions, as they were at one `revision` of its row."""

    image: ImageName
    revision: int
    vocabulary: str
    labels: Mapping[ImageName | RegionName, tuple[Label, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionChange:
    """What the captioner of a stamp wrote of an image, as it was at one `revision` of its row."""

    image: ImageName
    revision: int
    captioner: str
    caption: str


PredictionChange: TypeAlias = LabelChange | CaptionChange


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """A request id (AIP-155) and what it made; `payload` is a hash of the request."""

    request_id: str
    payload: str
    image: ImageName


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionTotals:
    """Sums over a collection.

    `labelled_otherwise`: images whose labels are not of a vocabulary, or that an index may not yet hold so;
    `captioned_otherwise`: those of a captioner, but for callers' captions.
    """

    pending_images: int
    labelled_otherwise: int
    captioned_otherwise: int
    content_bytes: int


class ImageOrder(Enum):
    """Orders of a list of images; of equal times, by name."""

    CREATE_TIME = "create_time"
    CREATE_TIME_DESC = "create_time desc"
    NAME = "name"
    NAME_DESC = "name desc"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageKey:
    """Where a page of images ended."""

    create_time: datetime
    image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionKey:
    """Where a page of regions ended."""

    area: int
    region: str


class Catalog(CatalogReader, Protocol):
    """What the catalog keeps, and the steps of a write.

    Whatever changes what an index should hold is written in one transaction with an `OutboxEntry`; `settle`
    then brings the index in line, and `finish` clears the entry. All writes are durable when they return.
    """

    async def add_collection(self, collection: Collection) -> None:
        """Raises AlreadyExists."""
        ...

    async def list_collections(self, *, limit: int, after: str = "") -> Sequence[Collection]:
        """ACTIVE collections by id, those behind the id `after`."""
        ...

    async def change_collection(self, collection: Collection, *, etag: str) -> None:
        """Writes what may change of a collection whose etag still is `etag`. Raises NotFound, Aborted."""
        ...

    async def begin_collection_deletion(self, name: CollectionName, *, force: bool, etag: str) -> None:
        """Hides a collection and all that it holds. Raises NotFound; Aborted where `etag` is given and stale;
        FailedPrecondition where it holds images and `force` is false."""
        ...

    async def finish_collection_deletion(self, name: CollectionName, *, limit: int) -> Sequence[Image]:
        """The next images of a collection under deletion; with none left, the collection itself goes."""
        ...

    async def remove_images(self, names: Sequence[ImageName]) -> None:
        """Removes the rows of images of a collection that is being deleted."""
        ...

    async def deleting_collections(self) -> Sequence[Collection]:
        """Collections whose deletion has begun and not ended."""
        ...

    async def collection_totals(
        self, name: CollectionName, *, vocabulary: str | None = None, captioner: str | None = None
    ) -> CollectionTotals:
        """Those predicted otherwise than by these stamps; None: none are. Raises NotFound."""
        ...

    async def find_request(self, collection: CollectionName, request_id: str) -> RequestRecord | None:
        """What an earlier call with this id made, within a day."""
        ...

    async def begin_image(
        self,
        image: Image,
        regions: Sequence[Region],
        vectors: Sequence[StoredVector],
        request: RequestRecord | None = None,
    ) -> Work:
        """Writes a PENDING image, its regions and its vectors. Raises AlreadyExists for its name,
        AlreadyExists with reason REQUEST_ID_TAKEN for the request's id, NotFound for its collection."""
        ...

    async def list_images(
        self,
        collection: CollectionName,
        *,
        filter: Filter | None = None,
        order: ImageOrder,
        limit: int,
        after: ImageKey | None = None,
    ) -> Sequence[Image]:
        """A page of images, those behind `after` in the order asked for. Raises NotFound."""
        ...

    async def count_images(self, collection: CollectionName, filter: Filter | None = None) -> int:
        """How many images a filter finds. Raises NotFound."""
        ...

    async def change_image(self, image: Image, *, etag: str) -> OutboxEntry:
        """Writes the description of an image whose etag still is `etag`. Raises NotFound, Aborted."""
        ...

    async def begin_image_deletion(self, name: ImageName, *, etag: str = "") -> OutboxEntry:
        """Hides an image. Raises NotFound; Aborted where `etag` is given and stale."""
        ...

    async def list_regions(
        self, image: ImageName, *, limit: int, after: RegionKey | None = None
    ) -> Sequence[Region]:
        """A page of regions, the largest first. Raises NotFound for the image."""
        ...

    async def begin_regions(
        self,
        image: ImageName,
        regions: Sequence[Region],
        vectors: Sequence[StoredVector],
        *,
        vocabulary: str = "",
    ) -> OutboxEntry:
        """Writes hidden regions of an image, labelled from the vocabulary of a stamp.

        Where that of the image is another, it counts as labelled from neither. Raises NotFound for the image,
        AlreadyExists for a name.
        """
        ...

    async def begin_region_deletion(self, name: RegionName) -> OutboxEntry:
        """Hides a region. Raises NotFound."""
        ...

    async def read_work(self, name: ImageName) -> Work | None:
        """What an index should hold of an image in whatever state; None where there is no such image."""
        ...

    async def finish(self, work: Work, entry: OutboxEntry | None) -> bool:
        """Shows what `work` made searchable, removes what it took out, and clears the entry.

        False, and nothing is done, where the image changed since `work` was read: it has to be read again.
        """
        ...

    async def clear(self, entry: OutboxEntry) -> None:
        """Clears an entry whose image is gone."""
        ...

    async def owed(self, *, before: datetime, limit: int, after: int = 0) -> Sequence[OutboxEntry]:
        """Entries written before a time that nobody has cleared, by id, those behind the id `after`."""
        ...

    async def kept_work(self, collection: CollectionName, *, limit: int, after: str = "") -> Sequence[Work]:
        """What an index should hold of a collection's ACTIVE images, by id: what it is rebuilt from."""
        ...

    async def kept_names(
        self, collection: CollectionName, *, limit: int, after: tuple[str, str] = ("", "")
    ) -> Sequence[ImageName | RegionName]:
        """What vectors are kept of, in whatever state, by image and region id, those behind `after`."""
        ...

    async def outdated(
        self,
        collection: CollectionName,
        prediction: Prediction,
        stamp: str,
        *,
        limit: int,
        after: Image | None = None,
    ) -> Sequence[Work]:
        """Work of ACTIVE images whose labels or caption are not of this stamp, by their own stamps and ids.

        Those behind `after`, an image of such work. Callers' captions are never outdated.
        """
        ...

    async def change_predictions(
        self, collection: Collection, changes: Sequence[PredictionChange]
    ) -> Sequence[OutboxEntry]:
        """Writes what was predicted; images that changed or went are left out.

        Labels leave etags as they are; captions, which callers may change too, do not. Raises NotFound;
        Aborted where the collection is no longer as it is given.
        """
        ...

    async def revisions(self, names: Sequence[ImageName]) -> Mapping[ImageName, int]:
        """The revisions of images in whatever state; those of them that exist."""
        ...

    async def known_uids(self, uids: Sequence[str]) -> frozenset[str]:
        """Those of the uids that an image bears, in whatever state."""
        ...

    async def forget_requests(self, *, before: datetime) -> None:
        """Forgets request ids first seen before a time."""
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
    catalog: Catalog
    cache: Cache
    default_embedder: str
    default_segmenter: str
    permits: Permits = field(default_factory=Permits)
    vocabularies: EmbeddedVocabularies = field(default_factory=EmbeddedVocabularies)
    pace: Pace = field(default_factory=Pace)

"""The catalog: all that it keeps, and the steps of a write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from orchestrator.application.ports.catalog_reader import CatalogReader
from orchestrator.application.ports.catalog_texts import RequestRecord, TextCatalog
from orchestrator.application.ports.predictions import Prediction, PredictionChange
from orchestrator.application.ports.work import OutboxEntry, Record, StoredVector, Work
from orchestrator.domain.collection import Collection
from orchestrator.domain.filter import Filter
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName, EmbeddedName, ImageName, RecordName, RegionName
from orchestrator.domain.region import Region

REQUEST_ID_TAKEN = "REQUEST_ID_TAKEN"
"""The reason of an AlreadyExists: what bears the request's id was made by another request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionTotals:
    """Sums over a collection.

    `labelled_otherwise`: images whose labels are not of a vocabulary, or that an index may not yet hold so;
    `captioned_otherwise`: those of a captioner, but for callers' captions.
    """

    pending_images: int
    pending_texts: int
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


class Catalog(CatalogReader, TextCatalog, Protocol):
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
        FailedPrecondition where it holds images or texts and `force` is false."""
        ...

    async def finish_collection_deletion(self, name: CollectionName, *, limit: int) -> Sequence[Image]:
        """The next images of a collection under deletion that has no texts any more; with none left, the
        collection itself goes."""
        ...

    async def remove_images(self, left: Sequence[Image]) -> None:
        """Removes the rows of images of a collection that is being deleted; others of their names stay."""
        ...

    async def deleting_collections(self, *, before: datetime) -> Sequence[Collection]:
        """Collections whose deletion has begun before a time and not ended."""
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
    ) -> Work[Image]:
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

    async def read_work(self, name: RecordName) -> Work[Record] | None:
        """What an index should hold of an image or text in whatever state; None where there is none such."""
        ...

    async def finish(self, work: Work[Record], entry: OutboxEntry | None) -> bool:
        """Shows what `work` made searchable, removes what it took out, and clears the entry.

        False, and nothing is done, where the record changed since `work` was read: it has to be read again.
        """
        ...

    async def owe(self, names: Sequence[RecordName]) -> Sequence[OutboxEntry]:
        """Leaves an entry each, in their order, before an index is written from what was read earlier."""
        ...

    async def clear(self, entries: Sequence[OutboxEntry]) -> None:
        """Clears entries whose records are gone, or stand in the index as they are."""
        ...

    async def owed(self, *, before: datetime, limit: int, after: int = 0) -> Sequence[OutboxEntry]:
        """Entries written before a time that nobody has cleared, by id, those behind the id `after`."""
        ...

    async def kept_work(
        self, collection: CollectionName, *, limit: int, after: RecordName | None = None
    ) -> Sequence[Work[Record]]:
        """What an index should hold of a collection's ACTIVE images by id, and then of its texts by id.

        Those behind `after`; on one page are images, or texts. An index is rebuilt from it.
        """
        ...

    async def kept_names(
        self, collection: CollectionName, *, limit: int, after: EmbeddedName | None = None
    ) -> Sequence[EmbeddedName]:
        """What vectors are kept of, in whatever state: by image and region id, then by text id.

        Those behind `after`; on one page are images with regions, or texts.
        """
        ...

    async def outdated(
        self,
        collection: CollectionName,
        prediction: Prediction,
        stamp: str,
        *,
        limit: int,
        after: Image | None = None,
    ) -> Sequence[Work[Image]]:
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

    async def revisions(self, names: Sequence[RecordName]) -> Mapping[RecordName, int]:
        """The revisions of images and texts in whatever state; those of them that exist."""
        ...

    async def known_uids(self, uids: Sequence[str]) -> frozenset[str]:
        """Those of the uids that an image bears, in whatever state."""
        ...

    async def forget_requests(self, *, before: datetime) -> None:
        """Forgets request ids first seen before a time."""
        ...

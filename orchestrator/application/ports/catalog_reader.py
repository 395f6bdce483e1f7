"""The catalog's half that only reads."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from orchestrator.application.ports.work import StoredVector
from orchestrator.domain.collection import Collection
from orchestrator.domain.filter import Filter
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName, EmbeddedName, ImageName, RegionName
from orchestrator.domain.region import Region


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

    async def get_vectors(self, names: Sequence[EmbeddedName]) -> Mapping[EmbeddedName, StoredVector]:
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

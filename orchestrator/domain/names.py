"""Resource names (AIP-122), such as `collections/{collection}/images/{image}/regions/{region}`."""

import re
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID, uuid5

from orchestrator.domain.errors import InvalidArgument

COLLECTION_ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
IMAGE_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._~-]{0,127}")
TEXT_ID = IMAGE_ID

# Namespace of the ids under which vectors stand in an index: uuid5 of the resource name, so that writing
# a vector twice changes nothing.
VECTOR_NAMESPACE = UUID("6f9d1d9e-3c55-5e0b-9d5d-0b8d4d8a2f10")


@dataclass(frozen=True, slots=True, order=True)
class CollectionName:
    """`collections/{collection}`."""

    collection: str

    def __str__(self) -> str:
        return f"collections/{self.collection}"


@dataclass(frozen=True, slots=True, order=True)
class ImageName:
    """`collections/{collection}/images/{image}`."""

    collection: str
    image: str

    def __str__(self) -> str:
        return f"collections/{self.collection}/images/{self.image}"

    @property
    def parent(self) -> CollectionName:
        """The collection."""
        return CollectionName(self.collection)


@dataclass(frozen=True, slots=True, order=True)
class RegionName:
    """`collections/{collection}/images/{image}/regions/{region}`."""

    collection: str
    image: str
    region: str

    def __str__(self) -> str:
        return f"collections/{self.collection}/images/{self.image}/regions/{self.region}"

    @property
    def parent(self) -> ImageName:
        """The image."""
        return ImageName(self.collection, self.image)


@dataclass(frozen=True, slots=True, order=True)
class TextName:
    """`collections/{collection}/texts/{text}`."""

    collection: str
    text: str

    def __str__(self) -> str:
        return f"collections/{self.collection}/texts/{self.text}"

    @property
    def parent(self) -> CollectionName:
        """The collection."""
        return CollectionName(self.collection)


RecordName: TypeAlias = ImageName | TextName
"""What is put into a collection by itself."""

EmbeddedName: TypeAlias = ImageName | RegionName | TextName
"""What has a vector."""


def vector_id(name: str) -> UUID:
    """The id of a resource's vector, in indexes that take no names for ids."""
    return uuid5(VECTOR_NAMESPACE, name)


@dataclass(frozen=True, slots=True, order=True)
class ScheduleName:
    """`collections/{collection}/schedules/{schedule}`."""

    collection: str
    schedule: str

    def __str__(self) -> str:
        return f"collections/{self.collection}/schedules/{self.schedule}"

    @property
    def parent(self) -> CollectionName:
        """The collection."""
        return CollectionName(self.collection)


@dataclass(frozen=True, slots=True, order=True)
class OperationName:
    """`operations/{operation}`."""

    operation: str

    def __str__(self) -> str:
        return f"operations/{self.operation}"


def parse_collection(name: str, field: str = "name") -> CollectionName:
    """Reads `collections/{collection}`. Raises InvalidArgument, naming `field`."""
    match name.split("/"):
        case ["collections", collection] if COLLECTION_ID.fullmatch(collection):
            return CollectionName(collection)
    raise InvalidArgument.field(field, f"{name!r} is not of the form collections/COLLECTION")


def parse_image(name: str, field: str = "name") -> ImageName:
    """Reads `collections/{collection}/images/{image}`. Raises InvalidArgument, naming `field`."""
    match name.split("/"):
        case ["collections", collection, "images", image] if COLLECTION_ID.fullmatch(
            collection
        ) and IMAGE_ID.fullmatch(image):
            return ImageName(collection, image)
    raise InvalidArgument.field(field, f"{name!r} is not of the form collections/COLLECTION/images/IMAGE")


def parse_region(name: str, field: str = "name") -> RegionName:
    """Reads a region's name, as `RegionName` writes it. Raises InvalidArgument, naming `field`."""
    parts = name.split("/")
    if len(parts) == 6 and parts[4] == "regions" and IMAGE_ID.fullmatch(parts[5]):
        image = parse_image("/".join(parts[:4]), field)
        return RegionName(image.collection, image.image, parts[5])
    raise InvalidArgument.field(
        field, f"{name!r} is not of the form collections/COLLECTION/images/IMAGE/regions/REGION"
    )


def parse_text(name: str, field: str = "name") -> TextName:
    """Reads `collections/{collection}/texts/{text}`. Raises InvalidArgument, naming `field`."""
    match name.split("/"):
        case ["collections", collection, "texts", text] if COLLECTION_ID.fullmatch(
            collection
        ) and TEXT_ID.fullmatch(text):
            return TextName(collection, text)
    raise InvalidArgument.field(field, f"{name!r} is not of the form collections/COLLECTION/texts/TEXT")


def parse_embedded(name: str, field: str = "name") -> EmbeddedName:
    """Reads the name of an image, a region or a text. Raises InvalidArgument, naming `field`."""
    match name.split("/"):
        case [_, _, "texts", _]:
            return parse_text(name, field)
        case [_, _, _, _]:
            return parse_image(name, field)
    return parse_region(name, field)


def parse_schedule(name: str, field: str = "name") -> ScheduleName:
    """Reads `collections/{collection}/schedules/{schedule}`. Raises InvalidArgument, naming `field`."""
    match name.split("/"):
        case ["collections", collection, "schedules", schedule] if COLLECTION_ID.fullmatch(
            collection
        ) and COLLECTION_ID.fullmatch(schedule):
            return ScheduleName(collection, schedule)
    raise InvalidArgument.field(
        field, f"{name!r} is not of the form collections/COLLECTION/schedules/SCHEDULE"
    )


def parse_operation(name: str, field: str = "name") -> OperationName:
    """Reads `operations/{operation}`. Raises InvalidArgument, naming `field`."""
    match name.split("/"):
        case ["operations", operation] if IMAGE_ID.fullmatch(operation):
            return OperationName(operation)
    raise InvalidArgument.field(field, f"{name!r} is not of the form operations/OPERATION")

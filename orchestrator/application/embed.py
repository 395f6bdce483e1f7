"""Embeds texts and pictures, reads stored vectors, compares them and lays them out."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from orchestrator.application.filters import parse_filter
from orchestrator.application.ports import Embedder, Ports
from orchestrator.domain.collection import DEFAULT_COLLECTION, Collection
from orchestrator.domain.embedding import EmbeddingSpace, Vector, Vectors
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, NotFound
from orchestrator.domain.image import Picture
from orchestrator.domain.names import CollectionName, EmbeddedName, ImageName, RegionName

MAX_CONTENTS = 256
DEFAULT_POINTS, MAX_POINTS = 1000, 10_000

_PIXELS_AT_ONCE = 32_000_000  # decoded pictures held before they are embedded, about 100 MB


@dataclass(frozen=True, slots=True)
class TextContent:
    """A text."""

    text: str


@dataclass(frozen=True, slots=True)
class PictureContent:
    """A picture's file."""

    content: bytes


@dataclass(frozen=True, slots=True)
class StoredContent:
    """A stored image or region: its vector is read, not made again."""

    name: ImageName | RegionName


Content: TypeAlias = TextContent | PictureContent | StoredContent


@dataclass(frozen=True, slots=True, kw_only=True)
class Embeddings:
    """`vectors` (N, D) in the order of the contents, and the space that they live in."""

    vectors: Vectors
    space: EmbeddingSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`cosines` and `relevances`, both (rows, columns) float32."""

    cosines: NDArray[np.float32]
    relevances: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Images in the plane: `points` (N, 2) float32; `explained_variance` 0 to 1."""

    images: tuple[ImageName, ...]
    points: NDArray[np.float32]
    explained_variance: float


async def embed_content(
    ports: Ports, *, parent: CollectionName, contents: Sequence[Content], field: str = "contents"
) -> Embeddings:
    """Embeds texts and pictures with a collection's pack.

    Raises NotFound, InvalidArgument (with the place in `field`), FailedPrecondition for a text where the pack
    has no text tower or for a vector of another pack, ResourceExhausted, Unavailable.
    """
    if not 1 <= len(contents) <= MAX_CONTENTS:
        raise InvalidArgument.field(field, f"must hold 1 to {MAX_CONTENTS}")
    embedder = embedder_of(ports, await ports.catalog.get_collection(parent))
    vectors: dict[int, Vector] = {}
    texts = {place: each.text for place, each in enumerate(contents) if isinstance(each, TextContent)}
    if texts:
        embedded = await embedder.embed_texts(list(texts.values()))
        vectors.update(zip(texts, embedded.vectors, strict=True))
    names = {place: each.name for place, each in enumerate(contents) if isinstance(each, StoredContent)}
    for place, name in names.items():
        check_parent(name, parent, f"{field}[{place}].name")
    vectors.update(zip(names, await stored_vectors(ports, list(names.values()), embedder.space), strict=True))
    files = {place: each.content for place, each in enumerate(contents) if isinstance(each, PictureContent)}
    if files:
        async with ports.permits.take(sum(map(len, files.values()))):
            vectors.update(await _embed_files(ports, embedder, files, field))
    return Embeddings(
        vectors=np.stack([vectors[place] for place in range(len(contents))]), space=embedder.space
    )


async def compare_embeddings(
    ports: Ports, *, parent: CollectionName, rows: Sequence[Content], columns: Sequence[Content]
) -> Comparison:
    """Compares each of some contents with each of others. Raises as `embed_content` does."""
    left = await embed_content(ports, parent=parent, contents=rows, field="rows")
    right = await embed_content(ports, parent=parent, contents=columns, field="columns")
    calibration = embedder_of(ports, await ports.catalog.get_collection(parent)).calibration
    cosines = np.clip(left.vectors @ right.vectors.T, -1.0, 1.0).astype(np.float32)
    relevances = np.vectorize(calibration.relevance, otypes=[np.float32])(cosines)
    return Comparison(cosines=cosines, relevances=relevances)


async def project_embeddings(
    ports: Ports, *, parent: CollectionName, filter: str = "", max_points: int = 0
) -> Projection:
    """Lays a collection's newest image vectors out by their two principal components.

    Raises NotFound, InvalidArgument.
    """
    if not 0 <= max_points <= MAX_POINTS:
        raise InvalidArgument.field("max_points", f"must be from 0 to {MAX_POINTS}")
    parsed = parse_filter(filter)
    collection = await ports.catalog.get_collection(parent)
    stored = await ports.catalog.newest_vectors(parent, parsed, max_points or DEFAULT_POINTS)
    found = [(each.name, each.vector) for each in stored if each.space == collection.space]
    names = [name for name, _ in found if isinstance(name, ImageName)]
    vectors = np.array([vector for name, vector in found if isinstance(name, ImageName)], np.float64)
    points, explained = await asyncio.to_thread(
        principal_components, vectors.reshape(len(names), collection.dimension)
    )
    return Projection(images=tuple(names), points=points, explained_variance=explained)


def principal_components(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float32], float]:
    """(N, D) vectors in the plane of their two principal components (Hotelling, 1933): (N, 2) float32, and
    the share of the variance that it holds. Signs are fixed: an axis's largest coordinate is positive."""
    points = np.zeros((len(vectors), 2))
    if len(vectors) < 2:
        return points.astype(np.float32), float(len(vectors))
    centred = vectors - vectors.mean(axis=0)
    wide = vectors.shape[1] > len(vectors)
    values, axes = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    total = max(float(values.sum()), 1e-30)
    for place in range(min(2, len(values))):
        value, axis = max(float(values[-1 - place]), 0.0), axes[:, -1 - place]
        points[:, place] = axis * np.sqrt(value) if wide else centred @ axis
        points[:, place] *= np.sign(points[np.abs(points[:, place]).argmax(), place]) or 1.0
    return points.astype(np.float32), float(np.clip(values[-2:].sum() / total, 0, 1))


def embedder_of(ports: Ports, collection: Collection) -> Embedder:
    """The embedder whose vectors a collection holds.

    Raises FailedPrecondition where its pack is not installed, or is installed in another revision: vectors of
    two spaces have nothing to say to each other.
    """
    metadata = {
        "collection": str(collection.name),
        "embedder": collection.embedder,
        "space": collection.space,
    }
    try:
        embedder = ports.models.embedder(collection.embedder)
    except InvalidArgument as error:
        raise FailedPrecondition(
            f"the embedder of {collection.name}, {collection.embedder}, is not installed",
            reason="PACK_NOT_INSTALLED",
            metadata=metadata,
        ) from error
    if embedder.space.stamp != collection.space:
        raise FailedPrecondition(
            f"{collection.name} holds vectors of {collection.space}, and {embedder.space.stamp} is "
            f"installed: add its pictures to a new collection, or {_or_else(collection.name)}",
            reason="EMBEDDING_SPACE_MISMATCH",
            metadata=metadata | {"installed": embedder.space.stamp},
        )
    return embedder


def _or_else(name: CollectionName) -> str:
    if name == DEFAULT_COLLECTION:  # it cannot be deleted; an empty one is made anew at the next start
        return "delete them and start again, or start with another SIGHTLINE_DATA_DIR"
    return "delete it with force and create it again"


async def stored_vectors(ports: Ports, names: Sequence[EmbeddedName], space: EmbeddingSpace) -> list[Vector]:
    """The kept vectors of some names. Raises NotFound, FailedPrecondition for another space."""
    if not names:
        return []
    kept = await ports.catalog.get_vectors(names)
    for name in names:
        if name not in kept:
            raise NotFound.resource(str(name))
        if kept[name].space != space.stamp:
            raise FailedPrecondition(
                f"the vector of {name} is of {kept[name].space}, not of {space.stamp}",
                reason="EMBEDDING_SPACE_MISMATCH",
                metadata={"resource": str(name), "space": kept[name].space, "installed": space.stamp},
            )
    return [kept[name].vector for name in names]


def check_parent(name: EmbeddedName, parent: CollectionName, field: str) -> None:
    """Raises InvalidArgument, naming `field`, for what lies in another collection."""
    if name.collection != parent.collection:
        raise InvalidArgument.field(field, f"{name} is not in {parent}")


async def _embed_files(
    ports: Ports, embedder: Embedder, files: dict[int, bytes], field: str
) -> dict[int, Vector]:
    found: dict[int, Vector] = {}
    waiting: dict[int, Picture] = {}
    for place, content in files.items():
        decoded = await ports.pictures.decode(content, f"{field}[{place}].image")
        waiting[place] = decoded.pixels
        full = sum(picture.size // 3 for picture in waiting.values()) > _PIXELS_AT_ONCE
        if full or len(found) + len(waiting) == len(files):
            found.update(zip(waiting, await embedder.embed_pictures(list(waiting.values())), strict=True))
            waiting = {}
    return found

"""What a search may ask with, and the vector that it comes to."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from orchestrator.application.content import check_box, stored_file
from orchestrator.application.embed import check_parent, stored_vectors
from orchestrator.application.ports import Embedder, Ports
from orchestrator.domain.embedding import EmbeddingSpace, Vector
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument
from orchestrator.domain.image import Image, Picture
from orchestrator.domain.names import CollectionName, EmbeddedName, ImageName
from orchestrator.domain.region import Box, crop


@dataclass(frozen=True, slots=True)
class TextQuery:
    """What it shows, in words."""

    text: str


@dataclass(frozen=True)
class PictureQuery:
    """What looks like this picture's file."""

    content: bytes

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file, computed once: `search` first asks for it, off the event loop."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """What is like this image, region or text of the collection. It does not find itself."""

    name: EmbeddedName


@dataclass(frozen=True, slots=True)
class BoxQuery:
    """What looks like this part of an image of the collection."""

    image: ImageName
    box: Box


@dataclass(frozen=True, slots=True)
class VectorQuery:
    """What lies near this embedding, of any length but 0.

    `pack`, `revision` and `preprocessing` tell the space that it was embedded in, as far as is known.
    """

    values: Sequence[float]
    pack: str = ""
    revision: str = ""
    preprocessing: str = ""


Query: TypeAlias = TextQuery | PictureQuery | StoredQuery | BoxQuery | VectorQuery


async def embed_query(
    ports: Ports, embedder: Embedder, parent: CollectionName, query: Query
) -> tuple[Vector, bool]:
    """The query's vector, and whether words of it were cut off.

    Raises NotFound, InvalidArgument, FailedPrecondition, Unavailable, ResourceExhausted.
    """
    match query:
        case TextQuery(text):
            if not embedder.has_text:
                pack = embedder.space.pack
                raise FailedPrecondition(
                    f"the pack {pack} of {parent} has no text tower",
                    reason="NO_TEXT_TOWER",
                    metadata={"pack": pack},
                )
            embedded = await embedder.embed_texts([text])
            return embedded.vectors[0], embedded.truncated[0]
        case PictureQuery():
            return await _embed_picture(ports, embedder, query, None), False
        case StoredQuery(name):
            check_parent(name, parent, "name")
            return (await stored_vectors(ports, [name], embedder.space))[0], False
        case BoxQuery(name, box):
            check_parent(name, parent, "box.image")
            image = await ports.catalog.get_image(name)
            check_box(box, image.facts, "box.box")
            return await _embed_picture(ports, embedder, image, box), False
        case VectorQuery():
            _check_space(query, embedder.space)
            return _normalised(query.values), False


async def _embed_picture(
    ports: Ports, embedder: Embedder, source: PictureQuery | Image, box: Box | None
) -> Vector:
    """The vector of a picture, remembered for the pages that follow."""
    sha256 = source.sha256 if isinstance(source, PictureQuery) else source.facts.sha256
    key = f"picture-embedding/{embedder.space.stamp}/{sha256}/{box}"
    kept = await ports.cache.get(key)
    if kept is not None and len(kept) == 4 * embedder.space.dimension:
        return np.frombuffer(kept, np.float32)
    content = source.content if isinstance(source, PictureQuery) else await stored_file(ports, source)
    async with ports.permits.take(len(content)):
        picture: Picture = (await ports.pictures.decode(content, "image.content")).pixels
        vector: Vector = (await embedder.embed_pictures([crop(picture, box) if box else picture]))[0]
    await ports.cache.put(key, vector.tobytes())
    return vector


def _check_space(query: VectorQuery, space: EmbeddingSpace) -> None:
    """Raises FailedPrecondition for a vector that says, or whose length shows, that it is of another pack."""
    if not len(query.values):
        raise InvalidArgument.field("vector.values", "is empty")
    for name in ("pack", "revision", "preprocessing"):
        said, own = getattr(query, name), getattr(space, name)
        if said and said != own:
            raise _of_another_pack(f"its {name} is {said}, and this collection's {own}", space)
    if len(query.values) != space.dimension:
        raise _of_another_pack(
            f"it holds {len(query.values)} numbers, and those of this collection's pack, {space.pack}, hold "
            f"{space.dimension}",
            space,
        )


def _of_another_pack(why: str, space: EmbeddingSpace) -> FailedPrecondition:
    return FailedPrecondition(
        f"the vector is of another pack: {why}",
        reason="EMBEDDING_SPACE_MISMATCH",
        metadata={"space": space.stamp, "dimension": str(space.dimension)},
    )


def _normalised(values: Sequence[float]) -> Vector:
    vector: NDArray[np.float64] = np.asarray(values, np.float64)
    largest = float(np.abs(vector).max())
    if not math.isfinite(largest) or largest == 0.0:
        raise InvalidArgument.field("vector.values", "must be finite, and not all zero")
    scaled = vector / largest  # the squares of very large or small numbers would not be finite, or zero
    return (scaled / np.linalg.norm(scaled)).astype(np.float32)

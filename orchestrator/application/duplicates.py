"""Finds groups of images that are the same or nearly so, a part of a collection at a time."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from orchestrator.application.filters import parse_filter
from orchestrator.application.paging import clamp_page_size, decode_page_token, encode_page_token
from orchestrator.application.ports import ImageKey, ImageOrder, Kind, Neighbour, Ports
from orchestrator.domain.collection import Collection
from orchestrator.domain.embedding import Vector
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.filter import Filter
from orchestrator.domain.image import Image
from orchestrator.domain.likeness import Likeness, weakest_link
from orchestrator.domain.names import CollectionName, ImageName, parse_image

MAX_GROUP = 1000
"""Images of a group; what more belongs to it makes a group of its own."""

SCANNED, SCAN_SECONDS = 2000, 5.0
"""What one page looks at, at most: then it ends, however few groups it found."""

_NEIGHBOURS, _MOST_NEIGHBOURS = 64, 1024
_HASHED = 8  # of the next nearest, how many may be alike by their hashes
_EQUAL_FILES = 0.999  # cosine that those of equal files reach, however an engine rounds
_CHUNK = 100
_SIDE_BY_SIDE = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Images that are the same or nearly so, the oldest first; each is at least so similar to another one."""

    images: tuple[ImageName, ...]
    similarity: float


async def find_duplicates(
    ports: Ports,
    *,
    parent: CollectionName,
    min_similarity: float = 0.0,
    filter: str = "",
    page_size: int = 0,
    page_token: str = "",
    seconds: float | None = None,
) -> tuple[Sequence[Group], str]:
    """A page of groups, by their oldest images, and the next page's token. No model is asked.

    `min_similarity` 0: what `Likeness` says. Each image is looked for among the index's nearest neighbours,
    never compared with all. A page looks at 2,000 images, for 5 s or half of the `seconds` that the caller
    waits: it may hold fewer groups than asked for, or none, and yet a token. Raises NotFound,
    InvalidArgument, Unavailable.
    """
    if not 0 <= min_similarity <= 1:
        raise InvalidArgument.field("min_similarity", "must be from 0 to 1")
    size, parsed = clamp_page_size(page_size), parse_filter(filter)
    likeness = Likeness()
    if min_similarity:
        likeness = Likeness(least=min_similarity, least_hashed=min_similarity)
    request = {"parent": str(parent), "min_similarity": min_similarity, "filter": filter}
    after = _read_key(decode_page_token(page_token, request))
    collection = await ports.catalog.get_collection(parent)
    ends = time.monotonic() + min(SCAN_SECONDS, SCAN_SECONDS if seconds is None else seconds / 2)
    groups: list[Group] = []
    answered: set[ImageName] = set()
    scanned = 0
    while scanned < SCANNED:
        images = await ports.catalog.list_images(
            parent, filter=parsed, order=ImageOrder.CREATE_TIME, limit=_CHUNK, after=after
        )
        neighbourhood = _Neighbourhood(ports=ports, collection=collection, filter=parsed, likeness=likeness)
        await neighbourhood.look_around([image for image in images if image.name not in answered])
        for image in images:
            after = ImageKey(create_time=image.create_time, image=image.name.image)
            group = None if image.name in answered else await neighbourhood.group_of(image)
            if group is not None:
                groups.append(group)
                answered.update(group.images)
                if len(groups) == size:
                    return groups, encode_page_token(_key(after), request)
        scanned += len(images)
        if len(images) < _CHUNK:
            return groups, ""
        if time.monotonic() > ends:
            break
    return groups, "" if after is None else encode_page_token(_key(after), request)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Neighbourhood:
    """What is alike among a collection's images; remembered for a few of them at a time."""

    ports: Ports
    collection: Collection
    filter: Filter | None
    likeness: Likeness
    _alike: dict[ImageName, Mapping[ImageName, float]] = field(default_factory=dict)
    _images: dict[ImageName, Image] = field(default_factory=dict)

    async def look_around(self, images: Sequence[Image]) -> None:
        """Looks for what is like each of the images, side by side."""
        self._images.update((image.name, image) for image in images)
        missing = [image for image in images if image.name not in self._alike]
        kept = await self.ports.catalog.get_vectors([image.name for image in missing])
        free = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def look(image: Image) -> None:
            async with free:
                self._alike[image.name] = await self._like(image, kept[image.name].vector)

        try:
            async with asyncio.TaskGroup() as group:
                for image in missing:
                    if image.name in kept:
                        group.create_task(look(image))
                    else:  # it went meanwhile
                        self._alike[image.name] = {}
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    async def group_of(self, seed: Image) -> Group | None:
        """The group whose oldest image this is; None where it is alone, or belongs to an older one."""
        members = {seed.name: seed}
        links: list[tuple[float, ImageName, ImageName]] = []
        waiting = deque([seed])
        while waiting and len(members) < MAX_GROUP:
            image = waiting.popleft()
            if image.name not in self._alike:
                await self.look_around([image, *waiting][:_SIDE_BY_SIDE])
            for name, similarity in self._alike[image.name].items():
                other = self._images[name]
                if _age(other) < _age(seed):
                    return None
                if name not in members:
                    if len(members) == MAX_GROUP:
                        continue
                    members[name] = other
                    waiting.append(other)
                links.append((similarity, image.name, name))
        if len(members) == 1:
            return None
        oldest_first = sorted(members.values(), key=_age)
        return Group(images=tuple(image.name for image in oldest_first), similarity=weakest_link(links))

    async def _like(self, image: Image, vector: Vector) -> Mapping[ImageName, float]:
        """What is like an image, and how much."""
        near = [each for each in await self._near(vector) if each.name != str(image.name)]
        certain = sum(each.cosine >= self._enough for each in near)
        hashed = [each for each in near[certain:][:_HASHED] if each.cosine >= self.likeness.least_hashed]
        cosines = {parse_image(each.name): each.cosine for each in [*near[:certain], *hashed]}
        unknown = [name for name in cosines if name not in self._images]
        if unknown:
            self._images.update(await self.ports.catalog.get_images(unknown))
        found = {}
        for name, cosine in cosines.items():
            other = self._images.get(name)
            if other and (similarity := self.likeness.between(image, other, cosine)) is not None:
                found[name] = similarity
        return found

    @property
    def _enough(self) -> float:
        """The least cosine of what is alike whatever its hash."""
        return min(self.likeness.least, _EQUAL_FILES)

    async def _near(self, vector: Vector) -> Sequence[Neighbour]:
        """The nearest neighbours: 64, or as many as are similar enough, up to 1,024."""
        limit = _NEIGHBOURS
        while True:
            near = await self.ports.index.search(
                self.collection.namespace, vector, Kind.IMAGE, limit=limit, filter=self.filter
            )
            if len(near) < limit or near[-1].cosine < self._enough or limit >= _MOST_NEIGHBOURS:
                return near
            limit = min(limit * 4, _MOST_NEIGHBOURS)


def _age(image: Image) -> tuple[datetime, str]:
    return image.create_time, image.name.image


def _key(key: ImageKey) -> Any:
    return [(key.create_time - _EPOCH) // timedelta(microseconds=1), key.image]


def _read_key(cursor: Any) -> ImageKey | None:
    if cursor is None:
        return None
    return ImageKey(create_time=_EPOCH + timedelta(microseconds=cursor[0]), image=cursor[1])

"""Puts a picture into a collection: the write path, which survives being killed between any two steps."""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

from orchestrator.application.embed import embedder_of
from orchestrator.application.ports import (
    REQUEST_ID_TAKEN,
    DecodedPicture,
    Ports,
    RequestRecord,
    StoredVector,
)
from orchestrator.application.settle import see_through, settle
from orchestrator.application.understand_image import side_by_side, understand
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import Aborted, AlreadyExists, InvalidArgument, NotFound, SightlineError
from orchestrator.domain.identifiers import new_etag, new_id
from orchestrator.domain.image import MAX_CONTENT_BYTES, Description, Image
from orchestrator.domain.import_source import AnnotatedRegion
from orchestrator.domain.names import IMAGE_ID, CollectionName, ImageName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.region import Region

First = TypeVar("First")
Second = TypeVar("Second")


@dataclass(frozen=True, kw_only=True)
class CreateImage:
    """What to create, from `content` or from what is fetched at `source_uri`. Without `image_id` the server
    chooses one, by time. With `regions` nothing is segmented."""

    parent: CollectionName
    image_id: str = ""
    content: bytes = b""
    source_uri: str = ""
    description: Description = field(default_factory=Description)
    regions: tuple[AnnotatedRegion, ...] = ()
    request_id: str = ""
    validate_only: bool = False

    @cached_property
    def payload(self) -> str:
        """A hash of what it asks for, computed once: `create_image` first asks for it, off the event loop."""
        told = json.dumps([self.image_id, asdict(self.description)], sort_keys=True)
        hasher = hashlib.sha256(f"{len(told)}:{told}".encode())
        # What a URL holds may change: the same call is the one that names the same URL.
        hasher.update(f"uri:{self.source_uri}".encode() if self.source_uri else self.content)
        return hasher.hexdigest()


async def create_image(ports: Ports, request: CreateImage) -> Image:
    """Stores, embeds, segments and indexes a picture; when it returns, the next search finds it.

    Raises InvalidArgument for what is no picture or above the limits, for a URL that must not be fetched or
    holds nothing, and for a request id that another request bore; NotFound for the collection; AlreadyExists
    for the image's id; FailedPrecondition where the collection's pack has changed; ResourceExhausted where
    too much waits; Unavailable.
    """
    _check(request)
    if request.request_id:
        await asyncio.to_thread(getattr, request, "payload")
    collection = await ports.catalog.get_collection(request.parent)
    embedder_of(ports, collection)
    if (made := await _made_before(ports, request)) is not None:
        return made
    if request.image_id:
        name = ImageName(request.parent.collection, request.image_id)
        if await ports.catalog.get_images([name]):
            raise AlreadyExists.resource(str(name))
    if request.source_uri:
        with _about_the_url(request):
            request = replace(request, content=await ports.sources.fetch(request.source_uri))
            _check(request)
    async with ports.permits.take(len(request.content)):
        with _about_the_url(request):
            decoded = await ports.pictures.decode(request.content)
        image = _image(request, decoded)
        if request.validate_only:
            return image
        return await _store(ports, request, collection, image, decoded)


@contextmanager
def _about_the_url(request: CreateImage) -> Iterator[None]:
    """Tells what is wrong with a file as being wrong with the URL that brought it, where one did."""
    try:
        yield
    except InvalidArgument as error:
        if not request.source_uri:
            raise
        raise InvalidArgument.field("source_uri", error.message, reason=error.reason) from error


async def _store(
    ports: Ports, request: CreateImage, collection: Collection, image: Image, decoded: DecodedPicture
) -> Image:
    put = ports.blobs.put(image.blob_key, request.content, content_type=image.facts.content_type)
    writing = asyncio.create_task(put)
    try:
        (image, regions, vectors), _ = await side_by_side(
            understand(ports, collection, image, decoded, request.regions), _ended(writing)
        )
    except BaseException:
        await see_through(_discard(ports, image, writing))
        raise
    try:
        return await see_through(_write(ports, request, image, regions, vectors))
    except AlreadyExists:
        await see_through(_discard(ports, image, writing))
        if (made := await _made_before(ports, request)) is not None:
            return made
        raise
    except NotFound:
        await see_through(_discard(ports, image, writing))
        raise


async def _write(
    ports: Ports,
    request: CreateImage,
    image: Image,
    regions: Sequence[Region],
    vectors: Sequence[StoredVector],
) -> Image:
    """The PENDING row with all that belongs to it, then the index, then the ACTIVE row."""
    record = None
    if request.request_id:
        record = RequestRecord(
            request_id=request.request_id,
            payload=request.payload,
            made=image.name,
        )
    try:
        work = await ports.catalog.begin_image(image, regions, vectors, record)
    except AlreadyExists as error:
        # The name may be that of a deletion that was cut short, or of a creation: end it first.
        if error.reason == REQUEST_ID_TAKEN or await settle(ports, image.name) is not None:
            raise
        work = await ports.catalog.begin_image(image, regions, vectors, record)
    made = await settle(ports, image.name, work.entry, work)
    if made is None or made.uid != image.uid:
        raise Aborted(f"{image.name} was deleted while it was created", reason="DELETED_MEANWHILE")
    return made


async def _made_before(ports: Ports, request: CreateImage) -> Image | None:
    """What the same request made earlier (AIP-155)."""
    if not request.request_id or request.validate_only:
        return None
    record = await ports.catalog.find_request(request.parent, request.request_id)
    if record is None:
        return None
    if record.payload != request.payload or not isinstance(record.made, ImageName):
        raise InvalidArgument.field(
            "request_id", "was sent with another request before", reason="REQUEST_ID_REUSED"
        )
    try:
        return await ports.catalog.get_image(record.made)
    except NotFound:
        made = await see_through(settle(ports, record.made))
        if made is None:
            raise
        return made


async def _ended(writing: asyncio.Task[None]) -> None:
    """Awaits a put, which goes on when this is cancelled: a store may write on, whatever its caller hears."""
    await asyncio.shield(writing)


async def _discard(ports: Ports, image: Image, writing: asyncio.Task[None]) -> None:
    """Deletes the file of an image that was not made, once it is wholly written or not at all."""
    with suppress(SightlineError):
        await writing
    with suppress(SightlineError):  # the sweep for files without an image is the second try
        await ports.blobs.delete([image.blob_key])


def _check(request: CreateImage) -> None:
    if request.image_id and not IMAGE_ID.fullmatch(request.image_id):
        raise InvalidArgument.field(
            "image_id", "is letters, digits, '.', '_', '~' and '-', a letter or digit first, at most 128"
        )
    if not request.content and not request.source_uri:
        raise InvalidArgument.field("content", "is empty")
    if len(request.content) > MAX_CONTENT_BYTES:
        raise InvalidArgument.field(
            "content", f"has more than {MAX_CONTENT_BYTES} bytes", reason="IMAGE_TOO_LARGE"
        )
    check_description(request.description)


def check_description(description: Description) -> None:
    """Raises InvalidArgument for texts that no database keeps."""
    if "\\u0000" in json.dumps(asdict(description)):
        raise InvalidArgument.field("image", "a text holds a NUL character")


def _image(request: CreateImage, decoded: DecodedPicture) -> Image:
    now = datetime.now(UTC)
    description = request.description
    if request.source_uri and not description.source_uri:
        description = replace(description, source_uri=request.source_uri)
    return Image(
        name=ImageName(request.parent.collection, request.image_id or new_id()),
        uid=new_id(),
        facts=decoded.facts,
        description=description,
        state=RecordState.PENDING,
        create_time=now,
        update_time=now,
        etag=new_etag(),
    )

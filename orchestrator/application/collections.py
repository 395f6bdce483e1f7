"""Creates, reads, changes and deletes collections."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypedDict, Unpack

import structlog

from orchestrator.application.caption import captioner_of
from orchestrator.application.embed import embedder_of
from orchestrator.application.paging import clamp_page_size, decode_page_token, encode_page_token
from orchestrator.application.ports import Kind, Ports
from orchestrator.application.predict_labels import vocabulary_of
from orchestrator.application.settle import see_through
from orchestrator.domain.collection import DEFAULT_COLLECTION, Collection, Segmentation
from orchestrator.domain.errors import Aborted, AlreadyExists, FailedPrecondition, InvalidArgument, NotFound
from orchestrator.domain.identifiers import new_etag
from orchestrator.domain.labels import check_words
from orchestrator.domain.names import COLLECTION_ID, CollectionName

_LETTERS_A_PAGE = 8_000_000  # of at most 4 bytes each
_REMOVED_TOGETHER = 200
_TEXTS_REMOVED_TOGETHER = 2000
_IMPORTED_FORGOTTEN_TOGETHER = 5000
_READ_TOGETHER = 200
_ATTEMPTS = 8

_log = structlog.get_logger(__name__)


class CollectionSettings(TypedDict, total=False):
    """What may be said of a collection when it is created, and changed later."""

    display_name: str
    segmenter: str
    segmentation: Segmentation | None
    matcher: str
    captioner: str
    labels_vocabulary: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionStatistics:
    """What a collection's vector index holds, and what waits for it, for labels or for a caption."""

    image_vectors: int
    region_vectors: int
    text_vectors: int
    pending_images: int
    pending_texts: int
    unlabelled_images: int
    uncaptioned_images: int
    dimension: int
    content_bytes: int


async def create_collection(
    ports: Ports,
    *,
    collection_id: str,
    embedder: str = "",
    **settings: Unpack[CollectionSettings],
) -> Collection:
    """Creates a collection; empty packs are the server's default ones.

    Raises InvalidArgument for a bad id or an unknown pack, AlreadyExists, FailedPrecondition while one of
    this name is being deleted, Unavailable.
    """
    if not COLLECTION_ID.fullmatch(collection_id):
        raise InvalidArgument.field(
            "collection_id", "is lower-case letters, digits and hyphens, a letter first, at most 63"
        )
    collection = _new(ports, collection_id, embedder, settings)
    await ports.index.create_namespace(collection.namespace, collection.dimension)
    await ports.catalog.add_collection(collection)
    return collection


async def ensure_default_collection(ports: Ports, segmentation: Segmentation | None = None) -> None:
    """Creates `collections/default` where it is missing, and anew where it is empty and of another space.

    Only the latter asks the index. Without a segmenter it does not segment, whatever `segmentation` says.
    Raises InvalidArgument where the default embedder is not installed; Unavailable.
    """
    with suppress(NotFound):
        if not await _emptied(ports, await ports.catalog.get_collection(DEFAULT_COLLECTION)):
            return
    if not _default_segmenter(ports):
        segmentation = Segmentation.OFF
    settings: CollectionSettings = {"display_name": "Default", "segmentation": segmentation}
    collection = _new(ports, DEFAULT_COLLECTION.collection, "", settings)
    with suppress(AlreadyExists):
        await ports.catalog.add_collection(collection)


async def _emptied(ports: Ports, collection: Collection) -> bool:
    """Deletes a collection that is empty and not of the default embedder's space; whether it did."""
    try:
        space = ports.models.embedder(ports.default_embedder).space.stamp
    except InvalidArgument:
        return False
    if collection.space == space or collection.image_count or collection.text_count:
        return False
    try:
        await ports.catalog.begin_collection_deletion(collection.name, force=False, etag=collection.etag)
    except FailedPrecondition:  # an image or a text came in between
        return False
    _log.warning("an empty collection changes its space", collection=str(collection.name), space=space)
    await see_through(finish_deletion(ports, collection))
    return True


async def get_collection(ports: Ports, name: CollectionName) -> Collection:
    """Raises NotFound."""
    return await ports.catalog.get_collection(name)


async def list_collections(
    ports: Ports, *, page_size: int = 0, page_token: str = ""
) -> tuple[Sequence[Collection], str]:
    """A page of collections by name, and the next page's token. Raises InvalidArgument for a bad token."""
    size = clamp_page_size(page_size)
    after = decode_page_token(page_token, {"method": "ListCollections"}) or ""
    found = await ports.catalog.list_collections(limit=size + 1, after=after)
    page = _within_a_message(found[:size])
    if len(page) == len(found):
        return page, ""
    return page, encode_page_token(page[-1].name.collection, {"method": "ListCollections"})


async def every_collection(ports: Ports) -> AsyncIterator[Collection]:
    """All ACTIVE collections by name, read a page at a time."""
    after = ""
    while page := await ports.catalog.list_collections(limit=_READ_TOGETHER, after=after):
        for collection in page:
            yield collection
        after = page[-1].name.collection


def _within_a_message(page: Sequence[Collection]) -> Sequence[Collection]:
    """As many of the first collections as one answer holds with their vocabularies; at least one."""
    letters = 0
    for place, collection in enumerate(page):
        letters += sum(map(len, collection.labels_vocabulary))
        if place and letters > _LETTERS_A_PAGE:
            return page[:place]
    return page


async def update_collection(
    ports: Ports, *, name: CollectionName, changes: Mapping[str, Any], etag: str = ""
) -> Collection:
    """Changes the settings that `changes` names; see `CollectionSettings`.

    Raises NotFound; Aborted where `etag` is given and stale; InvalidArgument for another field or an unknown
    pack.
    """
    for field in changes.keys() - CollectionSettings.__annotations__.keys():
        raise InvalidArgument.field(f"collection.{field}", "cannot be changed")
    _check_packs(ports, changes)
    for _ in range(_ATTEMPTS):
        current = await ports.catalog.get_collection(name)
        check_etag(str(name), etag, current.etag)
        changed = replace(_changed(ports, current, changes), update_time=datetime.now(UTC), etag=new_etag())
        with suppress(Aborted):  # another change came in between: this one is made to what it left
            await ports.catalog.change_collection(changed, etag=current.etag)
            return changed
    raise Aborted(f"{name} keeps changing")


def check_etag(name: str, asked: str, current: str) -> None:
    """Raises Aborted where an etag is asked for and is not the current one."""
    if asked and asked != current:
        raise Aborted(f"{name} has changed since: its etag is another one", metadata={"resource": name})


async def delete_collection(
    ports: Ports, *, name: CollectionName, force: bool = False, etag: str = ""
) -> None:
    """Deletes a collection and, with `force`, all that it holds.

    Raises NotFound; Aborted where `etag` is given and stale; FailedPrecondition where it holds images or
    texts and `force` is false, and for `collections/default`; Unavailable: it is hidden then, and recovery
    deletes it.
    """
    if name == DEFAULT_COLLECTION:
        raise FailedPrecondition(f"{name} always exists", reason="DEFAULT_COLLECTION")
    collection = await ports.catalog.get_collection(name)
    await ports.catalog.begin_collection_deletion(name, force=force, etag=etag)
    await see_through(finish_deletion(ports, collection))


async def finish_deletion(ports: Ports, collection: Collection) -> None:
    """Removes what a collection under deletion holds, and then the collection. Raises Unavailable."""
    await ports.index.delete_namespace(collection.namespace)
    while await ports.catalog.remove_texts(collection.name, limit=_TEXTS_REMOVED_TOGETHER):
        pass
    while await ports.imports.forget_collection(collection.name, limit=_IMPORTED_FORGOTTEN_TOGETHER):
        pass
    while left := await ports.catalog.finish_collection_deletion(collection.name, limit=_REMOVED_TOGETHER):
        await ports.blobs.delete([image.blob_key for image in left])
        await ports.catalog.remove_images(left)


async def collection_statistics(ports: Ports, name: CollectionName) -> CollectionStatistics:
    """Raises NotFound; Unavailable where the index does not answer."""
    collection = await ports.catalog.get_collection(name)
    vocabulary = captioner = None
    with suppress(FailedPrecondition):  # its pack is gone: nothing is labelled
        vocabulary = vocabulary_of(embedder_of(ports, collection), collection).stamp
    with suppress(FailedPrecondition):
        writer = captioner_of(ports, collection)
        captioner = writer.stamp if writer else None
    totals = await ports.catalog.collection_totals(name, vocabulary=vocabulary, captioner=captioner)
    return CollectionStatistics(
        image_vectors=await ports.index.count(collection.namespace, Kind.IMAGE),
        region_vectors=await ports.index.count(collection.namespace, Kind.REGION),
        text_vectors=await ports.index.count(collection.namespace, Kind.TEXT),
        pending_images=totals.pending_images,
        pending_texts=totals.pending_texts,
        unlabelled_images=totals.labelled_otherwise,
        uncaptioned_images=totals.captioned_otherwise,
        dimension=collection.dimension,
        content_bytes=totals.content_bytes,
    )


def _new(ports: Ports, collection_id: str, embedder: str, settings: Mapping[str, Any]) -> Collection:
    embedder = embedder or ports.default_embedder
    space = ports.models.embedder(embedder).space
    _check_packs(ports, settings)
    now = datetime.now(UTC)
    collection = Collection(
        name=CollectionName(collection_id),
        embedder=embedder,
        space=space.stamp,
        dimension=space.dimension,
        create_time=now,
        update_time=now,
        etag=new_etag(),
    )
    return _changed(ports, collection, {"segmenter": "", "segmentation": None, **settings})


def _check_packs(ports: Ports, settings: Mapping[str, Any]) -> None:
    """Raises InvalidArgument for a pack that is not installed."""
    if segmenter := settings.get("segmenter"):
        ports.models.segmenter(segmenter)
    if matcher := settings.get("matcher"):
        ports.models.matcher(matcher)
    if captioner := settings.get("captioner"):
        ports.models.captioner(captioner)


def _changed(ports: Ports, current: Collection, changes: Mapping[str, Any]) -> Collection:
    segmenter = current.segmenter
    if "segmenter" in changes:
        segmenter = changes["segmenter"] or _default_segmenter(ports)
    return replace(
        current,
        display_name=changes.get("display_name", current.display_name),
        segmenter=segmenter,
        segmentation=_segmentation(changes.get("segmentation", current.segmentation), segmenter),
        matcher=changes.get("matcher", current.matcher),
        captioner=changes.get("captioner", current.captioner),
        labels_vocabulary=_words(ports, current, changes.get("labels_vocabulary", current.labels_vocabulary)),
    )


def _words(ports: Ports, collection: Collection, words: Sequence[str]) -> tuple[str, ...]:
    """Raises InvalidArgument for words that are no labels, FailedPrecondition where no words are known."""
    checked = check_words(words, "collection.labels_vocabulary")
    if checked == collection.labels_vocabulary:
        return checked
    if checked and not embedder_of(ports, collection).has_text:
        raise FailedPrecondition(
            f"the pack {collection.embedder} of {collection.name} has no text tower to embed labels with",
            reason="NO_TEXT_TOWER",
            metadata={"pack": collection.embedder},
        )
    return checked


def _default_segmenter(ports: Ports) -> str:
    """The server's default pack, where it is installed: pictures can be found without one."""
    with suppress(InvalidArgument):
        ports.models.segmenter(ports.default_segmenter)
        return ports.default_segmenter
    return ""


def _segmentation(asked: Segmentation | None, segmenter: str) -> Segmentation:
    if asked is None:
        return Segmentation.QUICK if segmenter else Segmentation.OFF
    if asked is not Segmentation.OFF and not segmenter:
        raise InvalidArgument.field("collection.segmentation", "needs a segmenter")
    return asked
